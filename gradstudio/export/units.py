"""What single units of a network answer: over a plane, and on average over training samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.data.task import Data
from gradstudio.export.edges import chosen_units
from gradstudio.export.figure import Floats
from gradstudio.export.prediction import class_shares, map_corners
from gradstudio.nn.evaluation import unit_outputs
from gradstudio.nn.network import Network
from gradstudio.palette import Palette, interpolate

SIDE: Final = 16
"""Places per side of the map of a unit."""
SAMPLES: Final = 128
"""Training samples at most over which an activation is averaged."""
MOST_PARAMETERS: Final = 500_000
"""Networks up to this size are asked: 384 places are answered within 10 ms."""
SHADES: Final = 128


@dataclass(frozen=True, eq=False)
class UnitAnswers:
    """What the units drawn answer, by column; the first one is the input.

    Attributes
    ----------
    means
        Mean over training samples, (units drawn,).
    maps
        Answer at each place of a square of the plane, (units drawn, side, side), row 0 being the
        lowest; None where the inputs are no plane.
    centres
        What has no colour in a column: 0, or the chance of a class in the output layer.
    tops
        Largest distance from there in the maps of a column: what has the full colour; 0 without.
    """

    means: tuple[Floats, ...]
    maps: tuple[Floats, ...] | None
    centres: tuple[float, ...]
    tops: tuple[float, ...]

    def colours_of_maps(self, column: int, palette: Palette) -> NDArray[np.uint8]:
        """Pictures of the units of a column, the highest row first, (units, side, side, 4)."""
        assert self.maps is not None
        values = self.maps[column][:, ::-1] - self.centres[column]
        return shaded(values, self.tops[column], palette)

    def colours_of_means(self, column: int, palette: Palette) -> NDArray[np.uint8]:
        """Colours of the units of a column, (units, 4)."""
        away = self.means[column] - self.centres[column]
        return shaded(away, _largest(away), palette)


def can_be_asked(sizes: Sequence[int]) -> bool:
    """Whether a network is small enough to be asked several times a second."""
    return sum(a * b for a, b in pairwise(sizes)) <= MOST_PARAMETERS


def unit_answers(net: Network, data: Data, drawn: Sequence[int]) -> UnitAnswers:
    """Ask the units drawn; the output layer of a classification answers with shares of classes."""
    means = [part.mean(axis=0) for part in _answers(net, data, data.x_train[:SAMPLES], drawn)]
    chance = 1.0 / max(len(data.class_names), 1) if data.kind == "classification" else 0.0
    centres = (*(0.0 for _ in means[1:]), chance)
    if not data.plane:
        return UnitAnswers(tuple(means), None, centres, (0.0,) * len(means))
    low, high = map_corners(data)
    xs, ys = (np.linspace(low[i], high[i], SIDE) for i in (0, 1))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(data.x_train.dtype)
    maps = [part.T.reshape(-1, SIDE, SIDE) for part in _answers(net, data, grid, drawn)]
    tops = (_largest(part - centre) for part, centre in zip(maps, centres, strict=True))
    return UnitAnswers(tuple(means), tuple(maps), centres, tuple(tops))


def shaded(values: Floats, top: float, palette: Palette) -> NDArray[np.uint8]:
    """Colours of answers from -top to top, (..., 4): blue below 0, orange above, none at 0.

    What is not finite is grey.
    """
    with np.errstate(invalid="ignore"):
        place = (np.clip(values / (top or 1.0), -1.0, 1.0) + 1.0) * (SHADES / 2)
    known = np.isfinite(place)
    index = np.where(known, np.nan_to_num(place), SHADES + 1).round().astype(np.intp)
    colours: NDArray[np.uint8] = _shades(palette)[index]
    return colours


@lru_cache(maxsize=4)
def _shades(palette: Palette) -> NDArray[np.uint8]:
    """Colours from far below to far above, and the one of what is not finite, (n, 4)."""
    names = [interpolate(palette.deviation, i / SHADES) for i in range(SHADES + 1)]
    channels = [[int(name[i : i + 2], 16) for i in (1, 3, 5)] for name in (*names, palette.text3)]
    return np.array([[*rgb, 255] for rgb in channels], np.uint8)


def _answers(
    net: Network, data: Data, x: NDArray[np.floating], drawn: Sequence[int]
) -> list[Floats]:
    last = len(drawn) - 1
    units = [chosen_units(net.sizes[k], drawn[k]) for k in range(1, last)]
    found = unit_outputs(net, x, [*units, np.arange(net.sizes[-1])])
    out = np.asarray(found[-1], np.float64)
    if data.kind == "classification":
        out = class_shares(out, net.loss.name)
    if out.shape[1] != net.sizes[-1]:
        out = out[:, -1:]  # two classes with one output between them
    chosen = chosen_units(net.sizes[-1], drawn[last])
    inputs = np.asarray(x, np.float64)[:, chosen_units(net.sizes[0], drawn[0])]
    return [inputs, *(np.asarray(part, np.float64) for part in found[:-1]), out[:, chosen]]


def _largest(values: Floats) -> float:
    """Largest finite magnitude; 0 without any."""
    return float(np.max(np.abs(values[np.isfinite(values)]), initial=0.0))
