"""A short fault campaign: see `campaign`, and `make test-faults` for the whole one."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaign import Campaign, report


@pytest.mark.ngspice
def test_a_disturbed_sweep_ends_as_one_that_was_not(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path / "home", points=150, faults=6, seed=3)
    campaign.conduct()
    assert sum(tally.injected for tally in campaign.tally.values()) == campaign.injected >= 5
    assert "Stored results lost or changed: 0." in report(campaign, 3)
