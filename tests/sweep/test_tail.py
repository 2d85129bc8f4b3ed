"""The tail of real simulations in worker processes, against an exact probability and against plain Monte Carlo."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lab_rc
import pytest
from lab_rc import TOY, LabRc
from scipy.special import ndtr

from bitline.benches import registry
from bitline.circuits.registry import circuits
from bitline.circuits.split_port_6t import SplitPort6T
from bitline.errors import BadMeasureError, InputError, UnknownNameError
from bitline.parameters import field_names
from bitline.pdk.descriptor import Pdk
from bitline.statistics.rare.estimate import Method
from bitline.sweep.runner import Runner
from bitline.sweep.store import Store
from bitline.sweep.tail import Estimator, Limit, Tail

SIGMA, BETA = 0.1, 4.0
LIMIT = Limit("v_out", math.exp(-math.exp(-BETA * SIGMA * math.sqrt(2))), above=False)
METHODS: tuple[Method, ...] = ("plain", "importance")
Run = Callable[..., Tail]


@pytest.fixture
def rc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run `tail` on the plug-in circuit."""
    (tmp_path / "plugin").mkdir()
    lab_rc.install(tmp_path / "plugin", monkeypatch)
    monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))
    for cache in (circuits, registry.benches):
        cache.cache_clear()

    def run(*limits: Limit, jobs: int = 1, store: Path | None = None, **values: Any) -> Tail:
        runner = Runner(TOY, jobs=jobs, store=store)
        estimator = Estimator(**{name: values.pop(name) for name in field_names(Estimator) if name in values})
        return runner.tail(LabRc(sigma=SIGMA), "decay", limits or LIMIT, estimator=estimator, **values)

    yield run
    for cache in (circuits, registry.benches):
        cache.cache_clear()


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("margin_1", Limit("margin_1", 0.0)),
        ("swing>0.3", Limit("swing", 0.3)),
        ("energy_array<2e-15", Limit("energy_array", 2e-15, above=False)),
        ("margin>-0.01", Limit("margin", -0.01)),
    ],
)
def test_a_limit_is_read_from_text(text: str, limit: Limit) -> None:
    assert Limit.parse(text) == limit


@pytest.mark.parametrize("text", ["", "swing>", "swing>x", "swing>nan", ">1", "a b", "swing=1", "a<b<1"])
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="must be an output"):
        Limit.parse(text)


def test_a_margin_is_positive_while_the_limit_is_kept() -> None:
    values = {"v": 0.5}
    assert Limit("v", 0.25).margin(values) == 0.25
    assert Limit("v", 0.25, above=False).margin(values) == -0.25


@pytest.mark.ngspice
def test_the_probability_is_exact_and_the_same_for_any_number_of_workers(rc: Run, tmp_path: Path) -> None:
    one = rc(target_cov=0.2, jobs=1, store=tmp_path / "store")
    exact = ndtr(-BETA)
    assert one.estimate.low <= exact <= one.estimate.high
    assert one.estimate.equivalent_samples > 100 * one.estimate.evaluations
    assert one.deviates == ("r.lnr", "c.lnr")
    assert one.estimate.design_point == pytest.approx([BETA / math.sqrt(2)] * 2, abs=0.15)
    two = rc(target_cov=0.2, jobs=2)
    assert two.estimate == one.estimate
    with Store(tmp_path / "store", read_only=True) as store:
        assert len(store) == one.simulated <= one.estimate.evaluations
    again = rc(target_cov=0.2, jobs=1, store=tmp_path / "store")
    assert (again.estimate, again.simulated) == (one.estimate, 0)


@pytest.mark.ngspice
def test_simulations_without_a_result_are_no_pass(rc: Run) -> None:
    with pytest.raises(BadMeasureError, match=r"samples gave no margin: .*bad_measure; the first: decay"):
        rc(blind=True, method="plain", max_evaluations=1000)


@pytest.mark.ngspice
def test_what_cannot_be_is_refused(rc: Run) -> None:
    with pytest.raises(UnknownNameError, match=r"'v_uot' of .*; did you mean 'v_out'"):
        rc(Limit("v_uot"))
    with pytest.raises(InputError, match="nothing in lab-rc varies: no device of PDK toy draws mismatch"):
        rc(exact=True)
    with pytest.raises(InputError, match="without sample and deviates"):
        rc(sample=1)
    with pytest.raises(InputError, match="give at least one"):
        Runner(TOY).tail(LabRc(), "decay", ())


@pytest.mark.ngspice
@pytest.mark.pdk
def test_a_bench_s_tail_agrees_with_plain_monte_carlo(sky130: Pdk) -> None:
    runner = Runner(sky130, jobs=2)
    plain, chosen = (
        runner.tail(SplitPort6T(), "read", "swing>0.715", estimator=Estimator(method, target_cov=0.25), t_pulse=0.2e-9)
        for method in METHODS
    )
    assert plain.estimate.converged and chosen.estimate.converged
    assert 0.001 < plain.estimate.probability < 0.02
    assert max(plain.estimate.low, chosen.estimate.low) < min(plain.estimate.high, chosen.estimate.high)
    by_size = sorted(
        zip(chosen.estimate.design_point or (), chosen.deviates, strict=True), key=lambda item: -abs(item[0])
    )
    assert {name.split(".")[0] for _, name in by_size[:4]} == {"pgr", "pdr"}  # the two that discharge the line
