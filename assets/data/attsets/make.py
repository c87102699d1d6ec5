#!/usr/bin/env python3
"""Makes the files beside it from ../mnist: 400 digits of 14 x 14 pixels and 3 to 6 views of each, windows of 8 x 8
pixels at random places with noise, 0 outside."""
import gzip
import math
import random
import struct
from pathlib import Path

here = Path(__file__).parent
objects, most, side, window = 400, 6, 14, 8
random.seed(1)


def write_npy(name, shape, values):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
    header = header.ljust(117) + "\n"
    (here / name).write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(values))


pixels = gzip.open(here / "../mnist/mnist-10k-images.idx3.gz").read()[16:]
views, digits, sizes = [], [], []
for i in range(objects):
    image = pixels[784 * i : 784 * (i + 1)]
    digit = [sum(image[28 * (2 * r + a) + 2 * c + b] for a in (0, 1) for b in (0, 1)) / 4
             for r in range(side) for c in range(side)]
    digits += [int(level > 0.4 * 255) for level in digit]
    sizes.append(random.randint(3, most))
    for n in range(most):
        view = [0] * side * side
        level = math.exp(random.uniform(math.log(0.05), math.log(0.5)))
        top, left = random.randint(0, side - window), random.randint(0, side - window)
        for r in range(top, top + window):
            for c in range(left, left + window):
                noisy = digit[side * r + c] + 255 * level * random.gauss(0, 1)
                view[side * r + c] = min(255, max(0, round(noisy))) if n < sizes[-1] else 0
        views += view
write_npy("views.npy", (objects, most, side, side), views)
write_npy("digits.npy", (objects, side, side), digits)
(here / "sizes.csv").write_text("size\n" + "".join(f"{size}\n" for size in sizes))
