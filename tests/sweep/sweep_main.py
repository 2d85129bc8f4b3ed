"""A program that runs a small sweep to its end, unless it is interrupted or killed."""

from __future__ import annotations

import sys
from pathlib import Path

import sweep_fakes as fakes

from bitline.sweep.cluster import DaskExecutor
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.report import Report
from bitline.sweep.run import Interrupted, run_points
from bitline.sweep.store import Store

COUNT = 150


def main(folder: Path, kind: str = "local") -> int:
    context = fakes.Context(folder, folder / "store.sqlite", seconds=0.004)
    executor = (DaskExecutor if kind == "dask" else LocalExecutor)(
        workers=2, initializer=fakes.note_pid, initargs=(folder,)
    )
    report = Report(COUNT, label="sweep")
    try:
        with Store(folder / "store.sqlite") as store, executor, report:
            run_points(fakes.points(COUNT), fakes.evaluate, context, executor=executor, store=store, report=report)
    except Interrupted as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
