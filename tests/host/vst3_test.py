"""The built VST3 in two real hosts, pedalboard and DawDreamer: what they hear is what `raphson render` writes.

usage: vst3_test.py RAPHSON_PROGRAM VST3_BUNDLE SOURCE_DIR [unittest options]
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import dawdreamer
import numpy as np
import pedalboard
import soundfile

PROGRAM, VST3, SOURCE = sys.argv[1:4]
DRY = pathlib.Path(SOURCE) / "assets/recordings/la2a-dry.flac"
MODEL = pathlib.Path(SOURCE) / "assets/models/la2a.raphson.json"


def decibels(error, of):
    """Energy of the error relative to that of the signal."""
    return 10 * np.log10(max(np.sum(np.square(error, dtype=float)), 1e-300) / np.sum(np.square(of, dtype=float)))


def stereo(seconds=3.0):
    audio, rate = soundfile.read(DRY, dtype="float32")
    audio = audio[: int(seconds * rate)]
    return np.stack([audio, 0.5 * audio[::-1]]), rate  # two channels that differ


def rendered(audio, rate, *options):
    """What the program makes of it."""
    with tempfile.TemporaryDirectory() as folder:
        source, result = pathlib.Path(folder) / "in.wav", pathlib.Path(folder) / "out.wav"
        soundfile.write(source, audio.T, rate, subtype="FLOAT")
        subprocess.run([PROGRAM, "render", MODEL, source, result, "--quiet", *options], check=True)
        return soundfile.read(result, dtype="float32")[0].T


def parameter(plugin, name):
    found = [p for p in plugin.parameters.values() if p.name.lower() == name.lower()]
    assert found, f"no parameter {name!r} among {[p.name for p in plugin.parameters.values()]}"
    return found[0]


class Pedalboard(unittest.TestCase):
    def setUp(self):
        self.plugin = pedalboard.load_plugin(VST3)
        self.audio, self.rate = stereo()

    def test_plays_what_the_program_renders_at_every_block_size(self):
        want = rendered(self.audio, self.rate)
        for block in (1, 7, 64, 512, 8192):
            length = 20000 if block == 1 else self.audio.shape[1]
            got = self.plugin(self.audio[:, :length], self.rate, buffer_size=block, reset=True)
            self.assertLess(decibels(got - want[:, :length], want[:, :length]), -120, f"blocks of {block}")

    def test_a_knob_moves_the_sound_as_the_program_moves_it(self):
        parameter(self.plugin, "Peak Reduction").raw_value = (90 - 40) / 60
        self.plugin(self.audio, self.rate, reset=True)  # the move itself is smoothed
        got = self.plugin(self.audio, self.rate, reset=True)
        want = rendered(self.audio, self.rate, "--knob", "peak_reduction=90")
        self.assertLess(decibels(got - want, want), -120)
        self.assertGreater(decibels(got - rendered(self.audio, self.rate), want), -40, "the knob does nothing")

    def test_state_goes_round(self):
        parameter(self.plugin, "Peak Reduction").raw_value = 0.75
        parameter(self.plugin, "Mix").raw_value = 0.5
        self.plugin(self.audio, self.rate, reset=True)
        want = self.plugin(self.audio, self.rate, reset=True)
        other = pedalboard.load_plugin(VST3)
        other.raw_state = self.plugin.raw_state
        other(self.audio, self.rate, reset=True)
        self.assertLess(decibels(other(self.audio, self.rate, reset=True) - want, want), -120)
        self.assertLess(len(self.plugin.raw_state), 65536)

    def test_a_state_from_nowhere_changes_nothing(self):
        want = self.plugin(self.audio, self.rate, reset=True)
        for state in (b"", b"nothing that was ever a state", bytes(range(256)) * 40):
            try:
                self.plugin.raw_state = state
            except Exception:  # the host may refuse it before the plugin sees it
                pass
        self.assertLess(decibels(self.plugin(self.audio, self.rate, reset=True) - want, want), -120)

    def test_sample_rates(self):
        for rate in (8000, 44100, 96000, 192000):
            got = self.plugin(self.audio, rate, reset=True)
            want = rendered(self.audio, rate)
            self.assertLess(decibels(got - want, want), -120, f"{rate} Hz")

    def test_random_parameters_give_finite_sound(self):
        rng = np.random.default_rng(1)
        for _ in range(20):
            for p in self.plugin.parameters.values():
                p.raw_value = float(rng.random())
            self.assertTrue(np.isfinite(self.plugin(self.audio[:, :9600], self.rate, reset=False)).all())

    def test_sound_that_is_no_number_comes_out_finite_and_is_forgotten(self):
        bad = self.audio.copy()
        bad[:, 1000:1010] = np.nan
        bad[:, 2000] = np.inf
        self.assertTrue(np.isfinite(self.plugin(bad, self.rate, reset=True)).all())
        want = rendered(self.audio, self.rate)
        self.assertLess(decibels(self.plugin(self.audio, self.rate, reset=True) - want, want), -120)

    def test_many_instances(self):
        want = rendered(self.audio, self.rate)
        for plugin in [pedalboard.load_plugin(VST3) for _ in range(20)]:
            self.assertLess(decibels(plugin(self.audio, self.rate, reset=True) - want, want), -120)

    def test_mono(self):
        mono = self.audio[:1]
        want = rendered(mono, self.rate)
        self.assertLess(decibels(self.plugin(mono, self.rate, reset=True) - want, want), -120)


class DawDreamer(unittest.TestCase):
    def setUp(self):
        self.audio, self.rate = stereo()
        self.seconds = self.audio.shape[1] / self.rate

    def play(self, block, prepare=lambda plugin: None):
        engine = dawdreamer.RenderEngine(self.rate, block)
        plugin = engine.make_plugin_processor("raphson", VST3)
        prepare(plugin)
        source = engine.make_playback_processor("source", self.audio)
        engine.load_graph([(source, []), (plugin, ["source"])])
        engine.render(self.seconds)
        return engine.get_audio()[:, : self.audio.shape[1]]

    def test_plays_what_the_program_renders(self):
        want = rendered(self.audio, self.rate)
        for block in (32, 480, 4096):
            got = self.play(block)
            self.assertEqual(got.shape, want.shape)
            self.assertLess(decibels(got - want, want), -120, f"blocks of {block}")

    def test_automation_moves_the_gain_without_steps(self):
        def automate(plugin):
            index = next(p["index"] for p in plugin.get_parameters_description() if p["name"] == "Output gain")
            ramp = np.linspace(0.5, 1.0, self.audio.shape[1]).astype(np.float32)
            plugin.set_automation(index, ramp)

        moved, still = self.play(64, automate), self.play(64)
        heard = np.abs(still) > 1e-2
        gain = np.where(heard, moved / np.where(heard, still, 1), np.nan)
        steps = np.abs(np.diff(gain)) / gain[:, :-1]  # of neighbours that are both heard
        # 24 dB in 3 s is 2e-5 a sample; handed over once a block and smoothed over 20 ms it may be ten times that.
        self.assertLess(np.nanmax(steps[:, 4800:]), 2e-4)
        self.assertGreater(np.nanmedian(gain[:, -4800:]), 10 ** (20 / 20))

    def test_two_renders_are_the_same(self):
        np.testing.assert_array_equal(self.play(512), self.play(512))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
