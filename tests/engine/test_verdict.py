"""Each way in which a run goes wrong becomes the right error, and nothing wrong passes for good."""

from __future__ import annotations

import numpy as np
import pytest

from bitline.circuits.analysis import Noise, Transient
from bitline.circuits.deck import Deck
from bitline.engine.answer import Answer
from bitline.engine.batch import BatchSimulator
from bitline.engine.isolation import isolate
from bitline.engine.shared import shared_simulator
from bitline.engine.simulator import Simulator
from bitline.engine.verdict import judge
from bitline.errors import BadMeasureError, NoConvergenceError, RefusedError, SimulationError, SimulatorCrashedError
from bitline.sweep.pool import LocalExecutor

DECK = Deck("t", "", ("v(out)", "i(vdd)"), Transient(1e-9))
TIME = np.linspace(0.0, 1e-9, 11)


def answer(log: str = "", **vectors: np.ndarray) -> Answer:
    good = {"time": TIME, "v(out)": TIME * 1e9, "i(vdd)": np.zeros(11)}
    named = {{"out": "v(out)", "vdd": "i(vdd)"}.get(name, name): v for name, v in vectors.items()}
    return Answer({"tran": {**good, **named}}, log)


def without(name: str) -> Answer:
    good = answer()
    return Answer({"tran": {k: v for k, v in good.plots["tran"].items() if k != name}})


def test_a_good_run_passes_with_what_its_deck_knows() -> None:
    deck = Deck(
        "t",
        "",
        ("v(out)",),
        Transient(1e-9),
        marks={"sample": 5e-10},
        units={"v(out)": "K"},
        panels={"Out": ("v(out)",)},
    )
    waves = judge(deck, answer("Note: all is well"))
    assert np.array_equal(waves.axis, TIME)
    assert waves.signals.keys() == {"v(out)", "i(vdd)"}
    assert (waves.title, waves.marks, waves.units) == ("t", {"sample": 5e-10}, {"v(out)": "K"})
    assert waves.panels == {"Out": ("v(out)",)}


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("vector", ["out", "vdd"])
def test_one_value_that_is_not_finite_spoils_the_point(vector: str, wrong: float) -> None:
    values = np.zeros(11)
    values[3] = wrong
    with pytest.raises(BadMeasureError, match="is not finite"):
        judge(DECK, answer(**{vector: values}))


def test_a_missing_vector_is_named() -> None:
    with pytest.raises(BadMeasureError, match=r"the vector i\(vdd\) did not come back"):
        judge(DECK, without("i(vdd)"))


def test_an_analysis_cut_short_did_not_converge() -> None:
    short = Answer({"tran": {k: v[:5] for k, v in answer().plots["tran"].items()}})
    with pytest.raises(NoConvergenceError, match="stopped at 4e-10 of 1e-09"):
        judge(DECK, short)
    with pytest.raises(NoConvergenceError, match="stopped at 0 of 1e-09"):
        judge(DECK, Answer({"tran": {"time": np.array([])}}))


def test_no_data_at_all_is_a_crash() -> None:
    with pytest.raises(SimulatorCrashedError, match="returned no data: last words"):
        judge(DECK, Answer(log="last words"))


@pytest.mark.parametrize(
    ("log", "error"),
    [
        ("doAnalyses: TRAN:  Timestep too small; time = 1e-10", NoConvergenceError),
        ("doAnalyses: iteration limit reached", NoConvergenceError),
        ("Error: no convergence in operating point", NoConvergenceError),
        (" meas tran t1 when v(out)=5\n.meas tran t1 when v(out)=5 failed!", BadMeasureError),
        ("No .measure possible in batch mode (-b) with -r rawfile set!", BadMeasureError),
        ("Error: no data saved for Transient analysis; analysis not run", BadMeasureError),
        ("could not find a valid modelname", RefusedError),
        ("Error: unknown subckt: x1 out 0 nope", RefusedError),
        ("unknown parameter (blah)", RefusedError),
        ("Undefined parameter [zork]", RefusedError),
        ('Too few parameters for subcircuit type "sub" (instance: xx1)', RefusedError),
        ("Error: Could not find include file /nowhere/x", RefusedError),
        ("Error: circuit not parsed.", RefusedError),
        ("Fatal error: too many nodes", RefusedError),
    ],
)
def test_a_fatal_line_in_the_log_outweighs_complete_data(log: str, error: type[SimulationError]) -> None:
    with pytest.raises(error) as caught:
        judge(DECK, answer(f"Note: fine so far\n{log}\nTotal elapsed time: 1 s"))
    assert log.splitlines()[-1].strip().replace("  ", " ") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "fine so far" in caught.value.log


@pytest.mark.parametrize(
    "log",
    [
        "Warning: Dynamic gmin stepping failed\nNote: Source stepping completed",
        "Warning: singular matrix:  check node out\nNote: Transient op finished successfully",
    ],
)
def test_a_warning_on_the_way_to_complete_data_is_no_failure(log: str) -> None:
    judge(DECK, answer(log))
    with pytest.raises(NoConvergenceError):
        judge(DECK, Answer(log=log))


