"""The compressor's loss, gradient and Hessian by raphson and by torchcomp, side by side.

    pip install . torch torchcomp
    python python/examples/torchcomp_comparison.py [--threads 1] [--seconds 120]

The same model (torchcomp's compexp_gain with its expander out of the way, and a make-up), on the same audio, in the
same process, in double precision, on as many threads: the error-to-signal ratio as a function of threshold, ratio,
attack, release and make-up. Exits with 1 where the two differ by more than 1e-6. Times are the best of several runs
that take turns; peak memory is that of a process of its own each.

torchcomp's Hessian is taken in three ways, and the fastest counts: by torch.func.hessian as it comes (forward over
reverse), by torch.autograd in one graph with value and gradient (reverse over reverse), and the latter chunk after chunk
of 12 s that overlap by a second, as raphson cuts them itself, which keeps the graph small.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Dict, List, Tuple

import numpy as np

if TYPE_CHECKING:
    import torch

recordings = Path(__file__).resolve().parents[2] / "assets" / "recordings"
parameters = np.array([-22.0, 4.0, 6.0, 100.0, 3.0])  # threshold dB, ratio, attack ms, release ms, make-up dB
warm_up_seconds = 1.0  # a release of 100 ms has then faded by exp(-22)
Evaluation = Tuple[float, np.ndarray, np.ndarray]


def audio(seconds: float) -> Tuple[np.ndarray, np.ndarray, float]:
    """The LA-2A recording, again and again."""
    import raphson

    (dry, sample_rate), (wet, _) = (raphson.read_audio(recordings / f"la2a-{which}.flac") for which in ("dry", "wet"))
    samples = int(seconds * sample_rate)
    return np.resize(dry[0], samples), np.resize(wet[0], samples), sample_rate


def by_raphson(seconds: float, threads: int) -> Callable[[], Evaluation]:
    import raphson

    loss = raphson.CompressorLoss(*audio(seconds), pre_emphasis=False, warm_up_seconds=warm_up_seconds, threads=threads)
    return lambda: loss.value_gradient_hessian(parameters)


def torch_losses(seconds: float, threads: int, chunks: int) -> List[Callable[["torch.Tensor"], "torch.Tensor"]]:
    """The loss as a function of a tensor, in parts that add up to it: one a chunk."""
    import numba
    import torch
    from torchcomp import compexp_gain, db2amp, ms2coef

    torch.set_num_threads(threads)
    numba.set_num_threads(threads)
    dry, wet, sample_rate = audio(seconds)
    x, y = (torch.from_numpy(signal.astype(np.float64))[None] for signal in (dry, wet))
    energy = (y * y).sum()
    expander = dict(exp_thresh=-400.0, exp_ratio=0.5)  # so far down that it never acts

    def part(begin: int, end: int) -> Callable[["torch.Tensor"], "torch.Tensor"]:
        warm_up = min(begin, int(warm_up_seconds * sample_rate))
        audible, target = x[:, begin - warm_up : end], y[:, begin:end]
        level = audible.abs().clamp(min=1e-8)

        def loss(p: "torch.Tensor") -> "torch.Tensor":
            gain = compexp_gain(
                level, p[0], p[1], at=ms2coef(p[2], sample_rate), rt=ms2coef(p[3], sample_rate), **expander
            )
            error = (db2amp(p[4]) * gain * audible)[:, warm_up:] - target
            return (error * error).sum() / energy

        return loss

    bounds = [len(dry) * i // chunks for i in range(chunks + 1)]
    return [part(begin, end) for begin, end in zip(bounds, bounds[1:])]


def by_torch_func(seconds: float, threads: int) -> Callable[[], Evaluation]:
    import torch

    (loss,), p = torch_losses(seconds, threads, 1), torch.from_numpy(parameters)

    def evaluate() -> Evaluation:
        gradient, value = torch.func.grad_and_value(loss)(p)
        return value.item(), gradient.numpy(), torch.func.hessian(loss)(p).numpy()

    return evaluate


def by_torch_autograd(seconds: float, threads: int, chunks: int = 1) -> Callable[[], Evaluation]:
    import torch

    def of_part(loss: Callable[["torch.Tensor"], "torch.Tensor"]) -> Evaluation:
        p = torch.from_numpy(parameters).clone().requires_grad_()
        value = loss(p)
        (gradient,) = torch.autograd.grad(value, p, create_graph=True)
        rows = [torch.autograd.grad(g, p, retain_graph=True)[0].numpy() for g in gradient]
        return value.item(), gradient.detach().numpy(), np.stack(rows)

    parts = torch_losses(seconds, threads, chunks)
    return lambda: tuple(sum(results) for results in zip(*map(of_part, parts)))  # type: ignore[return-value]


ways: Dict[str, Callable[[float, int], Callable[[], Evaluation]]] = {
    "raphson": by_raphson,
    "torchcomp, torch.func.hessian": by_torch_func,
    "torchcomp, torch.autograd": by_torch_autograd,
    "torchcomp, torch.autograd, by chunks": lambda seconds, threads: by_torch_autograd(
        seconds, threads, max(1, int(seconds / 12))
    ),
}


def best_seconds(evaluations: Dict[str, Callable[[], Evaluation]], rounds: int) -> Dict[str, Tuple[float, float]]:
    """By the clock, and of the processors, which what else the machine does lengthens less."""
    best = {way: (float("inf"), float("inf")) for way in evaluations}
    for _ in range(rounds):
        for way, evaluate in evaluations.items():
            for _ in range(5 if way == "raphson" else 1):
                clock, processors = time.perf_counter(), time.process_time()
                evaluate()
                spent = time.perf_counter() - clock, time.process_time() - processors
                best[way] = (min(best[way][0], spent[0]), min(best[way][1], spent[1]))
    return best


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """The largest, relative to each element, or to a millionth of the largest for those near zero."""
    a, b = np.asarray(a), np.asarray(b)
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1e-6 * np.max(np.abs(b)))))


def memory(way: str, options: argparse.Namespace) -> Tuple[int, int]:
    """Peak MB of a process that evaluates once, and of that before the evaluation."""
    command = [sys.executable, __file__, "--memory", way]
    command += ["--threads", str(options.threads), "--seconds", str(options.seconds)]
    before, after = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(after), int(before)


def print_memory(options: argparse.Namespace) -> None:
    evaluate = ways[options.memory](options.seconds, options.threads)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    evaluate()
    print(before // 1024, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def compare(options: argparse.Namespace) -> int:
    peaks = {way: memory(way, options) for way in ways}  # first: a process inherits the peak of its parent
    import torch

    evaluations = {way: make(options.seconds, options.threads) for way, make in ways.items()}
    results = {way: evaluate() for way, evaluate in evaluations.items()}  # numba compiles here
    ours = results["raphson"]
    print(f"{options.seconds:g} s at 48 kHz, {options.threads} thread(s), torch {torch.__version__}, double precision")
    print(f"ESR {ours[0]:.12g}; largest relative differences from raphson:")
    worst = 0.0
    for way, theirs in list(results.items())[1:]:
        differences = {what: difference(a, b) for what, a, b in zip(("value", "gradient", "Hessian"), ours, theirs)}
        worst = max(worst, *differences.values())
        print(f"  {way:38s}" + "  ".join(f"{what} {d:.1e}" for what, d in differences.items()))
    seconds = best_seconds(evaluations, options.rounds)
    print("value, gradient and Hessian together, and the peak memory of a process that does so once:")
    ratios = {way: [spent / own for spent, own in zip(seconds[way], seconds["raphson"])] for way in ways}
    for way, (clock, processors) in seconds.items():
        peak, before = peaks[way]
        print(
            f"  {way:38s}{1000 * clock:9.1f} ms {ratios[way][0]:6.1f} x  {1000 * processors:9.1f} ms of CPU"
            f" {ratios[way][1]:6.1f} x  {peak:5d} MB, {peak - before} MB of them for the evaluation"
        )
    least = [min(ratios[way][i] for way in ways if way != "raphson") for i in (0, 1)]
    print(f"raphson against the fastest of the others: {least[0]:.0f} times as fast, by CPU time {least[1]:.0f}")
    if worst > 1e-6:
        print("the two differ by more than 1e-6")
    return int(worst > 1e-6)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", choices=list(ways), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        print_memory(options)
        return 0
    return compare(options)


if __name__ == "__main__":
    sys.exit(main())
