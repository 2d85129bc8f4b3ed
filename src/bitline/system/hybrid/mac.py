"""A hybrid product: weights held by an array, activations applied to it, a boundary for each pixel or output.

``y = D + 2^(B - window) sum_i s_i reading_i`` with the exact sum D of all orders from B on and, of each weight bit i
with a bit in the window, what its converter reads (`bitline.system.hybrid.analog`); s_i is -1 for the top bit.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bitline.errors import InputError, SetupError
from bitline.system.hybrid import matrices
from bitline.system.hybrid.analog import Conversion, Ranges, integer_matrix
from bitline.system.hybrid.boundary import BitOrders
from bitline.system.hybrid.plan import Plan, plan_of

Array = NDArray[np.float64]
Path = Literal["numpy", "numba"]

LONGEST = 256
"""Products in one dot product: their sums fit into 16 bits, and the exact result into single precision."""


class HybridMac:
    """An array of columns that holds the weights of some outputs.

    Parameters
    ----------
    weights : array of int, shape (length, outputs)
        Two's complement numbers of `orders.weight_bits` bits; 256 products at most. A longer dot product takes several
        arrays, whose outputs add up.
    ranges : Ranges
        Of the converters; with them the bit orders.
    conversion : Conversion, optional
        Errors of an analog operation.
    transfer : array, shape (sums,), optional
        Mean output of the column at each sum 0, 1, ... [LSB of the sum], a fixed gain and offset taken out; without it
        the sum itself.
    seed : int
        Of the chip's static errors and of the temporal noise, >= 0.

    Raises
    ------
    InputError
        If weights are no such numbers, the transfer is too short or not finite, or the seed is negative.
    """

    def __init__(
        self,
        weights: ArrayLike,
        ranges: Ranges,
        conversion: Conversion | None = None,
        *,
        transfer: ArrayLike | None = None,
        seed: int = 0,
    ) -> None:
        orders, half = ranges.orders, 2 ** (ranges.orders.weight_bits - 1)
        numbers = integer_matrix("weights", weights, -half, half - 1).astype(np.int8)
        if numbers.size == 0 or numbers.shape[0] > LONGEST:
            raise InputError(f"weights of shape {numbers.shape}: must be (1..{LONGEST} products, 1 or more outputs)")
        self.orders: BitOrders = orders
        self.ranges = ranges
        means = None
        if transfer is not None:
            means = _transfer(transfer, numbers.shape[0] * (2**orders.window - 1))
        self._plan = plan_of(numbers, orders, conversion or Conversion(), ranges, means, seed)

    def product(
        self, activations: ArrayLike, boundary: ArrayLike, *, path: Path | None = None, start: int = 0
    ) -> Array:
        """Return the outputs, shape (pixels, outputs).

        Parameters
        ----------
        activations : array of int, shape (pixels, length)
            0..2^input_bits - 1.
        boundary : int, or array of int of shape (pixels,) or (pixels, outputs)
        path : ``numpy`` or ``numba``, optional
            Both give the same bits; without it, numba where it is installed.
        start : int
            Number of the first pixel: temporal noise belongs to a pixel's number, so that parts of a picture, one after
            another, give the bits of the whole.

        Raises
        ------
        InputError
            If shapes do not agree, a number is outside its range, or a boundary has no converters' range.
        SetupError
            If the path is ``numba`` and numba is not installed.
        """
        x = self._activations(activations)
        b = self._boundaries(boundary, len(x))
        if start < 0:
            raise InputError(f"start = {start}: must be >= 0")
        if path == "numpy" or (path is None and not numba_installed()):
            return matrices.product(self._plan, x, b, start)
        return _compiled()(self._plan, x, b, start)

    def digital(self, activations: ArrayLike, boundary: int) -> Array:
        """Return the exact sum of all orders from a boundary on, shape (pixels, outputs)."""
        b = self.orders.check_boundary(boundary)
        return matrices.digital(self._plan, self._activations(activations), b).astype(np.float64)

    def _activations(self, activations: ArrayLike) -> NDArray[np.uint8]:
        x = integer_matrix("activations", activations, 0, 2**self.orders.input_bits - 1).astype(np.uint8)
        length = self._plan.weights.shape[0]
        if x.shape[1] != length:
            raise InputError(f"activations of shape {x.shape}: must be (pixels, {length})")
        return x

    def _boundaries(self, boundary: ArrayLike, pixels: int) -> NDArray[np.int64]:
        b = np.asarray(boundary)
        shapes = ((), (pixels,), (pixels, self._plan.outputs))
        if b.dtype.kind not in "iu" or b.shape not in shapes:
            raise InputError(f"boundary of type {b.dtype}, shape {b.shape}: must be integers of a shape of {shapes}")
        if b.size and not 0 <= b.min() <= b.max() <= self.orders.highest:
            wrong = b.min() if b.min() < 0 else b.max()
            raise InputError(f"boundary = {wrong}: must be an integer 0..{self.orders.highest}")
        self.ranges.check(np.unique(b).tolist())
        if b.ndim < 2:
            b = np.broadcast_to(b, (pixels,))[:, None]
        return np.ascontiguousarray(b, dtype=np.int64)


def numba_installed() -> bool:
    """Return whether the compiled path can be taken."""
    return importlib.util.find_spec("numba") is not None


def _compiled() -> Callable[[Plan, NDArray[np.uint8], NDArray[np.int64], int], Array]:
    if not numba_installed():
        raise SetupError("path = numba: numba is not installed; pip install 'bitline[fast]'")
    from bitline.system.hybrid import compiled

    return compiled.product


def _transfer(transfer: ArrayLike, largest: int) -> NDArray[np.float32]:
    means = np.asarray(transfer, dtype=np.float32)
    if means.shape != (largest + 1,) or not np.isfinite(means).all():
        raise InputError(f"transfer of shape {means.shape}: must be ({largest + 1},), all finite")
    return means
