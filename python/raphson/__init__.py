"""Raphson clones a compressor from a recording before and after it, by Newton's method.

    result = raphson.match(dry, wet, sample_rate)      # NumPy arrays, (samples,) or (channels, samples)
    result.parameters["ratio"].value
    clone = result.render(other, sample_rate)

Errors that the caller can put right are raphson.InputError, a ValueError.
"""

from ._audio import read_audio, write_audio
from ._blocks import Chain, Compressor, Derivatives, Equaliser
from ._core import InputError
from ._core import version as __version__
from ._gain import (
    amp2db,
    coef2ms,
    compressor_gain,
    compressor_gain_derivatives,
    compressor_gain_pullback,
    db2amp,
    ms2coef,
)
from ._loss import ChainLoss, CompressorLoss
from ._match import HeldOut, Iteration, MatchResult, ParameterEstimate, Progress, match
from ._model import Knob, Model, load_model, render
from ._parameters import Parameter, parameters_of

__all__ = [
    "Chain",
    "ChainLoss",
    "Compressor",
    "CompressorLoss",
    "Derivatives",
    "Equaliser",
    "HeldOut",
    "InputError",
    "Iteration",
    "Knob",
    "MatchResult",
    "Model",
    "Parameter",
    "ParameterEstimate",
    "Progress",
    "amp2db",
    "coef2ms",
    "compressor_gain",
    "compressor_gain_derivatives",
    "compressor_gain_pullback",
    "db2amp",
    "load_model",
    "match",
    "ms2coef",
    "parameters_of",
    "read_audio",
    "render",
    "write_audio",
]
