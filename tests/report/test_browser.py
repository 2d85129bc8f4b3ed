"""The report in a browser: no error, everything drawn, zoom and the choice of an axis work, and it opens fast.

A script at the end of the page does what a reader does and notes what it sees in an element, which the browser's
`--dump-dom` prints. Where CI is set, a missing browser fails instead of being skipped.
"""

from __future__ import annotations

import html as markup
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from luts.column import make_column_lut

from bitline.circuits.deck import Phase
from bitline.engine.waveforms import Waveforms
from bitline.lut.lut import Lut
from bitline.report.write import html

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Nothing is asked of the network, and nothing of a user's own profile is read.
OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1200,1000 --dump-dom"
)
ERRORS = """<script>
const errors = [];
addEventListener("error", (event) => errors.push(String(event.message)));
console.error = (...words) => errors.push(words.join(" "));
</script>"""
READER = """<script>
addEventListener("load", () => {
  const all = (name, part = document) => [...part.querySelectorAll(name)];
  const texts = (name, part) => all(name, part).map((entry) => entry.textContent);
  const drag = (part, from, to) => {
    const box = part.querySelector("svg").getBoundingClientRect();
    const at = (share) => box.left + ((80 + share * 544) / 640) * box.width;
    for (const [kind, share] of [["pointerdown", from], ["pointermove", to], ["pointerup", to]])
      part.querySelector("svg").dispatchEvent(
        new PointerEvent(kind, { bubbles: true, clientX: at(share), clientY: box.top + 40 }));
  };
  const choose = (section, name, value) => {
    const list = section.querySelector(`select[name="${name}"]`);
    list.value = value;
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const [slices] = all(".slices"), [waves] = all(".waves");
  const seen = { drawn: all(".slices, .waves").map((part) => all(".drawing path", part).length) };
  const drawing = (section) => section.querySelector(".drawing");
  seen.before = texts(".below", slices);
  drag(drawing(slices), 0.5, 1);
  seen.zoomed = texts(".below", slices);
  drawing(slices).dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
  seen.whole = texts(".below", slices);
  choose(slices, "x", "vdd");
  seen.over = texts(".below", slices);
  choose(slices, "variable", "swing");
  seen.legend = texts(".legend", slices);
  seen.waves = texts(".below", waves);
  drag(drawing(waves), 0, 0.25);
  seen.waves_zoomed = texts(".below", waves);
  seen.readout = texts(".readout", waves);
  const box = waves.querySelector("input");
  box.checked = false;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  seen.traces_left = all(".line path", waves).length;
  seen.wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  seen.errors = errors;
  const note = document.createElement("pre");
  note.id = "seen";
  note.textContent = JSON.stringify(seen);
  document.body.append(note);
});
</script>"""


def browser() -> str:
    if BROWSER is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium here: .ci/system-packages installs it where CI is set")
        pytest.skip("no Chromium here")
    return BROWSER


def opened(text: str, folder: Path) -> dict[str, Any]:
    """Open a report in the browser as its reader would, and return what there was to see."""
    page = folder / "report.html"
    watched = text.replace("<head>", f"<head>{ERRORS}", 1).replace("</body>", f"{READER}</body>")
    page.write_text(watched, encoding="utf-8")
    command = [browser(), *OPTIONS.split(), f"--user-data-dir={folder / 'profile'}", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    (note,) = re.findall(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    seen: dict[str, Any] = json.loads(markup.unescape(note))
    return seen


def seconds_to_open(text: str, folder: Path) -> float:
    """Return the CPU time of the browser for a page, its start included: other work does not lengthen it."""
    page = folder / "page.html"
    page.write_text(text, encoding="utf-8")
    # In one process, because the time of others is not told.
    options = [*OPTIONS.split(), "--single-process", f"--user-data-dir={folder / 'single'}", page.as_uri()]
    with subprocess.Popen([browser(), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime + used.ru_stime


def transient() -> Waveforms:
    time = np.linspace(0, 4e-9, 4001)
    signals = {"v(bl)": 1.8 * np.exp(-time / 2e-9), "v(wl)": 1.8 * (time > 1e-9), "i(vdd)": -1e-3 * np.sin(1e9 * time)}
    phases = (Phase("precharge", 0.0, 1e-9), Phase("read", 1e-9, 4e-9))
    return Waveforms(time, signals, title="made up", phases=phases, readings=(("v(bl)", 2e-9),), marks={"sample": 2e-9})


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return opened(html([make_column_lut(codes=5)], {"run.nc": transient()}), tmp_path_factory.mktemp("report"))


def test_no_error_and_everything_is_drawn(seen: dict[str, Any]) -> None:
    assert seen["errors"] == []
    assert min(seen["drawn"]) > 0
    assert seen["wide"] <= 0


def test_a_drag_shows_a_part_and_two_clicks_all(seen: dict[str, Any]) -> None:
    assert seen["before"][0] == "0"
    assert float(seen["zoomed"][0]) >= 2
    assert seen["whole"] == seen["before"]
    assert float(seen["waves"][-2]) == pytest.approx(4e-9)
    assert max(map(float, seen["waves_zoomed"][:-1])) <= 1e-9
    assert "time = 1e-9 s" in seen["readout"][0]


def test_another_axis_and_variable_can_be_chosen(seen: dict[str, Any]) -> None:
    assert seen["over"][-1] == "vdd [V]"
    assert seen["legend"][0].startswith("swing [V]")
    assert seen["traces_left"] == 2


def test_a_table_of_10000_points_opens_in_two_seconds_and_has_less_than_5_megabytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    sizes = {"code": 20, "vdd": 50, "temperature": 10}
    coordinates = {name: (name, np.arange(size, dtype=float), {"unit": "V"}) for name, size in sizes.items()}
    variables = {
        f"v_{k}": (tuple(sizes), rng.normal(size=tuple(sizes.values())), {"unit": "V", "doc": "made up"})
        for k in range(12)
    }
    large = Lut("large", "made-up", {"nominal": xr.Dataset(variables, coordinates)}, {})
    text = html([large], {"run.nc": transient()})
    assert len(text.encode()) < 5_000_000
    assert seconds_to_open(text, tmp_path) - seconds_to_open("<!DOCTYPE html>", tmp_path) < 2
