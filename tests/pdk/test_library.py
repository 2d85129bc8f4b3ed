"""Reading a library's text: what is kept of it, what is refused, and when the cache is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bitline.errors import PdkDamagedError, PdkMissingError
from bitline.pdk.library import DeviceText, Library, ModelCard, read_library
from bitline.pdk.library_cache import load_library
from bitline.pdk.statements import assignments

NCH = """\
.subckt nch d g s b l=1 w=1
m1 d g s b nch_card l={l} w={w}
.model nch_card nmos level=54 vth0=0.4
.ends nch
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write `text` as section tt of a library, and the files it may include."""

    def made(text: str, *, library: str = ".lib tt\n{}\n.endl tt\n", **files: str) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        (tmp_path / "own.lib").write_text(library.format(text))
        return tmp_path / "own.lib"

    return made


def read(path: Path, *devices: str, section: str = "tt") -> Library:
    return read_library(path, section, devices)


def parameters(path: Path) -> dict[str, str]:
    return dict(read(path).parameters)


def test_a_subcircuit_is_kept_as_its_statements(write: Write) -> None:
    text = """
.subckt nch d g s b l=1 w=1 ad=0 mult=1
+ delta = {0.1*w}
.param vth = {0.4 + MC_SW*AGAUSS(0,1.0,1)} shift='2 * vth'
M1 d g s b nch_card l={l} W='w - delta' ad={ad}
.model nch_card.0 nmos level=54 lmin=1e-7 lmax=1e-6 wmin=0 wmax=1
+ vth0 = {vth}
.model nch_card.1 NMOS ( toxe = {(1 + 2)*3}, lmin=1e-6, lmax=1, wmin=0 wmax=1 )
.model other nmos level=1
.ends
"""
    assert read(write(text), "NCH").devices == {
        "nch": DeviceText(
            name="nch",
            defaults={
                "l": "1",
                "w": "1",
                "ad": "0",
                "mult": "1",
                "delta": "{0.1*w}",
                "vth": "{0.4 + mc_sw*agauss(0,1.0,1)}",
                "shift": "'2 * vth'",
            },
            instance={"l": "{l}", "w": "'w - delta'", "ad": "{ad}"},
            model="nch_card",
            models=(
                ModelCard(
                    "nch_card.0",
                    "nmos",
                    {"level": "54", "lmin": "1e-7", "lmax": "1e-6", "wmin": "0", "wmax": "1", "vth0": "{vth}"},
                    local=True,
                ),
                ModelCard(
                    "nch_card.1",
                    "nmos",
                    {"toxe": "{(1 + 2)*3}", "lmin": "1e-6", "lmax": "1", "wmin": "0", "wmax": "1"},
                    local=True,
                ),
            ),
        )
    }


@pytest.mark.parametrize(
    "card",
    [
        ".model nch nmos level=54 vth0=0.4",
        ".MODEL NCH NMOS (level=54 vth0=0.4)",
        ".model nch nmos(level = 54\n+ vth0\n+ = 0.4)",
        ".model nch nmos\n* between\n\n+ level=54 ; why\n+ vth0=0.4 $ volts",
    ],
)
def test_a_bare_model_in_every_spelling(card: str, write: Write) -> None:
    device = read(write(card), "nch").devices["nch"]
    assert device.models == (ModelCard("nch", "nmos", {"level": "54", "vth0": "0.4"}),)
    assert list(device.instance.items())[:2] == [("l", "l"), ("w", "w")]
    assert not device.defaults


def test_a_subcircuit_may_use_cards_that_stand_outside(write: Write) -> None:
    outside = NCH.replace(".model nch_card nmos level=54 vth0=0.4\n", "") + ".model nch_card nmos level=54 vth0=0.3"
    (card,) = read(write(outside), "nch").devices["nch"].models
    assert card == ModelCard("nch_card", "nmos", {"level": "54", "vth0": "0.3"}, local=False)


LIMITS = "lmin=0 lmax=1 wmin=0 wmax=1"


@pytest.mark.parametrize(
    ("inside", "outside", "chosen"),
    [
        (".model nch_card nmos vth0=1\n.model nch_card nmos vth0=2", "", "1"),
        (f".model nch_card.2 nmos vth0=1 {LIMITS}\n.model nch_card nmos vth0=2", "", "2"),
        (f".model nch_card.2 nmos vth0=1 {LIMITS}", ".model nch_card nmos vth0=2", "1"),
        (f".model nch_card.2 nmos vth0=1\n.model nch_card.1 nmos vth0=2 {LIMITS}", "", "2"),
        (f".model nch_card.2 nmos vth0=1 {LIMITS}\n.model nch_card.2 nmos vth0=2 {LIMITS}", "", "1"),
        (".model other nmos vth0=1", ".model nch_card nmos vth0=2", "2"),
    ],
)
def test_the_card_is_the_one_that_ngspice_takes(inside: str, outside: str, chosen: str, write: Write) -> None:
    text = NCH.replace(".model nch_card nmos level=54 vth0=0.4", inside) + outside
    assert [card.parameters["vth0"] for card in read(write(text), "nch").devices["nch"].models] == [chosen]


def test_of_two_subcircuits_of_one_name_the_first_counts_as_in_ngspice(write: Write) -> None:
    (card,) = read(write(NCH + NCH.replace("0.4", "0.5")), "nch").devices["nch"].models
    assert card.parameters["vth0"] == "0.4"


def test_functions_are_replaced_by_their_bodies(write: Write) -> None:
    text = ".func f(x, y) {x + g(y)}\n.func g(x) = '2*x'\n.param h(x)='x**2' a='f(1, h(b))'\n" + NCH.replace(
        "m1", ".func g(x) {3*x}\nm1"
    ).replace("vth0=0.4", "vth0={g(1)}")
    library = read(write(text), "nch")
    assert library.parameters == {"a": "'((1) + (2*((((b)**2)))))'"}
    assert library.devices["nch"].models[0].parameters["vth0"] == "{(3*(1))}"


def test_files_named_beforehand_are_read_first(write: Write, tmp_path: Path) -> None:
    path = write(".param b={a}", switches_inc=".param a=1 b=0\n")
    library = read_library(path, "tt", [], [tmp_path / "switches.inc"])
    assert library.parameters == {"a": "1", "b": "{a}"}
    assert len(library.files) == 2


def test_options_that_change_a_device_are_kept_and_others_refused_unless_named(write: Write) -> None:
    text = ".option scale=1u list\n.options scale = 2u tnom=25\n.option tnom=70, post\n"
    assert read(write(text)).options == {"scale": "1u", "tnom": "70"}
    path = write(".option gmin=1e-10")
    with pytest.raises(PdkDamagedError, match=r"\.option gmin: .* ignored_options = \['gmin'\]"):
        read(path)
    assert not read_library(path, "tt", [], ignored=["GMIN"]).options


def test_a_name_of_a_file_may_hold_blanks_and_start_at_home(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my models").mkdir()
    (tmp_path / "my models" / "a.inc").write_text(".param a=1\n")
    (tmp_path / "b.inc").write_text(".param b=2\n")
    assert parameters(write('.include "my models/a.inc" $ one\n.include ~/b.inc')) == {"a": "1", "b": "2"}


def test_names_of_a_file_are_kept_in_case_and_all_others_are_not(write: Write) -> None:
    path = write('.INCLUDE "Sub/Params.Inc"', Sub__Params_Inc=".PARAM VTH0 = {ABS(Dvt)}")
    assert parameters(path) == {"vth0": "{abs(dvt)}"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("* .param a=1\n.param b=2", {"b": "2"}),
        (".param a=1 ; b=2", {"a": "1"}),
        (".param a=1;b=2", {"a": "1"}),
        (".param a=1 $ b=2", {"a": "1"}),
        (".param a=1 $b=2", {"a": "1"}),
        (".param a=1 // b=2", {"a": "1"}),
        ("// .param a=1\n.param b=2", {"b": "2"}),
        ("$ .param a=1\n.param b=2", {"b": "2"}),
        (".param a=1\n* c\n\n+ b=2", {"a": "1", "b": "2"}),
        (".param a=\n+ {1\n+ + 2}", {"a": "{1  + 2}"}),
        (".param a = 1 + 1*max(1, 2)", {"a": "1 + 1*max(1, 2)"}),
        (".param a=(1 + 1)  b='2 == a' c={b * (a - 1)}", {"a": "(1 + 1)", "b": "'2 == a'", "c": "{b * (a - 1)}"}),
    ],
)
def test_comments_and_continuations(text: str, kept: dict[str, str], write: Write) -> None:
    assert parameters(write(text)) == kept


def test_of_two_parameters_of_one_name_the_last_counts_as_in_ngspice(write: Write) -> None:
    assert parameters(write(".param a=1 b={a}\n.param a=2\n.param a=3")) == {"a": "3", "b": "{a}"}


def test_of_two_sections_of_one_name_the_first_counts_as_in_ngspice(write: Write) -> None:
    path = write("", library=".lib tt\n.param a=1\n.endl\n.lib TT\n.param a=2\n.endl{}\n")
    assert parameters(path) == {"a": "1"}


def test_a_section_is_found_in_any_case_and_only_what_is_in_it_is_read(write: Write) -> None:
    sections = ".param out=1\n.LIB SS\n.param a=1\n.ENDL SS\n.lib tt\n.param b=2\n.endl\n.param out=2{}"
    path = write("", library=sections)
    assert read(path, section="ss").parameters == {"a": "1"}
    assert read(path, section="TT").parameters == {"b": "2"}


def test_includes_and_nested_sections_are_relative_to_the_file_they_stand_in(write: Write) -> None:
    path = write(
        ".lib 'sub/corners.lib' Slow",
        sub__corners_lib=(
            ".lib fast\n.param a=1\n.endl\n.lib slow\n.inc deeper.inc ; which\n.lib corners.lib more\n.endl\n"
            ".lib more\n.param c=3\n.endl\n"
        ),
        sub__deeper_inc=".param b=2\n.include ../top.inc\n",
        top_inc=NCH,
    )
    library = read(path, "nch")
    assert library.parameters == {"b": "2", "c": "3"}
    assert sorted(Path(name).name for name in library.files) == ["corners.lib", "deeper.inc", "own.lib", "top.inc"]


@pytest.mark.parametrize("text", [".include a.inc", ".lib own.lib tt"])
def test_a_file_that_includes_itself_is_found_out(text: str, write: Write) -> None:
    with pytest.raises(PdkDamagedError, match="section 'tt' includes itself"):
        read(write(text, a_inc=".include a.inc"))


def test_a_missing_file_is_named(write: Write, tmp_path: Path) -> None:
    with pytest.raises(PdkMissingError, match=r"none\.lib cannot be read: No such file"):
        read(tmp_path / "none.lib")
    with pytest.raises(PdkMissingError, match=r"sub/gone\.inc cannot be read"):
        read(write(".include sub/gone.inc"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no section 'tt' in the library"),
        (".param a=1", "section 'tt' has no device nch"),
        (NCH.replace("nch", "pch"), "section 'tt' has no device nch"),
        (NCH.replace(".ends nch\n", ""), "section 'tt' has no device nch"),
        (NCH.replace("nch_card nmos", "other nmos").replace(".model", "*"), "section 'tt' has no model for nch"),
        (NCH.replace("m1 d", "* m1 d"), "device nch: 0 transistors in its subcircuit, not one"),
        (NCH.replace("m1 d", "m0 d g s b nch_card\nm1 d"), "device nch: 2 transistors in its subcircuit, not one"),
        (NCH.replace(" nch_card l={l} w={w}", ""), "device nch: cannot read 'm1 d g s b'"),
        (NCH.replace("nmos level=54 vth0=0.4", ""), "cannot read '.model nch_card'"),
        (".subckt\n.ends\n.model\n", r"cannot read '\.model'"),
        (".param a = 1 + 1 b=2", r"cannot read '\+ 1 b=2'"),
        (".param a=1, b=2", "cannot read ', b=2'"),
        ("r1 a 0 1k", "'r1 a 0 1k' has an effect"),
        (".temp 70", r"'\.temp 70' has an effect"),
        (".func f x", "cannot read the function"),
        (".func f(x) {x}\n.param a={f(1, 2)}", "calls f with 2 arguments"),
        (".func f(x) {f(x)}\n.param a={f(1)}", "without end"),
        (NCH.replace(".model", "r1 d s 1k\n.model"), "device nch: 'r1 d s 1k' in its subcircuit"),
        (NCH.replace("d g s b", "g d s b", 1), "its pins are g d s b, and its transistor stands on d g s b"),
        (NCH.replace("d g s b", "d g s b sub", 1), "its pins are d g s b sub"),
        (NCH.replace("nch_card l", "nch_card off l"), "device nch: cannot read"),
        (NCH.replace("vth0=0.4", "vth0 = 0.4 + 0.1"), r"cannot read '\+ 0\.1'"),
        (NCH.replace("m1 d", ".if (w > 1)\nm1 d"), "device nch: .* conditional subcircuits"),
        (f".if (fast == 1)\n{NCH}.endif", "conditional libraries"),
        (".include one two", "cannot read '.include one two'"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(text: str, message: str, write: Write) -> None:
    with pytest.raises(PdkDamagedError, match=message) as caught:
        read(write(text), "nch")
    assert "\n" not in str(caught.value)


def test_assignments_are_split_at_names_only() -> None:
    assert assignments("w=1 l = {a * (b + c)}, x='y z'") == {"w": "1", "l": "{a * (b + c)}", "x": "'y z'"}
    assert assignments("") == {}


def test_bytes_that_are_no_text_are_read_past(write: Write) -> None:
    path = write(NCH)
    path.write_bytes(b"* \xff\xb5m\n" + path.read_bytes())
    assert "nch" in read(path, "nch").devices


class TestCache:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("BITLINE_CACHE_DIR", str(tmp_path / "cache"))
        return tmp_path / "cache" / "slim"

    @pytest.fixture
    def library(self, write: Write) -> Path:
        return write(".include values.inc\n" + NCH, values_inc=".param a=1\n")

    def test_a_second_reading_is_the_first(self, library: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first = load_library(library, "tt", ["nch"])
        assert first == read(library, "nch")
        assert len(list(folder.iterdir())) == 1
        monkeypatch.setattr("bitline.pdk.library.read_library", None)  # must not be needed
        assert load_library(library, "tt", ["nch"]) == first
        assert load_library(library, "tt", ["nch"]).sha256 == first.sha256

    @pytest.mark.parametrize("changed", ["own.lib", "values.inc"])
    def test_any_changed_file_is_noticed(self, changed: str, library: Path) -> None:
        before = load_library(library, "tt", ["nch"])
        file = library.with_name(changed)
        file.write_text(file.read_text().replace("a=1", "a=2").replace("vth0=0.4", "vth0=0.5"))
        after = load_library(library, "tt", ["nch"])
        assert after == read(library, "nch") != before
        assert after.sha256 != before.sha256

    def test_a_file_that_has_gone_is_named(self, library: Path) -> None:
        load_library(library, "tt", ["nch"])
        library.with_name("values.inc").unlink()
        with pytest.raises(PdkMissingError, match=r"values\.inc"):
            load_library(library, "tt", ["nch"])

    def test_sections_and_devices_are_kept_apart(self, library: Path, folder: Path) -> None:
        load_library(library, "tt", ["nch"])
        assert not load_library(library, "tt", []).devices
        with pytest.raises(PdkDamagedError):
            load_library(library, "tt", ["pch"])
        assert len(list(folder.iterdir())) == 2

    @pytest.mark.parametrize("damage", ["", "{", "[]", '{"devices": []}', "cut", "digit", "\0"])
    def test_a_damaged_cache_is_not_believed(self, damage: str, library: Path, folder: Path) -> None:
        good = load_library(library, "tt", ["nch"])
        (file,) = folder.iterdir()
        text = file.read_text()
        assert "0.4" in text
        file.write_text({"cut": text[: len(text) // 2], "digit": text.replace("0.4", "0.5")}.get(damage, damage))
        assert load_library(library, "tt", ["nch"]) == good
        assert file.read_text() == text

    def test_a_cache_that_cannot_be_written_is_done_without(self, library: Path, folder: Path) -> None:
        folder.parent.mkdir()
        folder.touch()
        assert load_library(library, "tt", ["nch"]) == read(library, "nch")

    def test_the_hash_is_that_of_the_content_not_of_its_place(self, library: Path) -> None:
        found = load_library(library, "tt", ["nch"])
        moved = replace(found, files={f"/elsewhere/{name}": digest for name, digest in found.files.items()})
        assert moved.sha256 == found.sha256
