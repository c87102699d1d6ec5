"""Newton's method in ten lines on the exact Hessian of CompressorLoss, and where it ends.

python python/examples/newton.py
"""

import numpy as np

import raphson

sample_rate = 48000
rng = np.random.default_rng(1)
dry = (rng.normal(size=4 * sample_rate) * np.repeat(rng.uniform(0.005, 0.2, 16), sample_rate // 4)).astype(np.float32)
unit = raphson.Compressor(threshold_db=-24, ratio=4, attack_ms=5, release_ms=150, makeup_db=6)
loss = raphson.CompressorLoss(dry, unit(dry, sample_rate), sample_rate, coordinates="unconstrained")

z = loss.convert([-20, 3, 10, 100, 3], "physical", "unconstrained")
for iteration in range(30):
    value, gradient, hessian = loss.value_gradient_hessian(z)
    print(f"{iteration:2d}  ESR {value:.3e}  ", np.round(loss.convert(z, "unconstrained", "physical"), 3))
    curvature, directions = np.linalg.eigh(hessian)
    step = directions @ (directions.T @ gradient / np.maximum(np.abs(curvature), 1e-9))  # downhill on a saddle, too
    if np.linalg.norm(gradient) < 1e-12:
        break
    length = 1.0
    while loss.value(z - length * step) > value and length > 1e-6:
        length /= 2
    z = z - length * step
