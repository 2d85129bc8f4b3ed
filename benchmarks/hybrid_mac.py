"""Speed of the hybrid product's two paths, side by side.

    OMP_NUM_THREADS=1 python benchmarks/hybrid_mac.py

A *dot product* has 144 products of 8 bits by 8 bits and gives one output. The time is the processor's, not the clock's,
so that other work on the machine counts little; the best of five rounds.
"""

from __future__ import annotations

import time

import numpy as np

from bitline.system.hybrid.analog import Conversion, sigma_ranges
from bitline.system.hybrid.mac import HybridMac
from bitline.system.hybrid.operands import gaussian_weights, half_normal_activations

LENGTH, OUTPUTS, PIXELS, ROUNDS = 144, 256, 1024, 5


def numbers() -> tuple[np.ndarray, np.ndarray]:
    """Half-normal activations (sigma 45/255) and Gaussian weights (sigma 30/128)."""
    rng = np.random.default_rng(1)
    x = half_normal_activations(rng, (PIXELS, LENGTH))
    return gaussian_weights(rng, (LENGTH, OUTPUTS)), x


def speed(mac: HybridMac, x: np.ndarray, boundary: object, path: str) -> float:
    """Return dot products per second of processor time."""
    mac.product(x, boundary, path=path)  # the first call compiles
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        mac.product(x, boundary, path=path)
        times.append(time.process_time() - start)
    return PIXELS * OUTPUTS / min(times)


def main() -> None:
    w, x = numbers()
    rng = np.random.default_rng(2)
    ranges = sigma_ranges(w, x[:128], range(5, 11))
    cases = {f"B = {b}": b for b in (0, 6, 8, 10)}
    cases["B 5..10 a pixel"] = rng.integers(5, 11, PIXELS)
    cases["B 5..10 an output"] = rng.integers(5, 11, (PIXELS, OUTPUTS))
    print("| boundary | noise | numpy | numba | numba / numpy |")
    print("|---|---|---|---|---|")
    for words, conversion in (("none", Conversion()), ("static, temporal", Conversion(static=1.0, temporal=1.0))):
        mac = HybridMac(w, ranges, conversion, seed=1)
        for name, boundary in cases.items():
            plain, fast = (speed(mac, x, boundary, path) / 1e6 for path in ("numpy", "numba"))
            print(f"| {name} | {words} | {plain:.1f} M/s | {fast:.1f} M/s | {fast / plain:.1f} |")


if __name__ == "__main__":
    main()
