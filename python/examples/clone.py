"""Clones a Teletronix LA-2A from the recording in assets/, and plays something else through the clone.

python python/examples/clone.py
"""

from pathlib import Path

import raphson

recordings = Path(__file__).resolve().parents[2] / "assets" / "recordings"
dry, sample_rate = raphson.read_audio(recordings / "la2a-dry.flac")
wet, _ = raphson.read_audio(recordings / "la2a-wet.flac")

result = raphson.match(dry, wet, sample_rate, name="LA-2A")
for p in result.parameters.values():
    print(f"{p.label:10s} {p.value:8.2f} {p.unit:3s} +- {p.standard_error:.2g}")
print(f"ESR {result.esr_before:.4f} before, {result.esr:.4f} after; wet is {result.delay_samples:.2f} samples late")

other, other_rate = raphson.read_audio(recordings / "digits-dry.flac")
clone = result.render(other, other_rate)
print(f"{clone.shape[1] / other_rate:.1f} s of speech through the clone, ratio {result.parameters['ratio'].value:.2f}")
# result.save("la2a.raphson.json") and raphson.write_audio("speech.wav", clone, other_rate) keep them
