"""The comparison with other programs: what its tables make of what was measured."""

from __future__ import annotations

from pathlib import Path

import peer_table
import pytest

HEAD = "# versions\ncase,peer,decks,samples,cpu,memory,mean,sigma,apart\n"
RUNS = """\
read,bitline,,1,3.002,200,0.8,nan,0
read,bitline,,1001,5.002,210,0.8,0.04,0
read,ngspice,stock,1,3.0,560,0.8,nan,nan
read,ngspice,stock,3,9.0,560,0.81,0.04,nan
read,ngspice-loop,stock,1,5,560,0.8,nan,nan
read,ngspice-loop,stock,101,5.5,560,0.8,0.04,nan
read,pyspice,slim,1,0.1,30,0.8,nan,0
read,spicelib,slim,1,0.1,30,0.8,nan,0
read,spicelib,slim,11,0.11,30,0.8,0.04,0
"""


@pytest.fixture(autouse=True)
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "measured.csv"
    path.write_text(HEAD + RUNS + RUNS.replace("read", "column"))
    monkeypatch.setattr(peer_table, "MEASURED", path)


def test_start_and_further_sample_are_those_of_a_straight_line() -> None:
    ours, process, *others = peer_table.costs("read")
    assert (ours.peer, ours.start, ours.sample) == ("bitline", pytest.approx(3.0), pytest.approx(2e-3))
    assert ours.thousand == pytest.approx(5.0)
    assert (process.start, process.sample) == (pytest.approx(0, abs=1e-12), pytest.approx(3.0))
    # PySpice has one run, of which the start is not known.
    assert [cost.peer for cost in others] == ["ngspice-loop", "spicelib"]


def test_promises_are_of_the_best_peer_of_each_kind() -> None:
    rows = [row.strip("| ").split(" | ") for row in peer_table.promises()][2:]
    assert [row[2] for row in rows[:2]] == ["1.5e+03 (holds)", "2.5 (holds)"]
    assert rows[1][3] == "2.5 (does not hold)"  # of the column 3 are wanted
    assert rows[3][2] == "0.5 (does not hold)"


def test_a_row_says_what_was_not_run_but_worked_out() -> None:
    rows = list(peer_table.rows("read"))[2:]
    assert "| 1 | 5 | 210 |" in rows[0]
    assert "about 55" not in rows[0]
    assert "about 10 |" in rows[2]
