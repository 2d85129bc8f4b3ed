"""A stack of two NMOS, one gated by a stored bit and one by an input line, that discharges a precharged line.

`TernaryColumn` and `BinarySramColumn` compute with the same stack, so that only the coding differs; these are its
parameters.
"""

from __future__ import annotations

from bitline.parameters import parameter

# An ideal bit gives the stack what a latch does: with stiff bits the lines would differ by 0.3 mV per product.
R_BIT = parameter(
    20e3, "resistance of the latch's pull-up behind an ideal bit", unit="Ohm", source="measured", gt=0, le=1e7
)
C_BIT = parameter(
    1e-15, "capacitance of the storage node behind an ideal bit", unit="F", source="measured", gt=0, le=1e-12
)
# At the same input level a low threshold leaves more overdrive, against which the threshold's spread counts less.
DEVICE = parameter("nmos_lvt", "device of both transistors of a stack", source="choice")
# Long channels match. The bit's gate is never switched, so that its length costs no energy; the input's does.
W_STACK = parameter(0.42e-6, "width of both transistors of a stack", unit="m", source="choice", gt=0, le=1e-5)
L_INPUT = parameter(0.6e-6, "channel length of a stack's input transistor", unit="m", source="choice", gt=0, le=1e-5)
L_BIT = parameter(1.2e-6, "channel length of a stack's bit transistor", unit="m", source="choice", gt=0, le=1e-5)
# A stack shares its line contact with the next row's, as the foundry's cell does.
AREA_LINE = parameter(
    0.017e-12, "diffusion area of a stack's half of a line contact", unit="m2", source="foundry", ge=0, le=1e-10
)
EDGE_LINE = parameter(
    0.24e-6, "diffusion side wall of a stack's half of a line contact", unit="m", source="foundry", ge=0, le=1e-4
)
# No stack has been laid out; without an area the node inside it would have no junction at all.
AREA_BETWEEN = parameter(
    0.02e-12, "half of a stack's inner diffusion area", unit="m2", source="assumed", ge=0, le=1e-10
)
EDGE_BETWEEN = parameter(
    0.2e-6, "half of a stack's inner diffusion side wall", unit="m", source="assumed", ge=0, le=1e-4
)
