"""Waveforms in pandas and xarray."""

from __future__ import annotations

import json

import numpy as np

from bitline.circuits.analysis import Ac, OperatingPoint
from bitline.circuits.deck import Phase
from bitline.engine.waveforms import Waveforms

TRANSIENT = Waveforms(
    axis=np.array([0.0, 1e-9, 3e-9]),
    signals={"v(bl)": np.array([1.8, 1.5, 1.2]), "i(vdd)": np.array([0.0, -1e-6, 0.0]), "v(k)": np.ones(3)},
    scalars={"onoise_total": 1e-3},
    title="a read",
    phases=(Phase("evaluate", 1e-9, 2e-9),),
    marks={"sample": 2e-9},
    units={"v(k)": "K"},
)
ANNOTATIONS = {
    "title": "a read",
    "phases": [["evaluate", 1e-9, 2e-9]],
    "marks": {"sample": 2e-9},
    "scalars": {"onoise_total": 1e-3},
    "readings": [],
}


def test_a_frame_has_a_column_per_signal_over_time() -> None:
    frame = TRANSIENT.to_dataframe()
    assert (frame.index.name, list(frame.columns)) == ("time", ["v(bl)", "i(vdd)", "v(k)"])
    assert frame.index.tolist() == [0.0, 1e-9, 3e-9]
    assert frame["v(bl)"].tolist() == [1.8, 1.5, 1.2]
    assert frame.attrs == {"units": {"time": "s", "v(bl)": "V", "i(vdd)": "A", "v(k)": "K"}, **ANNOTATIONS}


def test_a_dataset_interpolates_and_carries_units() -> None:
    dataset = TRANSIENT.to_xarray()
    assert float(dataset["v(bl)"].interp(time=2e-9)) == TRANSIENT.at("v(bl)", 2e-9)
    units = {str(name): dataset[name].attrs["units"] for name in dataset.variables}
    assert units == {"time": "s", "v(bl)": "V", "i(vdd)": "A", "v(k)": "K"}
    assert dataset.attrs == json.loads(json.dumps(ANNOTATIONS))


def test_a_response_stays_complex_and_an_operating_point_is_one_row() -> None:
    response = np.array([1.0, 0.5 - 0.5j])
    waveforms = Waveforms(np.array([1.0, 1e6]), {"v(out)": response}, abscissa=Ac.axis)
    assert waveforms.to_dataframe()["v(out)"].tolist() == response.tolist()
    assert waveforms.to_xarray()["v(out)"].sel(frequency=1e6).item() == 0.5 - 0.5j
    point = Waveforms(np.zeros(1), {"v(out)": np.array([0.9])}, abscissa=OperatingPoint.axis)
    assert point.to_dataframe().shape == (1, 1)
