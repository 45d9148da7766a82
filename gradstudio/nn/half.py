"""Half precision, simulated: sums in single precision, everything that is stored rounded.

IEEE half precision has 11 significant bits, overflows above 65,504 and rounds to 0 below 3.0e-8:
a gradient that vanishes is lost there long before it is in single precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from gradstudio.nn.arrays import Array, Call, run

if TYPE_CHECKING:
    from gradstudio.nn.network import Network

CHUNK: Final = 65_536
"""Numbers rounded at once: 128 KB of half precision."""


def rounding(net: Network, arrays: Sequence[Array]) -> list[Call]:
    """Prepare a call for each array that rounds it to half precision, if the network has that."""
    if not net.is_half:
        return []
    return [partial(run, _round_calls(array)) for array in arrays]


def round_to_half(array: Array) -> None:
    """Round a contiguous array to half precision, in place."""
    run(_round_calls(array))


def as_stored(net: Network, X: Array) -> Array:
    """Return X as the network stores it: rounded to half precision, where that is simulated."""
    if not net.is_half:
        return X
    with np.errstate(over="ignore"):
        return X.astype(np.float16).astype(X.dtype)


def _round_calls(array: Array) -> list[Call]:
    calls: list[Call] = []
    for lane in np.ndindex(array.shape[:-2]):
        flat = array[lane].reshape(-1)
        half = np.zeros(min(flat.size, CHUNK), np.float16)
        for start in range(0, flat.size, CHUNK):
            part = flat[start : start + CHUNK]
            room = half[: part.size]
            calls.append(partial(np.copyto, room, part, "same_kind"))
            calls.append(partial(np.copyto, part, room))
    return calls
