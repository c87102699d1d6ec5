"""The compressor's gain and the conversions under torchcomp's names and in its conventions, for NumPy."""

from __future__ import annotations

from typing import Any, Optional, Tuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._audio import Audio, as_channels, like
from ._core import InputError


def ms2coef(ms: ArrayLike, sample_rate: float) -> Any:
    """The one-pole coefficient of a time in ms, 1 - exp(-2200 / (sample_rate ms))."""
    return -np.expm1(-2200 / (sample_rate * np.asarray(ms, dtype=np.float64)))


def coef2ms(coef: ArrayLike, sample_rate: float) -> Any:
    """The time in ms of a one-pole coefficient in (0, 1)."""
    return -2200 / (sample_rate * np.log1p(-np.asarray(coef, dtype=np.float64)))


def amp2db(amplitude: ArrayLike) -> Any:
    """20 log10 of an amplitude."""
    return 20 * np.log10(amplitude)


def db2amp(db: ArrayLike) -> Any:
    """The amplitude of a level in dB."""
    return 10 ** (np.asarray(db, dtype=np.float64) / 20)


def compressor_gain(level: ArrayLike, ct: ArrayLike, cr: ArrayLike, at: ArrayLike, rt: ArrayLike) -> Audio:
    """The gain that a compressor gives to a signal of this level: torchcomp's compexp_gain without its expander.

    level: amplitude, (samples,) or (channels, samples), such as abs(x); what lies below 1e-8 counts as 1e-8.
    ct, cr: threshold in dB and ratio, at least 1. at, rt: coefficients of attack and release in (0, 1], which
    ms2coef gives. Each a number or one a channel. Computed in double, returned in the level's precision.
    """
    channels = as_channels(level, "level", np.float64)
    gain = like(_core.compressor_gain(channels, _parameters(channels, ct, cr, at, rt)), level)
    return gain.astype(np.float32) if np.asarray(level).dtype == np.float32 else gain


def compressor_gain_derivatives(
    level: ArrayLike, ct: ArrayLike, cr: ArrayLike, at: ArrayLike, rt: ArrayLike, *, order: int = 1
) -> Tuple[NDArray[np.float64], NDArray[np.float64], Optional[NDArray[np.float64]]]:
    """compressor_gain with its exact derivatives by (ct, cr, at, rt), sample by sample.

    (gain, jacobian, hessian), of the level's shape with (4,) and (4, 4) before it; hessian is None unless order=2.
    Each channel's are by its own parameters. A sample of the hessian costs 128 bytes: for the derivatives of a
    loss over minutes of audio use CompressorLoss, or compressor_gain_pullback.
    """
    if order not in (1, 2):
        raise InputError(f"order: {order!r} must be 1 or 2")
    channels = as_channels(level, "level", np.float64)
    parameters = _parameters(channels, ct, cr, at, rt)
    gain, jacobian, hessian = _core.compressor_gain_derivatives(channels, parameters, order)
    return like(gain, level), like(jacobian, level), like(hessian, level) if order == 2 else None


def compressor_gain_pullback(
    level: ArrayLike, ct: ArrayLike, cr: ArrayLike, at: ArrayLike, rt: ArrayLike, by_gain: ArrayLike
) -> Tuple[NDArray[np.float64], NDArray[np.float64]]:
    """From the derivative of a loss by the gain, of the level's shape, that by the level and by the parameters.

    (by_level, by_parameters), the latter (4,) by (ct, cr, at, rt), or (channels, 4) where the level has channels:
    what the backward function of an automatic differentiation needs.
    """
    channels = as_channels(level, "level", np.float64)
    upstream = as_channels(by_gain, "by_gain", np.float64)
    by_level, by_parameters = _core.compressor_gain_pullback(channels, _parameters(channels, ct, cr, at, rt), upstream)
    return like(by_level, level), by_parameters[0] if np.ndim(level) == 1 else by_parameters


def _parameters(channels: Audio, ct: ArrayLike, cr: ArrayLike, at: ArrayLike, rt: ArrayLike) -> Audio:
    """(channels, 4), checked."""
    columns = []
    for name, given, low, high in (
        ("ct", ct, -np.inf, np.inf),
        ("cr", cr, 1, np.inf),
        ("at", at, np.nextafter(0, 1), 1),
        ("rt", rt, np.nextafter(0, 1), 1),
    ):
        values = np.asarray(given, dtype=np.float64)
        if values.shape not in ((), (1,), (len(channels),)):
            raise InputError(f"{name}: a number or one a channel is expected, not the shape {values.shape}")
        if not (np.isfinite(values) & (values >= low) & (values <= high)).all():
            wanted = {"ct": "finite", "cr": "at least 1"}.get(name, "a coefficient above 0, up to 1 (see ms2coef)")
            raise InputError(f"{name}: {given!r} must be {wanted}")
        columns.append(np.broadcast_to(values, len(channels)))
    return np.ascontiguousarray(np.stack(columns, axis=1))
