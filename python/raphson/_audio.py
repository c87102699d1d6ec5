"""Audio as NumPy arrays: (samples,) of one channel or (channels, samples), full scale at 1."""

from __future__ import annotations

import os
from typing import Any, Tuple, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._core import InputError

Path = Union[str, "os.PathLike[str]"]
Audio = NDArray[Any]


def as_channels(audio: ArrayLike, name: str, dtype: Any = None) -> Audio:
    """(channels, samples), contiguous, of dtype, or float32 or float64 as it comes. Copies only what is not so yet."""
    array = np.asarray(audio)
    if array.dtype.kind not in "fiu":
        raise InputError(f"{name}: an array of numbers is expected, not of {array.dtype}")
    if dtype is None:
        dtype = np.float32 if array.dtype == np.float32 else np.float64
        if array.dtype.kind != "f":
            raise InputError(f"{name}: floats with full scale at 1 are expected, not {array.dtype}")
    if array.ndim not in (1, 2):
        raise InputError(f"{name}: the shape must be (samples,) or (channels, samples), not {array.shape}")
    return np.ascontiguousarray(np.atleast_2d(array), dtype=dtype)


def like(channels: Audio, audio: ArrayLike) -> Audio:
    """With the shape that the caller's audio has."""
    return channels.reshape(channels.shape[:-2] + channels.shape[-1:]) if np.ndim(audio) == 1 else channels


def read_audio(path: Path) -> Tuple[NDArray[np.float32], float]:
    """The samples of a WAV, AIFF, FLAC or OGG, (channels, samples), and its sample rate."""
    return _core.read_audio(os.fspath(path))


def write_audio(path: Path, audio: ArrayLike, sample_rate: float) -> int:
    """Writes what the path's ending says: .wav in 32-bit float, .aiff and .flac in 24 bits, .ogg.

    Returns how many samples were clipped, which a .wav never does.
    """
    return _core.write_audio(os.fspath(path), as_channels(audio, "audio", np.float32), sample_rate)
