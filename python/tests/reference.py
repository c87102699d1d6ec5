"""The compressor in plain Python, from its formula: what the package is held against."""

import numpy as np


def coefficient(ms, sample_rate):
    return 1 - np.exp(-2200 / (sample_rate * ms))


def gain(level, threshold_db, ratio, attack, release):
    out, g = [], 1.0
    for x in np.maximum(np.abs(np.asarray(level, dtype=np.float64)), 1e-8):
        f = min(1.0, (x / 10 ** (threshold_db / 20)) ** -(1 - 1 / ratio))
        g += (attack if f < g else release) * (f - g)
        out.append(g)
    return np.array(out)


def compressor(x, sample_rate, threshold_db, ratio, attack_ms, release_ms, makeup_db):
    times = coefficient(attack_ms, sample_rate), coefficient(release_ms, sample_rate)
    return 10 ** (makeup_db / 20) * gain(x, threshold_db, ratio, *times) * np.asarray(x, dtype=np.float64)


def pre_emphasised(x, pole=0.995):
    out, before, y = [], 0.0, 0.0
    for u in np.asarray(x, dtype=np.float64):
        y = u - before + pole * y
        before = u
        out.append(y)
    return np.array(out)


def esr(clone, wet):
    return np.sum((clone - wet) ** 2) / np.sum(np.asarray(wet, dtype=np.float64) ** 2)


def bursts(samples, seed=1, every=400):
    """Noise that crosses any threshold, float32."""
    rng = np.random.default_rng(seed)
    levels = np.exp(rng.normal(-2.3, 1.2, samples // every + 1))
    return (rng.normal(size=samples) * np.repeat(levels, every)[:samples]).astype(np.float32)


def central_difference(function, p, steps):
    """d function / d p_i along a first axis i."""
    p = np.asarray(p, dtype=np.float64)
    slopes = []
    for i, step in enumerate(steps):
        up, down = p.copy(), p.copy()
        up[i] += step
        down[i] -= step
        slopes.append((np.asarray(function(up)) - np.asarray(function(down))) / (2 * step))
    return np.array(slopes)
