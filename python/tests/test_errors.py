"""What cannot be is refused in one line that says what would be right."""

import re
from pathlib import Path

import numpy as np
import pytest
import reference

import raphson

rate = 8000
la2a_model = Path(__file__).resolve().parents[2] / "assets" / "models" / "la2a.raphson.json"
x, long = np.zeros(100, np.float32), reference.bursts(2 * rate)


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: raphson.Compressor(ratio=0.5), "ratio: 0.5 must be a number from 1 to 100"),
        (lambda: raphson.Compressor(ratio=float("nan")), "ratio"),
        (lambda: raphson.Chain(), "unknown model ''"),
        (lambda: raphson.Chain(raphson.Compressor(), raphson.Compressor()), "unknown model"),
        (lambda: raphson.Compressor()(np.zeros((2, 3, 4)), rate), "audio: the shape must be"),
        (lambda: raphson.Compressor()(np.zeros(3, np.int16), rate), "floats with full scale at 1"),
        (lambda: raphson.Compressor()([], rate), "audio: an array with no samples"),
        (lambda: raphson.Compressor()([0, np.inf], rate), "sample 1 of channel 0 is not a finite number"),
        (lambda: raphson.Compressor()(x, 0), "sample_rate"),
        (lambda: raphson.Compressor().derivatives(x, rate, ["rato"]), "no 'rato'"),
        (lambda: raphson.compressor_gain(x, -20, 0.5, 0.1, 0.1), "cr: 0.5 must be at least 1"),
        (lambda: raphson.compressor_gain(x, -20, 4, 5.0, 0.1), "at: 5.0 must be a coefficient"),
        (lambda: raphson.compressor_gain(x, [1, 2], 4, 0.1, 0.1), "ct: a number or one a channel"),
        (lambda: raphson.CompressorLoss(x, x, rate), "wet: it is silent"),
        (lambda: raphson.CompressorLoss(long, long[:-1], rate), "as many channels and samples"),
        (lambda: raphson.CompressorLoss(long, long, rate, coordinates="polar"), "coordinates: 'polar'"),
        (lambda: raphson.ChainLoss(long, long, rate, coordinates="natural"), "coordinates: 'natural'"),
        (lambda: raphson.CompressorLoss(long, long, rate, precision="half"), "precision: 'half'"),
        (lambda: raphson.CompressorLoss(long, long, rate, scored=(5, 5)), "scored"),
        (lambda: raphson.CompressorLoss(long, long, rate, scored=(0, 10**9)), "scored"),
        (lambda: raphson.CompressorLoss(long, long, rate, chunk_seconds=0), "chunk_seconds"),
        (lambda: raphson.CompressorLoss(long, long, rate).value([1, 2]), "p: 5 numbers are expected, not 2"),
        (lambda: raphson.CompressorLoss(long, long, rate).value([-20, 4, -5, 60, 0]), "p: attack_ms must be above 0"),
        (lambda: raphson.ChainLoss(long, long, rate, "eq", free=[]), "free: at least one"),
        (lambda: raphson.ChainLoss(long, long, rate, "fuzz"), "unknown model 'fuzz'"),
        (lambda: raphson.match(x, x, rate), "lasts 0.01 s"),
        (lambda: raphson.match(long, long, rate, "fuzz"), "unknown model 'fuzz'"),
        (lambda: raphson.match(long, long, rate, mode="backward"), "mode: 'backward'"),
        (lambda: raphson.match(long, long, rate, "eq", mode="inverse"), "inverse mode"),
        (lambda: raphson.match(long, long, rate, start={"ratio": 1000}), "ratio: 1000"),
        (lambda: raphson.match(long, long, rate, starts=0), "starts: 0"),
        (lambda: raphson.match(long, reference.bursts(2 * rate, 9), rate), "unrelated"),
        (lambda: raphson.load_model("nowhere.json"), "cannot read nowhere.json: No such file or directory"),
        (lambda: raphson.load_model(la2a_model).parameters_at({"mode": "Expand"}), "must be one of Compress, Limit"),
        (lambda: raphson.load_model(la2a_model).parameters_at({"gain": 1}), "it has peak_reduction, mode"),
        (lambda: raphson.load_model(la2a_model).parameters_at({"peak_reduction": 101}), "from 40 to 100"),
        (lambda: raphson.render(raphson.Model(), x, rate, {"gain": 1}), "it has none"),
        (lambda: raphson.render(raphson.Model(), x, rate, None, {"gain": 1}), "has no 'gain'"),
        (lambda: raphson.read_audio("nowhere.wav"), "nowhere.wav"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(call, says):
    with pytest.raises(raphson.InputError, match=re.escape(says)) as error:
        call()
    assert isinstance(error.value, ValueError) and "\n" not in str(error.value)
