"""Blocks and chains of them as functions on arrays."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._audio import Audio, as_channels, like
from ._core import InputError
from ._parameters import indices, parameters_of, values_of


class Derivatives(NamedTuple):
    """An output with its derivatives by the parameters `names`, sample by sample, in physical units."""

    names: Tuple[str, ...]
    value: NDArray[np.float64]  #: the audio's shape
    jacobian: NDArray[np.float64]  #: (parameters,) + the audio's shape
    hessian: Optional[NDArray[np.float64]]  #: (parameters, parameters) + the audio's shape, for order=2


class _Processor:
    """What a block and a chain have in common; chain and values say which and how set."""

    chain: str
    values: List[float]

    def __call__(self, audio: ArrayLike, sample_rate: float, *, threads: int = 0) -> Audio:
        """The output for (samples,) or (channels, samples), which are channels apart from each other.

        float32 in, float32 out, and float64 likewise; the work is done in double. threads=0: all.
        """
        samples = as_channels(audio, "audio")
        return like(_core.render(self.chain, self.values, samples, sample_rate, threads), audio)

    def derivatives(
        self,
        audio: ArrayLike,
        sample_rate: float,
        parameters: Optional[Sequence[str]] = None,
        *,
        order: int = 1,
    ) -> Derivatives:
        """The output with its exact derivatives by the parameters named (or the first five, or fewer).

        order=2 adds the Hessian, by at most five parameters. Memory is that of the results:
        8 bytes a sample and derivative.
        """
        if order not in (1, 2):
            raise InputError(f"order: {order!r} must be 1 or 2")
        names = [p.name for p in parameters_of(self.chain)][:5] if parameters is None else list(parameters)
        if not names:
            raise InputError("parameters: at least one must be named")
        free = indices(self.chain, names)
        samples = as_channels(audio, "audio", np.float64)
        value, jacobian, hessian = _core.derivatives(self.chain, self.values, free, samples, sample_rate, order)
        return Derivatives(
            tuple(names),
            like(value, audio),
            like(jacobian, audio),
            like(hessian, audio) if order == 2 else None,
        )


class _Block(_Processor):
    """A block of which the dataclass's fields are the parameters."""

    def __post_init__(self) -> None:
        self.values  # refuses what is out of range

    @property
    def parameters(self) -> Dict[str, float]:
        """By name, in physical units."""
        fields: Dict[str, Any] = asdict(self)  # type: ignore[call-overload]
        return {self._prefix() + name: value for name, value in fields.items()}

    @property
    def values(self) -> List[float]:  # type: ignore[override]
        return values_of(self.chain, self.parameters)

    def _prefix(self) -> str:
        return "" if self.chain == "compressor" else self.chain + "."


@dataclass(frozen=True)
class Compressor(_Block):
    """A feed-forward compressor (C.-Y. Yu & G. Fazekas, AES AIMLA 2025).

    With knee, RMS window and look-ahead at 0 it is the five-parameter model that a match fits. Times are those
    of torchcomp: about 10% to 90% of a step (see ms2coef).
    """

    threshold_db: float = -24.0
    ratio: float = 4.0
    attack_ms: float = 5.0
    release_ms: float = 200.0
    makeup_db: float = 0.0
    knee_db: float = 0.0
    rms_ms: float = 0.0  #: 0: peak
    look_ahead_ms: float = 0.0

    chain = "compressor"


@dataclass(frozen=True)
class Equaliser(_Block):
    """Four biquads in series, low shelf, two peaks, high shelf, and a gain."""

    low_shelf_hz: float = 60.0
    low_shelf_db: float = 0.0
    peak1_hz: float = 250.0
    peak1_db: float = 0.0
    peak1_q: float = 0.7
    peak2_hz: float = 2500.0
    peak2_db: float = 0.0
    peak2_q: float = 0.7
    high_shelf_hz: float = 8000.0
    high_shelf_db: float = 0.0
    gain_db: float = 0.0

    chain = "eq"


class Chain(_Processor):
    """Blocks in series, a Compressor and an Equaliser in either order.

    raphson.Chain(raphson.Equaliser(peak1_db=3), raphson.Compressor(ratio=2))
    """

    def __init__(self, *blocks: Union[Compressor, Equaliser]):
        self.blocks = tuple(blocks)
        self.chain = "+".join(block.chain for block in blocks)
        parameters_of(self.chain)  # refuses what is no chain
        self.values = [value for block in blocks for value in block.values]

    @property
    def parameters(self) -> Dict[str, float]:
        """By name, in physical units: "ratio", "eq.peak1_hz"."""
        return {name: value for block in self.blocks for name, value in block.parameters.items()}

    def __repr__(self) -> str:
        return f"Chain({', '.join(map(repr, self.blocks))})"
