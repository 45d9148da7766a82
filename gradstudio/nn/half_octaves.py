"""Bins of half octaves from 1e-38 to 1e38, both signs, the same for every array and every step.

Layout of the ``BINS`` bins, from left to right::

    <= -2^128 | -1.5*2^127 ... -2^-126 | above -2^-126 | 0 | below 2^-126 | 2^-126 ... | >= 2^128
    negative     508 half octaves        negative            positive       508          positive

The 508 in the middle of each side hold the normal numbers of single precision, with edges at
``2^e`` and ``1.5 * 2^e``. What double precision has beyond them goes into the two bins at the ends
of a side.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LOWEST: Final = 2.0**-126
"""Smallest normal number of single precision: below it lies the bin next to 0."""
HIGHEST: Final = 2.0**128
"""From here on there is one bin: single precision has none of these."""

NORMAL: Final = 508
"""Half octaves of the normal numbers of single precision."""
_SIDE: Final = NORMAL + 2
BINS: Final = 2 * _SIDE + 1
ZERO: Final = _SIDE
"""Index of the bin of exact zeros."""


def _side_edges() -> Floats:
    powers = np.exp2(np.arange(-126.0, 128.0))
    normal = np.stack([powers, 1.5 * powers], axis=-1).ravel()
    return np.concatenate([[0.0], normal, [HIGHEST, np.finfo(np.float64).max]])


def _fixed(values: Floats) -> Floats:
    values.flags.writeable = False
    return values


SIDE_EDGES: Final = _fixed(_side_edges())
"""Edges of the bins of positive numbers, from 0 on."""
LOWER: Final = _fixed(np.concatenate([-SIDE_EDGES[:0:-1], [0.0], SIDE_EDGES[:-1]]))
"""Left edge of each bin, (BINS,)."""
UPPER: Final = _fixed(np.concatenate([-SIDE_EDGES[-2::-1], [0.0], SIDE_EDGES[1:]]))
"""Right edge of each bin, (BINS,)."""


def _centres() -> Floats:
    side = np.sqrt(SIDE_EDGES[1:-2] * SIDE_EDGES[2:-1])
    side = np.concatenate([[LOWEST], side, [HIGHEST]])
    return np.concatenate([-side[::-1], [0.0], side])


CENTRES: Final = _fixed(_centres())
"""Geometric centre of each bin, (BINS,); of the four at the ends of a side the inner edge."""


def _at_inner_edges(edges: Floats) -> Floats:
    """Edges with the bins at the ends of a side shrunk to the edge they share with a normal bin."""
    edges = edges.copy()
    for index in (0, ZERO - 1, ZERO + 1, BINS - 1):
        edges[index] = CENTRES[index]
    return edges


INNER_LOWER: Final = _at_inner_edges(LOWER)
INNER_UPPER: Final = _at_inner_edges(UPPER)
"""The same edges where nothing is claimed of a place in a bin at the end of a side."""
