"""The numpy example needs no other program: it runs everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_network_on_two_columns() -> None:
    done = subprocess.run([sys.executable, EXAMPLES / "numpy_network.py"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [line.rsplit(maxsplit=3) for line in done.stdout.splitlines()[1:]]
    wrong = {name.strip(): float(share) for name, share, _, _ in rows}
    accuracy = {name.strip(): float(share) for name, _, share, _ in rows}
    assert accuracy["exact sums"] > 0.95
    assert wrong["ternary column"] < 1e-3  # sigma is 0.08 of a step
    assert abs(accuracy["ternary column"] - accuracy["exact sums"]) < 0.005
    # the unsigned column: sigma of 0.3 of a step, and four reads for each sum
    assert 0.02 < wrong["ACIM, charge summing"] < 0.3
    for name in ("ternary column", "ACIM, charge summing"):
        assert wrong[name] < wrong[f"{name}, 3 sigma"] < wrong[f"{name}, 10 sigma"]
    assert accuracy["ACIM, charge summing, 10 sigma"] < 0.9 < accuracy["ternary column, 10 sigma"]
