"""What a snapshot of the network predicts: shares of classes, a map of the plane, values."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradstudio.data.task import Data
from gradstudio.nn.losses import LOSSES

Floats = npt.NDArray[np.float64]
Predict = Callable[[npt.NDArray[np.floating]], npt.NDArray[np.floating]]
"""Outputs z of the last layer, shape (n, outputs), for inputs of shape (n, features)."""

MAP_SIDES = (16, 24, 32, 48, 64)
MAP_MARGIN = 0.08
"""Room around the points of a map, as a share of their span."""


@dataclass(frozen=True, eq=False)
class ClassMap:
    """Shares of the classes on a square grid over the plane.

    Attributes
    ----------
    shares
        Shape (side, side, classes); row 0 is the lowest.
    low, high
        Corners of the square, shape (2,).
    """

    shares: Floats
    low: Floats
    high: Floats

    @property
    def side(self) -> int:
        """Points per side."""
        return len(self.shares)

    def flat_share(self) -> float | None:
        """Return the share of the last class where it is the same all over the map, within 0.05."""
        share = self.shares[..., -1]
        if not np.isfinite(share).all() or float(np.ptp(share)) >= 0.05:
            return None
        return float(share.mean())


def class_shares(outputs: npt.NDArray[np.floating], loss: str) -> Floats:
    """Probabilities of the classes, shape (n, classes), from the outputs of the last layer.

    Losses of linear outputs know no probabilities: there the outputs are cut to 0 to 1 and shared
    out, which keeps their order; so are the sigmoids of more than two classes.
    """
    z = np.asarray(outputs, dtype=np.float64)
    made_of_z = LOSSES[loss].output
    if made_of_z == "sigmoid":
        z = 1.0 / (1.0 + np.exp(-np.clip(z, -700.0, 700.0)))
        if z.shape[1] == 1:
            return np.hstack([1.0 - z, z])
    if made_of_z == "softmax":
        with np.errstate(invalid="ignore", over="ignore"):
            e = np.exp(z - z.max(axis=1, keepdims=True))
            return np.asarray(e / e.sum(axis=1, keepdims=True))
    clipped = np.clip(z, 1e-9, 1.0)
    return np.asarray(clipped / clipped.sum(axis=1, keepdims=True))


def map_corners(data: Data) -> tuple[Floats, Floats]:
    """Corners of the square that holds all points of a plane data set."""
    points = np.concatenate([data.x_train, data.x_test]).astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    half = float((high - low).max()) / 2 * (1 + 2 * MAP_MARGIN)
    centre = (low + high) / 2
    return centre - half, centre + half


def class_map(predict: Predict, data: Data, loss: str, side: int) -> ClassMap:
    """Ask the network for `side` × `side` places of the plane."""
    low, high = map_corners(data)
    xs, ys = (np.linspace(low[i], high[i], side) for i in (0, 1))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(data.x_train.dtype)
    shares = class_shares(predict(grid), loss)
    return ClassMap(shares.reshape(side, side, -1), low, high)


def next_side(side: int, seconds: float, budget: float) -> int:
    """Side of the next map so that it costs about `budget` seconds, cost growing as side²."""
    fitting = side * math.sqrt(budget / max(seconds, 1e-6))
    return max((s for s in MAP_SIDES if s <= fitting), default=MAP_SIDES[0])


def boundary(shares: Floats) -> Floats:
    """Where the most likely class changes, as line segments in grid units, shape (n, 4).

    Marching squares on each class's lead over the best other class; ends are interpolated, so
    the line is smoother than the grid.
    """
    count = shares.shape[2]
    found: list[Floats] = []
    for k in range(count if count > 2 else 1):
        others = np.delete(shares, k, axis=2).max(axis=2)
        found.append(_zero_line(shares[..., k] - others))
    return np.concatenate(found) if found else np.empty((0, 4))


def values_of(outputs: npt.NDArray[np.floating], data: Data) -> Floats:
    """Return outputs of a regression in the unit of the data, shape (n,)."""
    scaling = data.target_scaling
    return np.asarray(outputs[:, 0] * float(scaling.std[0]) + float(scaling.mean[0]), np.float64)


def _zero_line(field: Floats) -> Floats:
    """Segments along which `field`, shape (rows, columns), is zero; x is the column."""
    a, b, c, d = field[:-1, :-1], field[:-1, 1:], field[1:, 1:], field[1:, :-1]
    places = (np.arange(float(size)) for size in a.shape)
    rows, columns = np.meshgrid(*places, indexing="ij")
    with np.errstate(divide="ignore", invalid="ignore"):
        # lower, right, upper, left edge: is it crossed, and where
        crossings: tuple[tuple[npt.NDArray[np.bool_], Floats, Floats], ...] = (
            ((a > 0) != (b > 0), columns + a / (a - b), rows),
            ((b > 0) != (c > 0), columns + 1, rows + b / (b - c)),
            ((c > 0) != (d > 0), columns + d / (d - c), rows + 1),
            ((d > 0) != (a > 0), columns, rows + a / (a - d)),
        )
    number = np.stack([crossed for crossed, _, _ in crossings]).sum(axis=0)
    segments = []
    for i in range(4):
        for j in range(i + 1, 4):
            here = crossings[i][0] & crossings[j][0] & (number == 2)
            if (i, j) in ((0, 1), (2, 3)):  # a saddle: two lines, each cutting off a corner
                here |= number == 4
            ends = [place[here] for end in (i, j) for place in crossings[end][1:]]
            segments.append(np.stack(ends, axis=1))
    return np.concatenate(segments)
