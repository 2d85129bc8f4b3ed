"""Scaled estimates: what an energy measured in a 130 nm process would be at 65 nm, by named methods. All are assumed.

    for scale in scales(1.8):
        scale.logic * energy_of_gates + scale.analog * energy_of_capacitors

*Logic* goes from its supply to the 130 nm node's nominal one by V^2, which measured trees follow within 4 % between 1.8
and 1.2 V, and from there to the 65 nm node by a fit of A. Stillmaker and B. Baas, "Scaling equations for the accurate
prediction of CMOS device performance from 180 nm to 7 nm", Integration 58, 2017, Table 5::

    E(65 nm) / E(130 nm) = f_65(V_65) / f_130(V_130),    f(V) = a2 V^2 + a1 V + a0

The fit is of gates in the Predictive Technology Models, without wires, at supplies near the nominal ones; hence the
detour, for f_130 at 1.8 V would be an extrapolation. The other method is C V^2 with capacitances in proportion to the
feature size, as in a shrink of everything.

*Analog* capacitors and input devices do not shrink, for matching and noise set their size: they take V^2 alone. At
the same share of noise in the smaller swing they would have to grow by 1/V^2, and the energy would stay: the third
estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

from bitline.statistics.bounds import check_positive
from bitline.system.efficiency import ColumnEnergy


@dataclass(frozen=True)
class Node:
    """A technology node.

    Attributes
    ----------
    feature : float
        Its name as a length [m].
    vdd : float
        Nominal supply of the Predictive Technology Model [V].
    fit : three floats
        Coefficients a2, a1, a0 of the energy, in a unit that all nodes share.
    """

    feature: float
    vdd: float
    fit: tuple[float, float, float]

    def energy(self, vdd: float) -> float:
        """Return the fitted energy of an operation at a supply [V], in the fit's unit."""
        a2, a1, a0 = self.fit
        return a2 * vdd**2 + a1 * vdd + a0


NODE_130 = Node(130e-9, 1.3, (7.171, -6.709, 2.904))
NODE_65 = Node(65e-9, 1.1, (3.755, -4.398, 1.975))
"""The same numbers stand in the worked example of the authors' erratum (2.604 at 1.3 V); those of 130 nm do not."""


@dataclass(frozen=True)
class Scale:
    """An estimate: what is left of an energy at 65 nm.

    Attributes
    ----------
    name : str
        The method, in words.
    logic, analog : float
        Factors of gates with their wires, and of capacitors and devices that matching and noise size.
    """

    name: str
    logic: float
    analog: float

    def converter(self, logic_share: float) -> float:
        """Return the factor of a converter in whose energy logic has that share."""
        return logic_share * self.logic + (1 - logic_share) * self.analog

    def column(self, column: ColumnEnergy, logic_share: float) -> ColumnEnergy:
        """Return a column at 65 nm: its array is analog, its converter has that share of logic."""
        return column.replace(
            array=self.analog * column.array,
            adc=self.converter(logic_share) * column.adc,
            shift_add=self.logic * column.shift_add,
        )


def scales(vdd: float) -> tuple[Scale, ...]:
    """Return the estimates for energies measured at a supply, the one that results are stated for first.

    Parameters
    ----------
    vdd : float
        Supply at which the energies were measured [V], > 0.

    Raises
    ------
    InputError
        If the supply is not a finite number above 0.
    """
    check_positive("vdd", vdd, finite=True)
    fitted = NODE_65.energy(NODE_65.vdd) / NODE_130.energy(NODE_130.vdd) * (NODE_130.vdd / vdd) ** 2
    squared = (NODE_65.vdd / vdd) ** 2
    shrunk = NODE_65.feature / NODE_130.feature * squared
    return (
        Scale("Stillmaker and Baas; analog by V²", fitted, squared),
        Scale("logic by C V², C with the feature size; analog by V²", shrunk, squared),
        Scale("Stillmaker and Baas; analog unchanged, at the same SNR", fitted, 1.0),
    )