def test_true_gmin_stepping_is_no_operating_point_though_ngspice_calls_it_completed() -> None:
    """A precharged line started at 0.13 V of 1.98 V behind these two notes, and the transient ran to its end."""
    with pytest.raises(NoConvergenceError, match="did not converge"):
        judge(DECK, answer("Warning: Dynamic gmin stepping failed\nNote: True gmin stepping completed"))


def test_a_noise_total_is_judged_as_a_vector_is() -> None:
    deck = Deck("n", "", ("onoise_total",), Noise("v(out)", "v1", stop=1e9))
    spectrum = {"frequency": np.array([1.0, 1e9]), "onoise_spectrum": np.ones(2)}
    good = Answer({"noise1": spectrum, "noise2": {"onoise_total": np.array([2e-3])}})
    assert judge(deck, good).scalars == {"onoise_total": 2e-3}
    with pytest.raises(BadMeasureError, match="onoise_total is not finite"):
        judge(deck, Answer({"noise1": spectrum, "noise2": {"onoise_total": np.array([np.nan])}}))
    with pytest.raises(BadMeasureError, match="onoise_total did not come back"):
        judge(deck, Answer({"noise1": spectrum}))


RC = "r1 out 0 1e3\nc1 out 0 1e-12\n.ic v(out)=1\n"
BROKEN = {
    "failed .meas": (RC + ".meas tran t1 when v(out)=5\n", BadMeasureError),
    "nothing of that name": ("v1 other 0 1\nr1 other 0 1\n", BadMeasureError),
    "unknown model": (RC + "m1 out 0 0 0 nope l=1 w=1\n", RefusedError),
    "unknown type of model": (RC + "d1 out 0 dd\n.model dd nope(is=1e-14)\n", RefusedError),
    "model that fits no size": (
        RC + "m1 out out 0 0 n l=1e-6 w=1e-6\n.model n.1 nmos level=14 lmin=2e-6 lmax=3e-6 wmin=2e-6 wmax=3e-6\n",
        RefusedError,
    ),
    "unknown device": (RC + "9nope out 0 1\n", RefusedError),
    "device given twice": (RC + "r1 out 0 1e3\n", RefusedError),
    "unknown subcircuit": (RC + "x1 out 0 nope\n", RefusedError),
    "subcircuit with too few nodes": (RC + "x1 out sub\n.subckt sub a b\nr1 a b 1\n.ends\n", RefusedError),
    "unknown instance parameter": (
        RC + ".model n nmos level=1\nm1 out 0 0 0 n l=1u w=1u blah=3\n",
        RefusedError,
    ),
    "two sources against each other": ("v1 out 0 1\nv2 out 0 2\n", NoConvergenceError),
}


@pytest.mark.ngspice
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_deck_is_found_out_and_leaves_the_engine_sound(name: str, simulator: Simulator) -> None:
    body, error = BROKEN[name]
    good = Deck("good", RC, ("v(out)",), Transient(2e-9))
    before = judge(good, simulator.answer(good))
    broken = Deck(name, body, ("v(out)",), Transient(2e-9))
    with pytest.raises(error):
        judge(broken, simulator.answer(broken))
    after = judge(good, simulator.answer(good))
    assert np.array_equal(after["v(out)"], before["v(out)"])


def test_a_refusal_is_told_in_ngspice_s_words() -> None:
    log = "Note: x\nError on line 6 or its substitute:\n  d1 out 0 dd blah=3\nunknown parameter (blah)\n"
    log += (
        "    Simulation interrupted due to error!\nError: circuit not parsed.\nError: there aren't any circuits loaded."
    )
    with pytest.raises(RefusedError) as caught:
        judge(DECK, Answer(log=log))
    words = "Error on line 6 or its substitute: | d1 out 0 dd blah=3 | unknown parameter (blah)"
    assert str(caught.value) == f"t: ngspice refused the deck: {words}"


# After these libngspice needs a new process; a program of its own does so anyway.
UNRECOVERABLE = {
    "undefined parameter": RC + "r2 out 0 {nope}\n",
    "brace left open": RC + "r2 out 0 {1+(2\n",
}


@pytest.mark.ngspice
@pytest.mark.parametrize("name", UNRECOVERABLE)
def test_what_libngspice_cannot_recover_from_is_refused_by_both_engines(name: str, batch: BatchSimulator) -> None:
    broken = Deck("t", UNRECOVERABLE[name], ("v(out)",), Transient(2e-9))
    good = Deck("good", RC, ("v(out)",), Transient(2e-9))
    with LocalExecutor(initializer=isolate) as executor:
        spent, answer, refusal = executor.submit(answer_twice, broken, good).result()
    assert spent
    assert refusal == "good: libngspice gave up on an earlier deck and needs a new process"
    for one in (answer, batch.answer(broken)):
        with pytest.raises(RefusedError, match=r"ngspice refused the deck: (Undefined parameter \[nope\]|Closing)"):
            judge(broken, one)


def answer_twice(broken: Deck, good: Deck) -> tuple[bool, Answer, str]:
    simulator = shared_simulator()
    answer = simulator.answer(broken)
    try:
        simulator.answer(good)
    except SimulatorCrashedError as error:
        return simulator.spent, answer, str(error)
    return simulator.spent, answer, ""
