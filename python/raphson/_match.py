"""Sound matching: the parameters of a chain that turn a dry recording into its wet one."""

from __future__ import annotations

import datetime
import os
import warnings
from dataclasses import dataclass
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Tuple

import numpy as np
from numpy.typing import ArrayLike

from . import _core
from ._audio import Audio, Path, as_channels
from ._core import InputError
from ._model import Model
from ._parameters import named, values_of


class Progress(NamedTuple):
    phase: str  #: "align", "start", "fit" or "finish"
    fraction: float  #: of the whole match, 0 to 1, never falling
    iteration: int
    esr: float  #: of the pre-emphasised recordings; infinite before the first fit


@dataclass(frozen=True)
class ParameterEstimate:
    name: str
    label: str  #: for people
    unit: str
    value: float
    standard_error: float  #: in the parameter's unit; infinite where the recording does not determine it
    determined: bool
    note: str  #: why not, if so


@dataclass(frozen=True)
class Iteration:
    iteration: int
    esr: float
    gradient_norm: float
    step_length: float
    seconds: float


@dataclass(frozen=True)
class HeldOut:
    """Whether the fit holds for what it has not heard: fits of one half, scored on both."""

    first_half_esr: float  #: fitted on the first half, scored there
    unseen_second_half_esr: float  #: and on the second
    second_half_esr: float  #: fitted on the second half, scored there
    unseen_first_half_esr: float  #: and on the first


@dataclass(frozen=True)
class MatchResult:
    model: Model
    sample_rate: float
    parameters: Dict[str, ParameterEstimate]  #: the fitted ones, by name
    esr: float  #: of the whole aligned clip, without pre-emphasis
    esr_before: float  #: of the dry recording at the gain that fits best
    delay_samples: float  #: of wet behind dry
    polarity_inverted: bool
    held_out: Optional[HeldOut]
    deepest_gain_reduction_db: float
    converged: bool
    stop_reason: str
    iterations: int
    evaluations: int  #: passes over the recording or its part
    seconds: float
    trace: Tuple[Iteration, ...]  #: from the best start on; first steps are on part of a long recording
    warnings: Tuple[str, ...]

    def save(self, path: Path) -> None:
        """Writes the model file (*.raphson.json), which load_model and `raphson render` read."""
        self.model.save(path)

    def render(self, audio: ArrayLike, sample_rate: Optional[float] = None, *, threads: int = 0) -> Audio:
        """Other audio as the unit would give it back; its rate is that of the match unless given."""
        return self.model.render(audio, self.sample_rate if sample_rate is None else sample_rate, threads=threads)


def match(
    dry: ArrayLike,
    wet: ArrayLike,
    sample_rate: float,
    model: str = "compressor",
    *,
    mode: str = "forward",
    start: Optional[Mapping[str, float]] = None,
    delay_samples: Optional[float] = None,
    pre_emphasis: bool = True,
    chunk_seconds: float = 12.0,
    warm_up_seconds: float = 1.0,
    starts: int = 3,
    maximum_iterations: int = 100,
    held_out: bool = True,
    threads: int = 0,
    progress: Optional[Callable[[Progress], Optional[bool]]] = None,
    name: str = "match",
) -> MatchResult:
    """Clones the unit that turned dry into wet: the five parameters of a compressor, and of an equaliser with it.

    dry, wet: (samples,) or (channels, samples), full scale at 1, of one sample rate; a mono one on either side
    serves all channels. They need not be aligned or of one length. Copied, to float32.
    model: "compressor", "eq", "compressor+eq" or "eq+compressor".
    mode: "forward" compares outputs, "inverse" the dry recording with wet / gain (for "compressor").
    start: values to begin from, instead of the search for starts. delay_samples: instead of the estimate.
    starts: Newton runs from this many of the best grid points. held_out: also fit one half and score the other.
    threads=0: all. name: of the model.
    progress: called in this thread as the match goes on; returning False ends it with the best so far.

    Raises InputError for recordings that cannot be matched: too short, silent, unrelated. Ctrl-C ends it with
    KeyboardInterrupt. What the match has to say about the recordings are warnings and MatchResult.warnings.
    """
    if mode not in ("forward", "inverse"):
        raise InputError(f"mode: {mode!r} must be 'forward' or 'inverse'")
    for label, number, least in (("starts", starts, 1), ("maximum_iterations", maximum_iterations, 1)):
        if number < least:
            raise InputError(f"{label}: {number!r} must be at least {least}")
    for label, seconds in (("chunk_seconds", chunk_seconds), ("warm_up_seconds", warm_up_seconds)):
        if not 0 <= seconds < np.inf:
            raise InputError(f"{label}: {seconds!r} must be a number of seconds, 0 or more")
    if delay_samples is not None and not np.isfinite(delay_samples):
        raise InputError("delay_samples: it must be a finite number")
    report = None if progress is None else lambda *state: progress(Progress(*state))
    found = _core.match(
        as_channels(dry, "dry", np.float32),
        as_channels(wet, "wet", np.float32),
        sample_rate,
        model,
        mode == "inverse",
        None if start is None else values_of(model, start),
        delay_samples,
        pre_emphasis,
        chunk_seconds,
        warm_up_seconds,
        starts,
        maximum_iterations,
        held_out,
        threads,
        report,
    )
    return _result(found, float(sample_rate), name)


def _result(found: Dict[str, Any], sample_rate: float, name: str) -> MatchResult:
    chain, values = found.pop("chain"), found.pop("values")
    source = {
        "sample_rate": sample_rate,
        "esr": found["esr"],
        "delay_samples": found["delay_samples"],
        "polarity_inverted": found["polarity_inverted"],
        "date": _now(),
        "program": f"raphson {_core.version}",
    }
    for warning in found["warnings"]:
        warnings.warn(warning, stacklevel=3)
    return MatchResult(
        model=Model(chain, named(chain, values), name=name, source=source),
        sample_rate=sample_rate,
        parameters={p["name"]: ParameterEstimate(**p) for p in found.pop("parameters")},
        held_out=HeldOut(**held) if (held := found.pop("held_out")) else None,
        trace=tuple(Iteration(**step) for step in found.pop("trace")),
        warnings=tuple(found.pop("warnings")),
        **found,
    )


def _now() -> str:
    """Or what SOURCE_DATE_EPOCH says, for files that can be made again to the byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    utc = datetime.timezone.utc
    moment = datetime.datetime.now(utc) if epoch is None else datetime.datetime.fromtimestamp(int(epoch), utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
