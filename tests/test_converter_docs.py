"""What the converter's page says of whole conversions is what the committed files hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "results" / "converter"


def test_the_page_has_the_summary_as_it_was_written() -> None:
    page = (ROOT / "docs" / "adc.md").read_text(encoding="utf-8")
    summary = (FOLDER / "sar-chips.md").read_text(encoding="utf-8")
    assert summary in page


def test_the_summary_is_that_of_the_chips() -> None:
    summary = (FOLDER / "sar-chips.md").read_text(encoding="utf-8")
    chips = pd.read_csv(FOLDER / "sar-chips.csv")
    rows = pd.read_csv(FOLDER / "sar-chips-conversions.csv")
    for name, text in (("enob_codes", "codes"), ("enob_model", "model")):
        enob = chips[name].dropna()
        (line,) = [line for line in summary.splitlines() if line.startswith(f"| ENOB by the {text}, {len(enob)} chips")]
        assert f"| {enob.quantile(0.05):.2f}, {enob.median():.2f}; {(enob >= 4.5).sum()}, " in line
    other = int((rows["code"] != rows["modelled"]).sum())
    assert f"{other} of {len(rows)}," in summary
    assert chips["other_code"].sum() == other
    # One line through all conversions, by hand: LSB and middle are those of the nominal converter.
    lsb = 1e-3 * float(summary.split("LSB, gain of the sampling | ")[1].split(" ")[0])
    error = rows["v_diff"] / lsb - (rows["code"] - 15.5)
    together = float(summary.split("all conversions together | ")[1].split(" ")[0])
    assert 5 - np.log2(np.sqrt(12 * np.mean(error**2))) == pytest.approx(together, abs=0.05)
