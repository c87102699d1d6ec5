#!/usr/bin/env python3
"""The training steps of `raphson_bench nn` in PyTorch: loss, gradient, Adam, on as many threads as asked for.

    pip install torch
    python3 tests/bench/torch_steps.py [THREADS]

Prints the milliseconds of the fastest of 30 steps of each network.
"""

import sys
import time

import torch
from torch import nn


class Block(nn.Module):
    """A transformer's block with its norms in front."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.joined = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width))

    def forward(self, x):
        batch, length, width = x.shape
        split = lambda t: t.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = (split(t) for t in self.qkv(self.norm1(x)).chunk(3, dim=2))
        attended = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.joined(attended.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    def __init__(self, symbols=96, width=128, heads=4, layers=4, length=128):
        super().__init__()
        self.characters, self.places = nn.Embedding(symbols, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(layers)])
        self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, symbols)

    def forward(self, text):
        x = self.characters(text) + self.places(torch.arange(text.shape[1]))
        return self.out(self.norm(self.blocks(x))).flatten(0, 1)


def networks():
    relu = nn.ReLU
    perceptron = nn.Sequential(nn.Linear(784, 512), relu(), nn.Linear(512, 512), relu(), nn.Linear(512, 10))
    yield "perceptron", perceptron, torch.randn(128, 784), torch.randint(10, (128,))
    convolutional = nn.Sequential(
        nn.Conv2d(1, 16, 5), relu(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), relu(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(512, 10))
    yield "convolutional", convolutional, torch.randn(64, 1, 28, 28), torch.randint(10, (64,))
    yield "transformer", Transformer(), torch.randint(96, (8, 128)), torch.randint(96, (8 * 128,))


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    print(f"torch {torch.__version__}, {threads} threads")
    for name, network, inputs, labels in networks():
        adam = torch.optim.Adam(network.parameters())
        best = float("inf")
        for _ in range(35):
            began = time.perf_counter()
            adam.zero_grad()
            nn.functional.cross_entropy(network(inputs), labels).backward()
            adam.step()
            best = min(best, time.perf_counter() - began)
        print(f"{name:14} {1e3 * best:8.3f} ms")


if __name__ == "__main__":
    main()
