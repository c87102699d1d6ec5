"""The objectives that a match minimises, with exact gradients and Hessians, for solvers of one's own."""

from __future__ import annotations

from typing import List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._audio import as_channels
from ._core import InputError
from ._parameters import indices, parameters_of, values_of

Vector = NDArray[np.float64]


class _Loss:
    """The error-to-signal ratio of a model's output: sum of (H(model(dry) - wet))^2 over that of (H wet)^2.

    H is the pre-emphasis (1 - z^-1) / (1 - 0.995 z^-1), or nothing. The methods are exact, deterministic, release
    the GIL, and may be called from several threads.
    """

    coordinates: str  #: of p and of the derivatives by it
    names: Tuple[str, ...]  #: of the parameters, in p's order
    _loss: Union[_core.CompressorLoss, _core.ChainLoss]

    def value(self, p: ArrayLike) -> float:
        return self._loss.evaluate(_vector(p), 0)[0]

    def value_and_gradient(self, p: ArrayLike) -> Tuple[float, Vector]:
        """As scipy.optimize.minimize(..., jac=True) wants it."""
        return self._loss.evaluate(_vector(p), 1)[:2]

    def value_gradient_hessian(self, p: ArrayLike) -> Tuple[float, Vector, Vector]:
        return self._loss.evaluate(_vector(p), 2)

    def convert(self, p: ArrayLike, origin: str, to: str) -> Vector:
        """p from one kind of coordinates to another."""
        return np.asarray(self._loss.convert(_vector(p), origin, to))


class CompressorLoss(_Loss):
    """The loss of the five-parameter compressor, by the kernel of this machine's vector units.

    dry, wet: arrays of one shape, aligned sample for sample; float32 and contiguous ones are used in place and kept,
    others are copied to float32. coordinates say what p and all derivatives are by:

      "physical"       (threshold_db, ratio, attack_ms, release_ms, makeup_db)
      "natural"        (ln threshold, 1 - 1/ratio, coefficient of attack, of release, ln of the make-up's gain)
      "unconstrained"  any five numbers, whose sigmoids span the parameters' ranges: what a match moves in

    The recordings are cut into chunks of chunk_seconds that overlap by warm_up_seconds, in which the model settles
    and nothing is scored; chunks side by side are what makes it fast. A release of t ms needs t / 160 s of warm-up
    to be right to 1e-6; chunk_seconds=None plays the whole in one. scored: (first, end), the samples that count.
    threads=0: all. precision="single": the Hessian (with value and gradient beside it) to some 1e-6, faster where
    there are 16 chunks or more; value and value_and_gradient are always in double.
    """

    def __init__(
        self,
        dry: ArrayLike,
        wet: ArrayLike,
        sample_rate: float,
        *,
        coordinates: str = "physical",
        pre_emphasis: bool = True,
        chunk_seconds: Optional[float] = 12.0,
        warm_up_seconds: float = 1.0,
        scored: Optional[Tuple[int, int]] = None,
        threads: int = 0,
        precision: str = "double",
    ):
        self.coordinates = coordinates
        self.names = tuple(p.name for p in parameters_of("compressor")[:5])
        if precision not in ("double", "single"):
            raise InputError(f"precision: {precision!r} must be 'double' or 'single'")
        self._loss = _core.CompressorLoss(
            _recordings(
                dry, wet, sample_rate, pre_emphasis, chunk_seconds, warm_up_seconds, scored, threads, precision
            ),
            coordinates,
        )


class ChainLoss(_Loss):
    """The loss of any chain by the parameters named in `free`, at most 16; slower than CompressorLoss.

    chain: "compressor", "eq", "compressor+eq" or "eq+compressor"; parameters: values of those that are not free, and
    of the free ones for start. free: names as parameters_of(chain) has them, or all that a match fits, which are all but
    knee, RMS window and look-ahead, and the equaliser's gain beside a compressor. coordinates: "physical" or
    "unconstrained". The Hessian is exact, by second-order automatic differentiation, one chunk a thread. The rest as
    in CompressorLoss.
    """

    def __init__(
        self,
        dry: ArrayLike,
        wet: ArrayLike,
        sample_rate: float,
        chain: str = "compressor+eq",
        parameters: Optional[Mapping[str, float]] = None,
        free: Optional[Sequence[str]] = None,
        *,
        coordinates: str = "physical",
        pre_emphasis: bool = True,
        chunk_seconds: Optional[float] = 12.0,
        warm_up_seconds: float = 1.0,
        scored: Optional[Tuple[int, int]] = None,
        threads: int = 0,
    ):
        values = values_of(chain, parameters or {})
        self.coordinates = coordinates
        self.chain = chain
        self.names = tuple(_core.fitted_parameters(chain) if free is None else free)
        if not self.names:
            raise InputError("free: at least one parameter must be named")
        positions = indices(chain, list(self.names))
        self.start = np.array([values[i] for i in positions])  #: of the free parameters, in coordinates
        self._loss = _core.ChainLoss(
            _recordings(dry, wet, sample_rate, pre_emphasis, chunk_seconds, warm_up_seconds, scored, threads, "double"),
            coordinates,
            chain,
            values,
            positions,
        )
        self.start = self.convert(self.start, "physical", coordinates)


def _recordings(
    dry: ArrayLike,
    wet: ArrayLike,
    sample_rate: float,
    pre_emphasis: bool,
    chunk_seconds: Optional[float],
    warm_up_seconds: float,
    scored: Optional[Tuple[int, int]],
    threads: int,
    precision: str,
) -> _core.Recordings:
    samples = as_channels(dry, "dry", np.float32)
    if not 0 <= warm_up_seconds < np.inf:
        raise InputError(f"warm_up_seconds: {warm_up_seconds!r} must be a number of seconds, 0 or more")
    if chunk_seconds is None:
        chunk_seconds = (samples.shape[1] + 1) / sample_rate + warm_up_seconds
    if not 0 < chunk_seconds < np.inf:
        raise InputError(f"chunk_seconds: {chunk_seconds!r} must be a number of seconds above 0")
    return _core.Recordings(
        samples,
        as_channels(wet, "wet", np.float32),
        sample_rate,
        pre_emphasis,
        chunk_seconds,
        warm_up_seconds,
        scored,
        threads,
        precision == "single",
    )


def _vector(p: Union[ArrayLike, Sequence[float]]) -> List[float]:
    return [float(x) for x in np.asarray(p, dtype=np.float64).ravel()]
