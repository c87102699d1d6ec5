"""Models: a chain with its values, the knobs that turn them, and where it came from; files *.raphson.json."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple, Union

from numpy.typing import ArrayLike

from . import _core
from ._audio import Audio, Path, as_channels, like
from ._core import InputError
from ._parameters import check_names, checked, named, parameters_of, values_of

KnobValue = Union[float, str]


@dataclass(frozen=True)
class Knob:
    name: str  #: for people: "Peak Reduction"
    key: str  #: for programs: "peak_reduction"
    unit: str
    minimum: float
    maximum: float
    positions: Tuple[str, ...]  #: of a switch; empty for a continuous knob
    initial: KnobValue

    def setting(self, value: KnobValue) -> float:
        """The number of a value: itself, or the index of a switch's position."""
        if self.positions:
            known = [position.lower() for position in self.positions]
            if not isinstance(value, str) or value.lower() not in known:
                raise InputError(f"knob {self.key}: {value!r} must be one of {', '.join(self.positions)}")
            return float(known.index(value.lower()))
        if isinstance(value, str) or not self.minimum <= float(value) <= self.maximum:
            raise InputError(f"knob {self.key}: {value!r} must be a number from {self.minimum:g} to {self.maximum:g}")
        return float(value)


class Model:
    """A chain of blocks with its parameters, and for a unit with knobs a table of them by knob position.

    Model("compressor", {"ratio": 4}) makes one without knobs; load_model reads a file, MatchResult.model holds a
    match's.
    """

    def __init__(
        self,
        chain: str = "compressor",
        parameters: Optional[Mapping[str, float]] = None,
        *,
        name: str = "model",
        source: Optional[Mapping[str, Any]] = None,
    ):
        values = named(chain, values_of(chain, parameters or {}))
        blocks = [
            {"type": block, "parameters": {p.name.split(".")[-1]: values[p.name] for p in parameters_of(block)}}
            for block in chain.split("+")
        ]
        text: Dict[str, Any] = {"format": "raphson-model", "version": 1, "name": name, "chain": blocks}
        if source:
            text["source"] = dict(source)
        self._set(_core.Model.parse(json.dumps(text), name))

    @classmethod
    def _of(cls, core: "_core.Model") -> "Model":
        model = cls.__new__(cls)
        model._set(core)
        return model

    def _set(self, core: "_core.Model") -> None:
        self._core = core
        data = json.loads(core.to_json())
        self.name: str = data["name"]
        self.chain: str = core.chain()  #: "compressor", "compressor+eq", ...
        self.source: Dict[str, Any] = data.get("source", {})  #: recordings, esr, date, ... as far as known
        self.knobs: Tuple[Knob, ...] = tuple(_knob(knob) for knob in data.get("knobs", []))

    @property
    def parameters(self) -> Dict[str, float]:
        """By name, in physical units, with the knobs where they are at first."""
        return self.parameters_at({})

    def parameters_at(self, knobs: Optional[Mapping[str, KnobValue]] = None) -> Dict[str, float]:
        """The same with knobs, by key or name, turned; the others stay where they are at first."""
        return named(self.chain, self._values(knobs or {}))

    def render(
        self,
        audio: ArrayLike,
        sample_rate: float,
        knobs: Optional[Mapping[str, KnobValue]] = None,
        parameters: Optional[Mapping[str, float]] = None,
        *,
        threads: int = 0,
    ) -> Audio:
        """The audio as the unit would give it back, (samples,) or (channels, samples).

        knobs: {"peak_reduction": 70, "mode": "Limit"}; parameters: values of the chain to change. float32 in, float32
        out, and float64 likewise; the work is done in double. threads=0: all.
        """
        values = self._values(knobs or {})
        if parameters:
            known = parameters_of(self.chain)
            check_names(parameters, [p.name for p in known], f"the model '{self.name}'")
            values = [checked(p, parameters[p.name]) if p.name in parameters else v for p, v in zip(known, values)]
        samples = as_channels(audio, "audio")
        return like(_core.render(self.chain, values, samples, sample_rate, threads), audio)

    def save(self, path: Path) -> None:
        """Writes the model file, whole or not at all."""
        self._core.write(os.fspath(path))

    def _values(self, knobs: Mapping[str, KnobValue]) -> List[float]:
        by_name = {knob.name: knob.key for knob in self.knobs}
        given = {by_name.get(name, name): value for name, value in knobs.items()}
        check_names(given, [knob.key for knob in self.knobs], f"the model '{self.name}'")
        if not self.knobs:
            return self._core.values()
        return self._core.values_at([knob.setting(given.get(knob.key, knob.initial)) for knob in self.knobs])

    def __repr__(self) -> str:
        knobs = f", knobs: {', '.join(knob.key for knob in self.knobs)}" if self.knobs else ""
        return f"<raphson.Model {self.name!r}: {self.chain}{knobs}>"


def _knob(data: Mapping[str, Any]) -> Knob:
    positions = tuple(data.get("positions", ()))
    minimum, maximum = (0.0, len(positions) - 1.0) if positions else (data["minimum"], data["maximum"])
    initial = data.get("initial", positions[0] if positions else minimum)
    return Knob(data["name"], data["key"], data.get("unit", ""), minimum, maximum, positions, initial)


def load_model(path: Path) -> Model:
    """Reads a model file, *.raphson.json. Refuses what is none, naming the field."""
    return Model._of(_core.Model.read(os.fspath(path)))


def render(
    model: Union[Model, Path],
    audio: ArrayLike,
    sample_rate: float,
    knobs: Optional[Mapping[str, KnobValue]] = None,
    parameters: Optional[Mapping[str, float]] = None,
    *,
    threads: int = 0,
) -> Audio:
    """Model.render of a model or of a model file."""
    loaded = model if isinstance(model, Model) else load_model(model)
    return loaded.render(audio, sample_rate, knobs, parameters, threads=threads)
