"""Constants of nature; exact in the SI. `scipy.constants` costs a worker 0.2 s to import."""

from __future__ import annotations

BOLTZMANN = 1.380649e-23  # J/K
ZERO_CELSIUS = 273.15  # K
