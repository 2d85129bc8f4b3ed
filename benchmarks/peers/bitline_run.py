"""Bitline's own run of a case: a sweep with store, as the command line makes one; prints as `peers.py` does.

python bitline_run.py CASE SAMPLES
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from decks import CASES

from bitline.sweep.runner import Runner
from bitline.sweep.sweep import Sweep

if __name__ == "__main__":
    case, samples = CASES[sys.argv[1]], int(sys.argv[2])
    inputs = {name: [value] for name, value in asdict(case.inputs).items()}
    sweep = Sweep(case.circuit, bench=case.bench, samples=samples, **inputs)
    done = Runner(engine="shared", store="store.sqlite").characterization(sweep)
    if done.failed or done.cached:
        raise SystemExit(f"{done.failed} points failed, {done.cached} were stored")
    # The first point is the nominal one.
    json.dump([outcome.values["swing"] for outcome in done.outcomes[1:]], sys.stdout)
