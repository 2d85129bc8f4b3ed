"""Made-up PDK libraries: seeded, valid for ngspice, each with a descriptor, to compare the reader with ngspice.

A library holds one NMOS and one PMOS at two corners. It is written in one of the many ways in which libraries are
written: sections, files and nesting, parameters that depend on each other in any order, subcircuits or bare cards,
bins, definitions that stand twice, draws behind a switch, comments, case and continuation lines. All of that is
plain: a reader must take it. A library can have oddities besides, each named in `ODDITIES`, which a reader may take
or refuse, but must not read otherwise than ngspice does. Nothing here says what a library means: ngspice says it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

#: What a reader may refuse. Of the odd libraries each takes its turn.
ODDITIES = (
    "resistor in the subcircuit",
    "diode in the subcircuit",
    "capacitor in the subcircuit",
    "second transistor",
    "pins in another order",
    "terminals swapped on the line",
    "device inside another subcircuit",
    "nested subcircuit",
    "multiplier on the line",
    "multiplier as default",
    "fingers on the line",
    "fingers and wnflag",
    ".if around cards",
    ".if around parameters",
    ".if in the subcircuit",
    "temper in a card",
    ".temp in the library",
    ".option temp",
    ".option tnom",
    ".option gmin",
    "scale unlike the descriptor",
    "scale twice",
    "scale in the subcircuit",
    "default overridden in the body",
    "global parameter shadowed",
    "instance parameter with a global name",
    "cards in both places",
    "plain card beside bins",
    "bin without limits",
    "bins overlap",
    "bin twice",
    "alias of a card parameter",
    "parameter of no model",
    "word without a value on a card",
    "global draw",
    "function twice",
    "function in the subcircuit",
    "function as parameter",
    "parameter with blanks outside quotes",
    "star in a parameter line",
    "sign after an operator",
    "suffix nobody knows",
    "suffix nobody knows on a card",
    "blank in a file name",
    ".end in a file",
    "backslashes for continuation",
    "params: keyword",
    "other names for w and l",
    "quantities in micrometres",
    "draw on the card",
    "integer operators",
    "level by parameter",
    "junctions left out",
    "default of w unlike the call",
    "option before sections",
    "geometry in an expression of the card",
    "comparison chain",
    "section inside .if",
    "expression without braces on a card",
)

L_EDGES = (0.1e-6, 0.5e-6, 2e-6)
W_EDGES = (0.2e-6, 1e-6, 10e-6)
WITHIN_L, WITHIN_W = (0.13e-6, 0.3e-6, 0.7e-6, 1e-6), (0.42e-6, 0.7e-6, 2e-6, 5e-6)

# Oxide, threshold, mobility ...: names that the two families of models have in common, and those that differ.
_CARD = {"vth0": 0.4, "u0": 0.03, "k1": 0.45, "vsat": 9e4, "rdsw": 200.0, "cj": 1e-3, "cgso": 2e-10, "cgdo": 2e-10}
_BSIM4 = {"toxe": 3.2e-9, "cjsws": 1e-10, "cjswd": 1e-10, "rsh": 5.0}
_BSIM3 = {"tox": 3.4e-9, "cjsw": 1e-10, "rsh": 5.0}
_LEVELS = (
    ("54", "4.5", _BSIM4),
    ("54", "4.8.2", _BSIM4),
    ("14", "4.6.1", _BSIM4),
    ("49", "3.3.0", _BSIM3),
    ("8", "3.2.4", _BSIM3),
    ("49", "3.3", _BSIM3),
)
_BSIM4_ONLY = {"fingers on the line", "fingers and wnflag", "level by parameter"}
_SUFFIXES = {"meg": 1e6, "k": 1e3, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12}
_COMMENTS = ("process of nobody", "see the manual, table 3", "w = 7 l = 9", ".param vth0 = 3", "10 \u00b5m", "'quoted'")


@dataclass(frozen=True)
class MadeUpLibrary:
    """A library's files by name, its descriptor, and what of it a test must know.

    Parameters
    ----------
    seed : int
    files : dict of str to str
    descriptor : str
        The TOML file.
    library, section : str
        Main file and the section of the typical corner.
    unit : float
        Unit of W and L in the library [m], as the descriptor has it.
    bare : frozenset of str
        Which of the roles are cards without a subcircuit.
    sizes : tuple of (float, float)
        W and L [m] that the library has models for.
    oddities : tuple of str
        Empty for a plain library.
    """

    seed: int
    files: dict[str, str]
    descriptor: str
    library: str
    section: str
    unit: float
    bare: frozenset[str]
    sizes: tuple[tuple[float, float], ...]
    oddities: tuple[str, ...]

    def write(self, folder: Path) -> Path:
        """Write the library below a folder; return the descriptor's path."""
        for name, text in {**self.files, "made-up.toml": self.descriptor}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        return folder / "made-up.toml"


