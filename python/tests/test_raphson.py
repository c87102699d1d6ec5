"""The Python package against the formula in plain Python (reference.py), finite differences, and the program."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import reference

import raphson

root = Path(__file__).resolve().parents[2]
recordings = root / "assets" / "recordings"
la2a_model = root / "assets" / "models" / "la2a.raphson.json"
rate = 8000
unit = dict(threshold_db=-25.0, ratio=4.0, attack_ms=6.0, release_ms=80.0, makeup_db=3.0)
somewhere = [-22.0, 3.0, 8.0, 60.0, 2.0]  # near the unit, not at it
by_program = pytest.mark.skipif("RAPHSON_PROGRAM" not in os.environ, reason="RAPHSON_PROGRAM names no program")


def program(*arguments):
    subprocess.run([os.environ["RAPHSON_PROGRAM"], *map(str, arguments)], check=True, capture_output=True)


def la2a():
    (dry, sample_rate), (wet, _) = (raphson.read_audio(recordings / f"la2a-{which}.flac") for which in ("dry", "wet"))
    return dry, wet, sample_rate


@pytest.fixture(scope="module")
def pair():
    """A short recording and what no compressor makes of it, so that no derivative vanishes."""
    dry = reference.bursts(2 * rate)
    wet = reference.compressor(dry, rate, **unit) / (1 + np.abs(dry)) + 0.01 * reference.bursts(2 * rate, 2)
    return dry, wet.astype(np.float32)


# --- Blocks


def test_a_block_is_its_formula():
    x = reference.bursts(rate)
    expected = reference.compressor(x, rate, **unit)
    np.testing.assert_allclose(raphson.Compressor(**unit)(x.astype(np.float64), rate), expected, rtol=1e-12)
    single = raphson.Compressor(**unit)(x, rate)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=1e-6)


def test_channels_are_apart_from_each_other_and_inputs_untouched():
    x = np.stack([reference.bursts(3000, seed) for seed in (1, 2)])
    kept = x.copy()
    block = raphson.Compressor(**unit)
    both = block(x, rate)
    assert both.shape == x.shape
    np.testing.assert_array_equal(both, [block(x[0], rate), block(x[1], rate)])
    np.testing.assert_array_equal(both, block(np.asfortranarray(x), rate))  # any memory layout
    np.testing.assert_array_equal(x, kept)


def test_a_chain_is_its_blocks_in_series():
    x = reference.bursts(3000).astype(np.float64)
    eq, compressor = raphson.Equaliser(peak1_db=6), raphson.Compressor(**unit)
    np.testing.assert_allclose(raphson.Chain(eq, compressor)(x, rate), compressor(eq(x, rate), rate), rtol=1e-12)
    assert not np.allclose(raphson.Chain(compressor, eq)(x, rate), raphson.Chain(eq, compressor)(x, rate))


def test_derivatives_of_a_chain_sample_by_sample():
    x = reference.bursts(2000).astype(np.float64)
    names = ["ratio", "release_ms", "eq.peak1_db", "eq.peak1_hz"]
    start, steps = [4.0, 80.0, 3.0, 700.0], [1e-5, 1e-4, 1e-5, 1e-3]

    def at(p):
        ratio, release, gain, frequency = p
        block = raphson.Compressor(**dict(unit, ratio=ratio, release_ms=release))
        return raphson.Chain(raphson.Equaliser(peak1_db=gain, peak1_hz=frequency), block)

    d = at(start).derivatives(x, rate, names, order=2)
    assert d.names == tuple(names) and d.jacobian.shape == (4, 2000) and d.hessian.shape == (4, 4, 2000)
    np.testing.assert_allclose(d.value, at(start)(x, rate), rtol=1e-10, atol=1e-12)
    expected = reference.central_difference(lambda p: at(p)(x, rate), start, steps)
    np.testing.assert_allclose(d.jacobian, expected, rtol=1e-5, atol=1e-7 * np.abs(expected).max())
    expected = reference.central_difference(lambda p: at(p).derivatives(x, rate, names).jacobian, start, steps)
    np.testing.assert_allclose(d.hessian, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max())
    assert at(start).derivatives(x, rate, names[:1]).hessian is None


def test_a_jacobian_may_be_by_any_number_of_parameters():
    x = reference.bursts(500)[None].astype(np.float64)
    block = raphson.Equaliser(peak1_db=3)
    names = [p.name for p in raphson.parameters_of("eq")]
    whole = block.derivatives(x, rate, names)
    assert whole.jacobian.shape == (11, 1, 500)
    for i in (0, 4, 5, 10):
        np.testing.assert_array_equal(whole.jacobian[i], block.derivatives(x, rate, [names[i]]).jacobian[0])
    with pytest.raises(raphson.InputError, match="at most 5"):
        block.derivatives(x, rate, names, order=2)


# --- The compressor's gain under torchcomp's names


def test_conversions_are_their_formulas():
    assert raphson.ms2coef(5.0, 48000) == pytest.approx(reference.coefficient(5.0, 48000), rel=1e-12)
    assert raphson.coef2ms(raphson.ms2coef(123.0, 44100), 44100) == pytest.approx(123.0, rel=1e-12)
    np.testing.assert_allclose(raphson.amp2db(np.array([1.0, 0.1])), [0, -20])
    np.testing.assert_allclose(raphson.db2amp(np.array([0.0, -20])), [1, 0.1])


def test_compressor_gain():
    levels = np.abs(np.stack([reference.bursts(2000, seed) for seed in (1, 2)])).astype(np.float64)
    levels[0, :50] = 0
    gain = raphson.compressor_gain(levels, [-20, -30], 4, [0.02, 0.001], 0.004)  # attack slower than release, too
    np.testing.assert_allclose(gain[0], reference.gain(levels[0], -20, 4, 0.02, 0.004), rtol=1e-12)
    np.testing.assert_allclose(gain[1], reference.gain(levels[1], -30, 4, 0.001, 0.004), rtol=1e-12)
    assert raphson.compressor_gain(levels[0].astype(np.float32), -20, 4, 0.02, 0.004).dtype == np.float32


def test_derivatives_of_the_gain():
    level, p = np.abs(reference.bursts(1500)).astype(np.float64), [-25.0, 4.0, 0.02, 0.004]
    gain, jacobian, hessian = raphson.compressor_gain_derivatives(level, *p, order=2)
    np.testing.assert_allclose(gain, reference.gain(level, *p), rtol=1e-12)
    steps = [1e-5, 1e-5, 1e-8, 1e-8]
    expected = reference.central_difference(lambda q: reference.gain(level, *q), p, steps)
    np.testing.assert_allclose(jacobian, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max(axis=1).max())
    slopes = reference.central_difference(lambda q: raphson.compressor_gain_derivatives(level, *q)[1], p, steps)
    scale = np.abs(slopes).max(axis=2, keepdims=True)
    np.testing.assert_allclose(hessian / scale, slopes / scale, atol=1e-5)


def test_the_pullback_of_the_gain():
    level, p = np.abs(reference.bursts(300)).astype(np.float64), [-25.0, 4.0, 0.02, 0.004]
    by_gain = np.random.default_rng(3).normal(size=300)
    by_level, by_parameters = raphson.compressor_gain_pullback(level, *p, by_gain)
    jacobian = raphson.compressor_gain_derivatives(level, *p)[1]
    np.testing.assert_allclose(by_parameters, jacobian @ by_gain, rtol=1e-10)
    expected = reference.central_difference(lambda x: by_gain @ reference.gain(x, *p), level, 1e-6 * level)
    np.testing.assert_allclose(by_level, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max())


# --- Losses


def test_the_loss_is_the_esr_of_the_pre_emphasised_recordings(pair):
    dry, wet = pair
    clone = reference.compressor(dry, rate, *somewhere)
    plain = raphson.CompressorLoss(dry, wet, rate, pre_emphasis=False)
    assert plain.value(somewhere) == pytest.approx(reference.esr(clone, wet), rel=1e-10)
    loss = raphson.CompressorLoss(dry, wet, rate)
    expected = reference.esr(reference.pre_emphasised(clone), reference.pre_emphasised(wet))
    assert loss.value(somewhere) == pytest.approx(expected, rel=1e-10)
    within = raphson.CompressorLoss(dry, wet, rate, pre_emphasis=False, scored=(1000, 5000))
    assert within.value(somewhere) == pytest.approx(reference.esr(clone[1000:5000], wet[1000:5000]), rel=1e-10)


@pytest.mark.parametrize("coordinates", ["physical", "natural", "unconstrained"])
def test_derivatives_of_the_compressor_loss(pair, coordinates):
    loss = raphson.CompressorLoss(*pair, rate, coordinates=coordinates)
    assert loss.names == ("threshold_db", "ratio", "attack_ms", "release_ms", "makeup_db")
    p = loss.convert(somewhere, "physical", coordinates)
    check_derivatives(loss, p, 1e-6 * np.maximum(np.abs(p), 1e-2))


@pytest.mark.parametrize("coordinates", ["physical", "unconstrained"])
def test_derivatives_of_a_chain_loss(pair, coordinates):
    free = ["threshold_db", "release_ms", "makeup_db", "eq.peak1_db", "eq.peak1_hz", "knee_db"]
    loss = raphson.ChainLoss(
        *pair, rate, "compressor+eq", {"eq.peak1_db": 3, "knee_db": 4}, free, coordinates=coordinates
    )
    check_derivatives(loss, loss.start, 1e-6 * np.maximum(np.abs(loss.start), 1e-2))


def check_derivatives(loss, p, steps):
    value, gradient, hessian = loss.value_gradient_hessian(p)
    assert loss.value(p) == pytest.approx(value, rel=1e-10)
    assert loss.value_and_gradient(p)[0] == pytest.approx(value, rel=1e-10)
    np.testing.assert_allclose(loss.value_and_gradient(p)[1], gradient, rtol=1e-9)
    np.testing.assert_array_equal(hessian, hessian.T)
    np.testing.assert_allclose(gradient, reference.central_difference(loss.value, p, steps), rtol=1e-4)
    slopes = reference.central_difference(lambda q: loss.value_and_gradient(q)[1], p, steps)
    size = np.sqrt(np.abs(np.outer(np.diag(slopes), np.diag(slopes))))
    np.testing.assert_allclose(hessian / size, slopes / size, atol=2e-3)  # attacks turn into releases between steps


def test_the_chain_loss_of_a_compressor_is_the_compressor_loss(pair):
    one = raphson.ChainLoss(*pair, rate, "compressor").value_gradient_hessian(somewhere)
    other = raphson.CompressorLoss(*pair, rate).value_gradient_hessian(somewhere)
    for a, b in zip(one, other):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_threads_chunks_and_precision_change_rounding_alone():
    dry, wet = reference.bursts(20 * rate, 5), 0.5 * reference.bursts(20 * rate, 5)
    options = [dict(chunk_seconds=None), dict(chunk_seconds=4, threads=1), dict(chunk_seconds=3, threads=2)]
    whole, *others = (raphson.CompressorLoss(dry, wet, rate, **o).value_gradient_hessian(somewhere) for o in options)
    single = raphson.CompressorLoss(dry, wet, rate, chunk_seconds=2, precision="single")
    for a, b, c, d in zip(whole, *others, single.value_gradient_hessian(somewhere)):
        np.testing.assert_allclose(b, a, rtol=1e-6)
        np.testing.assert_allclose(c, a, rtol=1e-6)
        np.testing.assert_allclose(d, a, rtol=1e-2, atol=1e-4 * np.max(np.abs(a)))
    assert abs(single.value_gradient_hessian(somewhere)[0] - whole[0]) > 0  # it is another kernel


def test_float32_recordings_are_used_in_place_and_kept_alive(pair):
    dry, wet = (one.copy() for one in pair)
    loss = raphson.CompressorLoss(dry, wet, rate)
    before = loss.value(somewhere)
    wet *= -1
    assert loss.value(somewhere) != before
    wet *= -1
    del dry, wet
    assert loss.value(somewhere) == before


def test_other_threads_go_on_while_it_computes():
    x = np.tile(reference.bursts(10 * rate), 30)
    loss = raphson.CompressorLoss(x, 0.5 * x, rate, threads=1)
    worker = threading.Thread(target=lambda: [loss.value_gradient_hessian(somewhere) for _ in range(3)])
    steps = 0
    switch = sys.getswitchinterval()
    sys.setswitchinterval(10)  # the interpreter itself takes no turns: only a released lock lets this thread run
    try:
        worker.start()
        while worker.is_alive():
            steps += 1
            worker.join(0.001)
    finally:
        sys.setswitchinterval(switch)
    assert steps > 5


# --- Matching


def test_a_match_finds_the_unit_its_delay_and_polarity():
    dry = reference.bursts(4 * rate, 7, every=2000)
    wet = -np.concatenate([np.zeros(37), reference.compressor(dry, rate, **unit)])
    seen = []
    with pytest.warns(UserWarning, match="differ in length"):
        result = raphson.match(dry.astype(np.float64), wet, rate, progress=seen.append, held_out=False)
    assert len(result.warnings) == 1
    assert result.converged and result.delay_samples == 37 and result.polarity_inverted
    for name, value in unit.items():
        assert result.parameters[name].determined
        assert result.parameters[name].value == pytest.approx(value, rel=1e-3), name
    assert result.esr < 1e-8 < result.esr_before
    assert result.held_out is None
    assert len(result.trace) == result.iterations + 1
    fractions = [p.fraction for p in seen]
    assert fractions == sorted(fractions) and fractions[-1] == 1 and seen[0].phase == "align"
    assert result.model.source["delay_samples"] == 37


@by_program
def test_a_match_is_that_of_the_program(tmp_path):
    program("match", recordings / "la2a-dry.flac", recordings / "la2a-wet.flac", "--out", tmp_path, "--threads", "1")
    report = json.loads((tmp_path / "report.json").read_text())
    dry, wet, sample_rate = la2a()
    result = raphson.match(dry, wet, sample_rate, threads=1)
    assert list(result.parameters) == ["threshold_db", "ratio", "attack_ms", "release_ms", "makeup_db"]
    for name, p in result.parameters.items():
        told = report["parameters"][name]
        assert (p.value, p.standard_error, p.determined) == (told["value"], told["standard_error"], told["determined"])
    for field in ("esr", "esr_before", "delay_samples", "polarity_inverted", "iterations", "stop_reason"):
        assert getattr(result, field) == report[field], field
    assert result.held_out.unseen_second_half_esr == report["held_out"]["scored_esr"]
    assert result.held_out.first_half_esr == report["held_out"]["fitted_esr"]
    assert result.held_out.unseen_first_half_esr == report["held_out"]["second_scored_esr"]
    clone, _ = raphson.read_audio(tmp_path / "la2a-clone.wav")
    np.testing.assert_array_equal(result.render(dry), clone)


def test_options_reach_the_match():
    dry, wet, sample_rate = la2a()
    quick = dict(held_out=False, starts=1)
    inverse = raphson.match(dry, wet, sample_rate, mode="inverse", delay_samples=1, maximum_iterations=4, **quick)
    assert inverse.delay_samples == 1 and inverse.model.chain == "compressor"
    near = raphson.match(dry, wet, sample_rate, start={"threshold_db": -19, "ratio": 6}, pre_emphasis=False, **quick)
    assert near.esr < 0.006
    with_eq = raphson.match(dry, wet, sample_rate, "eq", **quick)
    assert "eq.peak1_hz" in with_eq.parameters


def test_a_callback_ends_a_match_with_the_best_so_far():
    dry, wet, sample_rate = la2a()
    result = raphson.match(dry, wet, sample_rate, progress=lambda p: p.phase == "align")
    assert result.stop_reason == "cancelled" and not result.converged


def test_an_exception_of_a_callback_is_that_of_the_match():
    dry, wet, sample_rate = la2a()

    def fail(progress):
        assert threading.current_thread() is threading.main_thread()
        raise ZeroDivisionError(progress.phase)

    with pytest.raises(ZeroDivisionError, match="align"):
        raphson.match(dry, wet, sample_rate, progress=fail)


def test_ctrl_c_ends_a_match():
    dry, wet, sample_rate = la2a()
    minute = [np.tile(audio, 15) for audio in (dry, wet)]
    timer = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT))
    finished = False
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        raphson.match(*minute, sample_rate, starts=20, threads=1)
        finished = True
        timer.join()
    assert not finished


# --- Models


def test_a_model_comes_back_from_its_file(tmp_path):
    model = raphson.Model(
        "eq+compressor", {"ratio": 3.3, "eq.peak2_q": 1.234567890123}, name="Häß", source={"esr": 0.1}
    )
    model.save(tmp_path / "m.raphson.json")
    back = raphson.load_model(tmp_path / "m.raphson.json")
    assert (back.name, back.chain, back.parameters, back.source, back.knobs) == (
        "Häß",
        "eq+compressor",
        model.parameters,
        {"esr": 0.1},
        (),
    )
    assert back.parameters["ratio"] == 3.3 and back.parameters["eq.peak2_q"] == 1.234567890123


def test_knobs():
    model = raphson.load_model(la2a_model)
    peak_reduction, mode = model.knobs
    assert (peak_reduction.key, peak_reduction.minimum, peak_reduction.maximum) == ("peak_reduction", 40, 100)
    assert mode.positions == ("Compress", "Limit") and mode.initial == "Compress"
    row = json.loads(la2a_model.read_text())["table"][-1]
    assert row["knobs"] == {"peak_reduction": 100.0, "mode": "Limit"}
    assert model.parameters_at({"Peak Reduction": 100, "mode": "limit"}) == row["values"]
    assert model.parameters == model.parameters_at({"peak_reduction": 70, "mode": "Compress"})


@by_program
def test_a_model_renders_as_the_program_does(tmp_path):
    options = ["--knob", "peak_reduction=72.5", "--knob", "mode=limit", "--set", "makeup_db=1"]
    program("render", la2a_model, recordings / "la2a-dry.flac", tmp_path / "out.wav", *options)
    dry, _, sample_rate = la2a()
    knobs = {"peak_reduction": 72.5, "mode": "limit"}
    rendered = raphson.render(la2a_model, dry, sample_rate, knobs, {"makeup_db": 1})
    np.testing.assert_array_equal(rendered, raphson.read_audio(tmp_path / "out.wav")[0])


def test_audio_files_hold_what_was_written(tmp_path):
    x = np.stack([reference.bursts(1000, seed) for seed in (1, 2)])
    assert raphson.write_audio(tmp_path / "x.wav", x, 44100) == 0
    back, sample_rate = raphson.read_audio(tmp_path / "x.wav")
    assert sample_rate == 44100
    np.testing.assert_array_equal(back, x)


# --- Examples


@pytest.mark.parametrize(
    "example, prints",
    [
        ("clone.py", r"ratio +5\.82 :1 +\+- 2\.1\nattack"),
        ("newton.py", r"ESR \d\.\d+e-1\d +\[-24\. +4\. +5\. +150\. +6\. *\]"),
    ],
)
def test_examples_run(example, prints):
    command = [sys.executable, root / "python" / "examples" / example]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(prints, done.stdout), done.stdout


def test_everything_public_is_documented_and_typed():
    package = Path(raphson.__file__).parent
    assert (package / "py.typed").exists() and (package / "_core.pyi").exists()
    for name in raphson.__all__:
        assert getattr(raphson, name).__doc__, name