def made_up_library(seed: int) -> MadeUpLibrary:
    """Return the library of a seed: half of them plain, the others with one or two oddities."""
    rng = random.Random(seed)
    odd: tuple[str, ...] = ()
    if seed % 2:
        # Each oddity in turn, so that none is left to chance; the second one is drawn.
        odd = tuple(dict.fromkeys([ODDITIES[seed // 2 % len(ODDITIES)], *rng.sample(ODDITIES, rng.randrange(2))]))
    return _Writer(rng, odd).library(seed)


@dataclass
class _Writer:
    """Writes one library, a choice at a time."""

    rng: random.Random
    odd: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)  # parameters of about one, which expressions may use
    functions: list[str] = field(default_factory=list)
    bare: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.unit = self.rng.choice((1.0, 1e-6))
        self.crlf = self.often(0.1)
        self.shouts = self.often(0.3)
        # Many libraries compare nothing; commas are rarer still.
        self.compares = self.often(0.5)
        self.commas = self.often(0.25)

    def has(self, oddity: str) -> bool:
        assert oddity in ODDITIES, oddity
        return oddity in self.odd

    def often(self, share: float) -> bool:
        return self.rng.random() < share

    # Numbers and expressions

    def number(self, value: float) -> str:
        """Write a number in one of the forms of SPICE."""
        forms = [f"{value:.6g}", f"{value:.4e}"]
        forms += [f"{value / scale:.6g}{suffix}" for suffix, scale in _SUFFIXES.items() if 0.1 <= value / scale < 1e3]
        if 0 < value < 1:
            forms.append(f"{value:.6g}".removeprefix("0"))
        return self.rng.choice(forms)

    def term(self, names: Sequence[str], depth: int = 2) -> str:
        """Write an expression of about one, of parameters that are about one."""
        if depth == 0 or self.often(0.4):
            return self.rng.choice([*names, f"{self.rng.uniform(0.6, 1.4):.3f}"])
        a, b, c = (self.term(names, depth - 1) for _ in range(3))
        forms: list[str] = [
            f"({a} + {b})/2",
            f"({a}*{b} + 1)/2",
            f"1 + 0.1*({a} - {b})",
            f"max({a}, {b})",
            f"min({a}, {b})",
            f"sqrt(abs({a}))",
            f"1/(1 + ({a} - 1)**2)",
            f"1 - (1 - {a})/(2 + abs({b}))",
            f"exp(({a} - {b})/9)",
            f"pow(abs({a}), 0.5)",
        ]
        comparisons = [
            f"({a} > {b} ? ({c}) : 1)",
            f"({a} >= {b} && {b} != {c} ? 1.1 : 0.9)",
            f"({a} < 1 ? ({b}) : {a} <= {c} ? 1.2 : {c})",
            f"(1 + 0.1*({a} > {b}) + 0.05*(!(({b}) == {c}) || {a} < {c}))",
            f"(1 + 0.1*sgn({a} - {b}))",
        ]
        return self.rng.choice(forms + comparisons * self.compares)

    def wrapped(self, expression: str, bare: bool = True) -> str:
        """Put an expression in braces or quotes, or leave it bare where ngspice can still tell its end."""
        if self.often(0.3):
            expression = expression.replace(" ", "")
        if " " not in expression and not set("=<>?&|!,") & set(expression) and bare and self.often(0.3):
            return expression
        return self.rng.choice(("{%s}", "'%s'", "{ %s }", "' %s '")) % expression

    def scaled(self, value: float, names: Sequence[str]) -> str:
        """Write a number, or an expression near it."""
        if self.often(0.4):
            return self.number(value)
        text = f"{self.number(value)}*(1 + 0.05*({self.term(names)}))"
        if self.has("expression without braces on a card"):
            return text.replace(" ", "")
        return self.wrapped(text, bare=False)

    # Statements: a chunk is the lines of one statement or of one subcircuit

    def assigned(self, items: Sequence[tuple[str, str]], separator: str = " ") -> str:
        equals = self.rng.choice(("=", " = ", "= "))
        return separator.join(f"{name}{equals}{value}" for name, value in items)

    def parameters(self) -> list[list[str]]:
        """Write parameters that depend on each other, in any order; some stand twice."""
        items: list[tuple[str, str]] = []
        for k in range(self.rng.randrange(3, 9)):
            name = self.rng.choice(("p{}", "k_{}", "dvt{}n", "as{}", "tox_{}_x")).format(k)
            value = self.number(self.rng.uniform(0.6, 1.4))
            if self.functions and self.often(0.3):
                # ngspice leaves some calls amid an expression unreplaced, and stops.
                value = self.wrapped(f"f_mean({self.term(self.names or ['1.1'], 0)}, {value})", bare=False)
            elif self.names:
                value = self.wrapped(self.term(self.names))
            items.append((name, value))
            self.names.append(name)
            if self.often(0.2):
                items.append((name, self.number(self.rng.uniform(0.6, 1.4))))
        if self.often(0.5):
            self.rng.shuffle(items)
        chunks = []
        while items:
            count = self.rng.randrange(1, 4)
            chunks.append([f".param {self.assigned(items[:count])}"])
            items = items[count:]
        return chunks

    def odd_parameters(self) -> list[list[str]]:
        """Write parameters for each oddity that concerns them, and let expressions use them."""
        lines: dict[str, list[str]] = {
            "parameter with blanks outside quotes": [".param odd = 1.1 + 0.2 odd2 = 0.9"],
            "star in a parameter line": [".param odd=1.1 * odd2=0.7", ".param odd2=0.9"],
            "sign after an operator": [".param odd={2*-0.5 + 2}"],
            "suffix nobody knows": [".param odd={7a/6}", ".param odd2={1mil*1000}"],
            "function twice": [".func f_odd(x) {x*1.1}", ".param odd={f_odd(1)}", ".func f_odd(x) {x*0.8}"],
            "function as parameter": [".param g_odd(x)='x*1.1'", ".param odd='g_odd(1)'"],
            "integer operators": [".param odd={7%4/3}", ".param odd2={7\\4}"],
            "comparison chain": [".param odd={3>2>1 ? 1.1 : 0.9}", ".param odd2={1 < 2 == 1 ? 1.1 : 0.9}"],
            "global draw": [f".param drawn={{1 + {self.switch}*agauss(0, 0.1, 1)}}"],
            ".if around parameters": [".if (1 == 1)", ".param odd=1.2", ".else", ".param odd=0.8", ".endif"],
            "global parameter shadowed": [".param odd2=1.2", ".param odd={0.5 + odd2/2}"],
            "instance parameter with a global name": [".param w=1.2", ".param odd={0.5 + w/2}"],
        }
        chosen = [text for oddity, text in lines.items() if self.has(oddity)]
        self.names += [
            name for name in ("odd", "odd2") if any(f"{name}=" in line.replace(" ", "") for t in chosen for line in t)
        ]
        # Statements that hang together stay together: .if, and two definitions of one name.
        return chosen

    def function(self) -> list[list[str]]:
        if not self.often(0.5) or not self.compares:
            return []
        self.functions.append("f_mean")
        body = self.rng.choice(("{(x + y)/2}", "'(x + y)/2'", "= {0.5*x + 0.5*y}", "(x+y)/2"))
        return [[f".func f_mean(x, y) {body}"]]

    def card(self, name: str, role: str, family: tuple[str, str, dict[str, float]], names: Sequence[str]) -> str:
        """Write a card without limits; values differ from card to card, so that a wrong one shows."""
        level, version, own = family
        terms = [name for name in names if name != "z"]
        items = [
            (key, self.scaled(value * self.rng.uniform(0.9, 1.1), terms)) for key, value in {**_CARD, **own}.items()
        ]
        if role == "pmos":
            threshold = self.wrapped(f"0 - 0.4*({self.term(terms)})", bare=False)
            items = [(key, threshold if key == "vth0" else value) for key, value in items]
        if self.has("temper in a card"):
            items.append(("k2", "{0.001*(temper - 20)}"))
        if self.has("alias of a card parameter"):
            items += [("vtho", "0.6"), ("vth0", "0.5")] * (level in ("54", "14"))
        if self.has("parameter of no model"):
            items.append(("nobody", "3"))
        if self.has("suffix nobody knows on a card"):
            items += [("lint", "0.0001mil"), ("k3", "7a")]
        if "z" in names:
            # Other uses of a drawn parameter stop ngspice.
            items = [(key, "{0.02*(z)}" if key == "rsh" else value) for key, value in items]
        if self.has("global draw"):
            items.append(("k2", "{0.01*drawn}"))
        if self.has("draw on the card"):
            items.append(("k2", f"{{0.01 + {self.switch}*agauss(0, 0.1, 1)}}"))
        if self.has("geometry in an expression of the card") and "w" in names:
            items.append(("k2", "{0.01*(w > l ? 1 : 2)}"))
        if self.often(0.15):
            items.append(self.rng.choice(items))
        self.rng.shuffle(items)
        version_item = [("version", version)]
        level_text = "{lv_odd}" if self.has("level by parameter") else level
        separator = ", " if self.commas and self.often(0.5) else " "
        body = self.assigned([("level", level_text), *version_item, *items], separator)
        if self.has("word without a value on a card"):
            body = f"binned {body}"
        kind = self.rng.choice((role, role.upper()))
        return f".model {name} {kind} " + self.rng.choice(("%s", "(%s)", "( %s )")) % body

    def cards(self, name: str, role: str, names: Sequence[str]) -> list[str]:
        """Write one card, or bins in any order; a card may stand twice, of which ngspice takes one."""
        families = [family for family in _LEVELS if family[2] is _BSIM4 or not _BSIM4_ONLY & set(self.odd)]
        family = self.rng.choice(families)
        bins: list[tuple[str, str]] = [(name, "")]
        if self.often(0.6) or "bin" in " ".join(self.odd):
            bins = self.bins(name)
        cards = [f"{self.card(key, role, family, names)}" for key, _ in bins]
        cards = [_with_limits(card, limits) for card, (_, limits) in zip(cards, bins, strict=True)]
        if self.has("plain card beside bins") and len(bins) > 1:
            cards.insert(self.rng.randrange(len(cards) + 1), self.card(name, role, family, names))
        if self.has("bin twice"):
            cards.append(_with_limits(self.card(bins[-1][0], role, family, names), bins[0][1]))
        if self.often(0.2):
            twice = self.rng.randrange(len(bins))
            cards.append(_with_limits(self.card(bins[twice][0], role, family, names), bins[twice][1]))
        return cards

    def bins(self, name: str) -> list[tuple[str, str]]:
        """Return names and limits of bins that cover all sizes."""
        l_ranges = self.rng.choice((list(pairwise(L_EDGES)), [(L_EDGES[0], L_EDGES[-1])]))
        w_ranges = self.rng.choice((list(pairwise(W_EDGES)), [(W_EDGES[0], W_EDGES[-1])]))
        ranges = [(l_range, w_range) for l_range in l_ranges for w_range in w_ranges]
        if self.has("bins overlap"):
            ranges = [
                ((L_EDGES[0], L_EDGES[1] * 2), w_range) if k % 2 else r
                for k, r in enumerate(ranges)
                for w_range in [r[1]]
            ]
            ranges.append(((L_EDGES[0], L_EDGES[-1]), (W_EDGES[0], W_EDGES[-1])))
        start = self.rng.randrange(3)
        bins = [
            (f"{name}.{start + k}", self.assigned(_limits(self.number, l_range, w_range), " "))
            for k, (l_range, w_range) in enumerate(ranges)
        ]
        if self.has("bin without limits"):
            bins.append((f"{name}.{start + len(ranges)}", self.rng.choice(("", "lmin=0.1u lmax=2u"))))
        if self.often(0.5):
            self.rng.shuffle(bins)
        return bins

    # Devices

    def device(self, name: str, role: str) -> list[list[str]]:
        """Write a device: bare cards, or a subcircuit with its cards inside or outside."""
        subcircuit_only = {"subcircuit", "line", "default", "draw", "global", "both", "names", "micro", "swap", "pins"}
        needs = any(word in " ".join(self.odd) for word in subcircuit_only) or self.has("second transistor")
        if self.often(0.25) and not needs:
            self.bare.add(role)
            return [[card] for card in self.cards(name, role, self.names)]
        card = self.rng.choice((f"{name}_card", name, "mos"))
        if card == "mos":
            card = f"mos_{role}"
        inside = self.often(0.6) or self.has("geometry in an expression of the card")
        local = self.local_parameters()
        cards = self.cards(card, role, [*self.names, *[n for n, _ in local]] if inside else self.names)
        outside = [] if inside else [[text] for text in cards]
        if inside and self.has("cards in both places"):
            outside = [[text] for text in self.cards(card, role, self.names)]
        return [self.subcircuit(name, role, card, local, cards if inside else []), *outside]

    def local_parameters(self) -> list[tuple[str, str]]:
        """Return parameters of the body; some have the name of a global one, some draw mismatch."""
        local: list[tuple[str, str]] = []
        for k in range(self.rng.randrange(3)):
            local.append((f"loc{k}", self.wrapped(self.term([*self.names, *[n for n, _ in local]]))))
        if self.often(0.3):
            local.append((self.names[0], self.number(self.rng.uniform(0.6, 1.4))))
        if self.has("global parameter shadowed"):
            local.append(("odd2", "0.7"))
        if self.often(0.4):
            draw = self.rng.choice(("agauss(0, 1, 1)", "AGAUSS(0,1.0,1)", "gauss(1, 0.1, 3)"))
            local.append(("z", self.rng.choice(("{1 + %s*%s*0.01}", "'1 + 0.01*%s*%s'")) % (self.switch, draw)))
        self.rng.shuffle(local)
        return local

    def subcircuit(
        self, name: str, role: str, card: str, local: Sequence[tuple[str, str]], cards: Sequence[str]
    ) -> list[str]:
        pins = self.rng.choice(
            (["d", "g", "s", "b"], ["1", "2", "3", "4"], ["nd", "ng", "ns", "nb"], ["d", "g", "s", "sub"])
        )
        header = list(pins)
        if self.has("pins in another order"):
            header = self.rng.choice(([pins[1], pins[0], *pins[2:]], [pins[2], pins[1], pins[0], pins[3]]))
        length, width = ("len", "wid") if self.has("other names for w and l") else ("l", "w")
        defaults = [(width, self.size(1e-6)), (length, self.size(0.3e-6))]
        junctions = [] if self.has("junctions left out") else ["ad", "as", "pd", "ps"]
        defaults += [(key, "0") for key in junctions]
        if self.often(0.5):
            defaults += [("nrd", self.wrapped(f"0.3/{1e6 * self.unit:g}/{width}")), ("nrs", "0.2")]
        defaults += self.odd_defaults()
        if self.often(0.3):
            self.rng.shuffle(defaults)
        keyword = "params: " if self.has("params: keyword") else ""
        block = [f".subckt {name} {' '.join(header)} {keyword}{self.assigned(defaults)}"]
        body = [f".param {self.assigned([item])}" for item in local] + list(cards)
        body += self.odd_body(pins, card, role, length)
        body.append(self.transistor(pins, card, [key for key, _ in defaults], width, length))
        # Cards of one name keep their order, and so do the lines of .if.
        position = self.rng.randrange(len(local) + 1)
        body.insert(position, body.pop())
        block = [*block, *body, f".ends{self.rng.choice(('', ' ' + name))}"]
        if self.has("device inside another subcircuit"):
            inner = [
                line.replace(f" {name} ", f" {name}_in ", 1) if k == 0 else line for k, line in enumerate(block[:-1])
            ]
            call = f"x1 {' '.join(pins)} {name}_in {width}={{{width}}} {length}={{{length}}}"
            outer = [f".subckt {name} {' '.join(pins)} {width}=1 {length}=1", call, ".ends"]
            return [*inner, ".ends", *outer]
        if self.often(0.15) and not cards and not local and "nrd" not in [key for key, _ in defaults]:
            # Of two subcircuits of one name ngspice takes the first. With unlike parameters it would stop.
            another = f"m1 {' '.join(pins)} {card} w={self.size(3e-6)} l={self.size(0.7e-6)}"
            block += [*[another if line.lower().startswith("m") else line for line in block]]
        return block

    def size(self, value: float) -> str:
        return self.number(value / self.unit)

    def odd_defaults(self) -> list[tuple[str, str]]:
        defaults: list[tuple[str, str]] = []
        if self.has("multiplier as default"):
            defaults.append(("m", "3"))
        if self.has("default overridden in the body"):
            defaults.append(("tune", "0.8"))
        if self.has("default of w unlike the call"):
            defaults.append(("wx", "{2*w}"))
        if self.often(0.3):
            defaults.append(("mult", "1"))
        return defaults

    def odd_body(self, pins: Sequence[str], card: str, role: str, length: str) -> list[str]:
        drain, gate, source, bulk = pins
        lines: dict[str, list[str]] = {
            "resistor in the subcircuit": [f"r1 {drain} {source} 50k"],
            "diode in the subcircuit": [f"d1 {bulk} {drain} dio_odd", ".model dio_odd d is=1e-6"],
            "capacitor in the subcircuit": [f"c1 {gate} {drain} 1f"],
            "second transistor": [
                f"m2 {drain} {gate} {source} {bulk} {card} w={self.size(1e-6)} l={self.size(0.3e-6)}"
            ],
            "nested subcircuit": [".subckt inner_odd a b", "r1 a b 1k", ".ends inner_odd"],
            "scale in the subcircuit": [f".option scale={self.unit * 1.1:g}"],
            "default overridden in the body": [".param tune=1.2", ".param tuned={0.3*tune}"],
            "function in the subcircuit": [".func f_odd(x) {0.8*x}", ".param tuned={0.3*f_odd(1)}"],
            ".if in the subcircuit": [
                f".if ({length} > {0.4e-6 / self.unit:g})",
                f".model {card}_if {role} level=54 version=4.5 vth0=0.3",
                ".else",
                f".model {card}_if {role} level=54 version=4.5 vth0=0.5",
                ".endif",
            ],
        }
        return [line for oddity, text in lines.items() if self.has(oddity) for line in text]

    def transistor(self, pins: Sequence[str], card: str, defaults: Sequence[str], width: str, length: str) -> str:
        drain, gate, source, bulk = pins
        if self.has("terminals swapped on the line"):
            drain, gate, bulk = self.rng.choice(((gate, drain, bulk), (drain, bulk, gate)))
        if self.has(".if in the subcircuit"):
            card += "_if"
        shrunk = self.often(0.2)
        items = [
            ("w", f"{{{width} - {0.01e-6 / self.unit:g}}}" if shrunk else self.named(width)),
            ("l", self.named(length)),
        ]
        items += [(key, self.named(key)) for key in defaults if key in ("ad", "as", "pd", "ps", "nrd", "nrs")]
        if self.has("quantities in micrometres"):
            items[0] = ("w", f"'{width}*1.0*1u/1e-6'")
        if self.has("multiplier on the line"):
            items.append(("m", "2"))
        if self.has("fingers on the line") or self.has("fingers and wnflag"):
            items.append(("nf", "2"))
        if self.has("default of w unlike the call"):
            items[0] = ("w", "{wx/2}")
        if self.has("default overridden in the body") or self.has("function in the subcircuit"):
            items.append(("delvto", "{tuned/10}"))
        elif self.often(0.3):
            items.append(("delvto", self.wrapped(f"0.02*({self.term(self.names)})", bare=False)))
        if self.often(0.3):
            self.rng.shuffle(items)
        name = self.rng.choice(("m1", "M0", "mmain"))
        separator = " , " if self.commas and self.often(0.5) else " "
        return f"{name} {drain} {gate} {source} {bulk} {card} {self.assigned(items, separator)}"

    def named(self, name: str) -> str:
        return self.rng.choice(("{%s}", "'%s'", "%s")) % name

    # Files

    def library(self, seed: int) -> MadeUpLibrary:
        self.switch = self.rng.choice(("mm_on", "sw_stat_mismatch"))
        chunks = [*self.function(), *self.parameters(), *self.odd_parameters()]
        sizes = self.sizes()
        devices = [*self.device("nch", "nmos"), *self.device("pch", "pmos"), *self.others()]
        if self.often(0.4):
            devices.sort(key=lambda _: self.rng.random()) if not _same_names(devices) else None
        chunks += devices
        chunks += self.options()
        main = self.rng.choice(("own.lib", "models/own.l", "OWN.lib"))
        section = self.rng.choice(("tt", "TT", "typical", "mos_tt"))
        self.files[main] = ""
        self.files[main] = self.main_file(main, section, chunks)
        text = _descriptor(main, section, self.unit, self.rng.choice((self.switch, self.switch.upper())))
        return MadeUpLibrary(seed, self.files, text, main, section, self.unit, frozenset(self.bare), sizes, self.odd)

    def sizes(self) -> tuple[tuple[float, float], ...]:
        """Return one size amid a bin, and one that may lie on the edges of some."""
        within = (self.rng.choice(WITHIN_W), self.rng.choice(WITHIN_L))
        return within, (self.rng.choice((*WITHIN_W, *W_EDGES[1:])), self.rng.choice((*WITHIN_L, *L_EDGES)))

    def others(self) -> list[list[str]]:
        """Write what a library holds besides the two transistors."""
        others = [
            [".subckt res_poly a b w=1 l=1", "r1 a b rpoly w={w} l={l}", ".model rpoly r rsh=100", ".ends"],
            [".model dio_other d (is=1e-15 n=1.05)"],
            [
                ".subckt pair d g s b w=1 l=1",
                "m1 d g s b nch_2 w={w} l={l}",
                "m2 d g s b nch_2 w={w} l={l}",
                ".ends pair",
            ],
            [".subckt cap a b c=1f", "c1 a b {c}", ".ends"],
            [".global vsub_other"],
        ]
        return [chunk for chunk in others if self.often(0.3)]

    def options(self) -> list[list[str]]:
        scale = self.unit
        if self.has("scale unlike the descriptor"):
            scale *= 1.05
        chunks = [[f"{self.rng.choice(('.option', '.options'))} scale={self.number(scale)}"]] * (scale != 1)
        if self.has("scale twice"):
            chunks += [[f".option scale={scale * 1.5:g}"]]
        texts = {
            ".temp in the library": ".temp 60",
            ".option temp": ".option temp=60",
            ".option tnom": ".option tnom=40",
            ".option gmin": ".option gmin=1e-7",
            "fingers and wnflag": ".option wnflag=1",
            "level by parameter": ".param lv_odd=54",
        }
        return chunks + [[text] for oddity, text in texts.items() if self.has(oddity)]

    def main_file(self, main: str, section: str, chunks: list[list[str]]) -> str:
        """Write the sections: the corners' numbers, then what they share, inline or in other files."""
        folder = main.rpartition("/")[0]
        shared = self.spread(folder, chunks, 0)
        corner = [[f".param {self.switch}=0"]]
        if self.has(".if around cards"):
            corner.append([".if (1 == 2)", ".model nch nmos level=54 vth0=0.2", ".endif"])
        if self.has("section inside .if"):
            corner.append([".param cond_odd=1"])
        typical = self.section(folder, main, section, [*corner, *shared])
        fast = [
            f".lib {self.rng.choice(('ff', 'zz', 'fast'))}_corner",
            f".param {self.switch}=0 {self.names[0]}=0.9",
            ".endl",
        ]
        before = [["* the library of a process that does not exist"], [".param outside=3"]] * self.often(0.3)
        if self.has("option before sections"):
            before.append([f".option scale={self.unit * 2:g}"])
        blocks = [typical, [fast]]
        if self.often(0.5):
            blocks.reverse()
        if self.often(0.15):
            # Of two sections of one name ngspice takes the first.
            blocks.append([[f".lib {section}", f".param {self.names[0]}=1.3", ".endl"]])
        return self.text([*before, *[chunk for block in blocks for chunk in block]])

    def section(self, folder: str, main: str, name: str, chunks: list[list[str]]) -> list[list[str]]:
        """Write a section, perhaps in parts that others hold: another of this file, or one of another file."""
        call = name.swapcase() if self.often(0.2) else name
        end = [self.rng.choice((".endl", f".endl {name}", ".ENDL"))]
        form = self.rng.randrange(4)
        if form == 0:
            numbers, rest = chunks[:1], chunks[1:]
            quoted = self.rng.choice(("'%s'", '"%s"', "%s")) % main.rpartition("/")[2]
            return [
                [f".lib {call}"],
                [f".lib {quoted} numbers_of"],
                *rest,
                end,
                [".lib numbers_of"],
                *numbers,
                [".endl"],
            ]
        if form == 1:
            file = f"{folder}/corner.l" if folder else "corner.l"
            self.files[file] = self.text([[".lib inner"], *chunks, [".endl inner"]])
            return [[f".lib {call}"], [f".lib '{file.rpartition('/')[2]}' inner"], end]
        return [[f".lib {call}"], *chunks, end]

    def spread(self, folder: str, chunks: list[list[str]], depth: int) -> list[list[str]]:
        """Move a run of statements into a file of its own, perhaps again and again."""
        if depth == 3 or len(chunks) < 2 or self.often(0.3):
            return chunks
        start = self.rng.randrange(len(chunks) - 1)
        stop = self.rng.randrange(start + 1, len(chunks))
        name = f"part{depth}" + self.rng.choice((".inc", ".spice", "/all.mod", ".INC"))
        if self.has("blank in a file name"):
            name = f"a {name}"
        path = f"{folder}/{name}" if folder else name
        inner = self.spread(path.rpartition("/")[0], chunks[start:stop], depth + 1)
        if self.has(".end in a file"):
            inner = [*inner, [".end"]]
        self.files[path] = self.text(inner)
        quoted = self.rng.choice(("'%s'", '"%s"') if " " in name else ("'%s'", '"%s"', "%s")) % name
        return self.spread(
            folder,
            [*chunks[:start], [f"{self.rng.choice(('.include', '.inc', '.INCLUDE'))} {quoted}"], *chunks[stop:]],
            3,
        )

    # The look of the text

    def text(self, chunks: Sequence[Sequence[str]]) -> str:
        lines = [line for chunk in chunks for statement in chunk for line in self.statement(statement)]
        return ("\r\n" if self.crlf else "\n").join([*lines, ""])

    def statement(self, statement: str) -> list[str]:
        """Write a statement over several lines, in any case, with comments between and behind."""
        path = statement.lower().startswith((".inc", ".lib"))
        # With a comment behind it, ngspice takes the head of a section for a call of another file's.
        head = statement.startswith(".lib") and len(statement.split()) == 2
        if self.shouts and not path and self.often(0.5):
            statement = self.rng.choice((str.upper, str.title))(statement)
        lines = [statement]
        if not path and not statement.startswith("*"):
            lines = self.broken(statement)
        between = [self.comment() for _ in lines]
        if not head:
            lines = [line + self.behind() for line in lines]
        return [text for line, comment in zip(lines, between, strict=True) for text in (*comment, line)]

    def broken(self, statement: str) -> list[str]:
        """Break a statement at some of the blanks that are in no braces, quotes or brackets of a function."""
        words = _words(statement)
        lines = [words[0]]
        mark, end = (
            ("", " \\\\") if self.has("backslashes for continuation") else (self.rng.choice(("+ ", "+", " + ")), "")
        )
        for word in words[1:]:
            if len(words) > 4 and self.often(0.15) and len(lines[-1].split()) > 2:
                lines[-1] += end
                lines.append(mark + word)
            else:
                lines[-1] += " " + word
        return lines

    def comment(self) -> list[str]:
        if not self.often(0.08):
            return []
        return [self.rng.choice(("* %s", "*%s", "  * %s", "")).replace("%s", self.rng.choice(_COMMENTS))]

    def behind(self) -> str:
        if not self.often(0.08) or self.has("backslashes for continuation"):
            return self.rng.choice(("", "", " ", "\t"))
        return self.rng.choice((" $ %s", " ; %s", " // %s", "; %s")) % self.rng.choice(_COMMENTS)


def _words(statement: str) -> list[str]:
    """Split at blanks outside braces, quotes and brackets; ``a = 1`` stays together."""
    words, depth, quoted = [""], 0, False
    for character in statement.replace(" = ", "\0=\0").replace("= ", "=\0"):
        depth += (character in "{(") - (character in "})")
        quoted ^= character == "'"
        if character == " " and depth == 0 and not quoted:
            words.append("")
        else:
            words[-1] += character
    return [word.replace("\0", " ") for word in words if word]


def _limits(
    number: Callable[[float], str], l_range: tuple[float, float], w_range: tuple[float, float]
) -> list[tuple[str, str]]:
    (lmin, lmax), (wmin, wmax) = l_range, w_range
    return [("lmin", number(lmin)), ("lmax", number(lmax)), ("wmin", number(wmin)), ("wmax", number(wmax))]


def _with_limits(card: str, limits: str) -> str:
    if card.endswith(")"):
        return f"{card[:-1]} {limits})"
    return f"{card} {limits}"


def _same_names(chunks: Sequence[Sequence[str]]) -> bool:
    """Say whether a name is defined twice, so that the order of the statements means something."""
    names = [" ".join(chunk[0].split()[:2]) for chunk in chunks]
    return len(set(names)) < len(names)


def _descriptor(library: str, section: str, unit: float, switch: str) -> str:
    devices = "".join(
        f'\n[devices.{role}]\nname = "{name}"\nkind = "{role}"\nw_min = 0.1e-6\nl_min = 0.1e-6\ndiffusion = 0.2e-6\n'
        for role, name in (("nmos", "nch"), ("pmos", "pch"))
    )
    head = f'name = "made-up"\nvdd = 1.2\nunit = {unit!r}\nlibrary = "{library}"\nmismatch_switch = "{switch}"\n'
    return f'{head}\n[sections]\ntt = "{section}"\n{devices}'
