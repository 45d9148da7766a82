"""Where the parts of a picture stand: title, legend, plot box, zero lane, labels, caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from gradstudio.export.clip import Box
from gradstudio.export.figure import Axis, EndLabel, Figure, Floats, LegendEntry
from gradstudio.export.labels import place_labels
from gradstudio.export.words import width, wrapped

MARGIN: Final = 18.0
TITLE_SIZE: Final = 15.0
SUBTITLE_SIZE: Final = 11.5
TICK_SIZE: Final = 10.5
LABEL_SIZE: Final = 11.0
CAPTION_SIZE: Final = 11.5
NOTE_SIZE: Final = 22.0
LINE: Final = 16.0
"""Height of a line of words."""
LANE_HEIGHT: Final = 13.0
"""Height of the zero lane under a logarithmic axis."""
SAMPLE: Final = 20.0
"""Length of a line sample in the legend."""
FAR_OFF: Final = 1e9
"""Pixels beyond which a point counts as no farther out: keeps the arithmetic of cutting finite."""
TITLE_BASE: Final = 30.0
"""Baseline of the title; that of the subtitle is 18 pixels lower."""
_LABEL_GAP: Final = 8.0
_LABEL_SHIFT: Final = 22.0


@dataclass(frozen=True)
class Layout:
    """The places of one picture, in pixels from its upper left corner.

    Attributes
    ----------
    box
        The plot box between the two axes, without the zero lane.
    lane
        The zero lane under it; None without one.
    x, y
        The axes.
    legend
        Left end and baseline of each entry of the legend.
    caption
        The caption in lines.
    caption_base
        Baseline of its first line.
    """

    box: Box
    lane: Box | None
    x: Axis
    y: Axis
    legend: tuple[tuple[float, float], ...]
    caption: tuple[str, ...]
    caption_base: float

    @property
    def whole(self) -> Box:
        """Plot box and zero lane together."""
        return self.box if self.lane is None else self.box._replace(bottom=self.lane.bottom)

    def xs(self, positions: ArrayLike) -> Floats:
        """Pixels from the left of positions on the x axis; NaN where they are not finite."""
        scale = self.box.width / (self.x.high - self.x.low)
        return _pixels(self.box.left, scale, positions, self.x.low)

    def ys(self, positions: ArrayLike) -> Floats:
        """Pixels from the top of positions on the y axis; NaN where they are not finite."""
        scale = -self.box.height / (self.y.high - self.y.low)
        return _pixels(self.box.bottom, scale, positions, self.y.low)

    def lane_y(self, row: int, rows: int) -> float:
        """Height of a row inside the zero lane."""
        assert self.lane is not None
        share = 0.5 if rows == 1 else row / (rows - 1)
        return self.lane.bottom - 2.5 - share * (self.lane.height - 5.0)


def lay_out(figure: Figure) -> Layout:
    """Find a place for everything of a picture."""
    wide, high = figure.size
    caption = tuple(wrapped(figure.caption, CAPTION_SIZE, wide - 2 * MARGIN, most=3))
    caption_base = high - MARGIN - LINE * (len(caption) - 1)
    left, right = _left(figure), wide - _right(figure)
    legend, legend_row = _legend(figure, right)
    top = TITLE_BASE + 18.0 + (LINE + 4.0 if legend_row else 0.0) + 14.0
    bottom = caption_base - CAPTION_SIZE - 10.0 if caption else high - MARGIN
    if figure.x.visible:
        bottom -= TICK_SIZE + 6.0 + (LINE + 2.0 if figure.x.label else 0.0)
    lane = None
    if figure.y.zero_lane:
        lane = Box(left, bottom - LANE_HEIGHT, right, bottom)
        bottom -= LANE_HEIGHT
    if figure.equal:
        side = min(right - left, bottom - top)
        right, bottom = left + side, top + side
    box = Box(left, top, right, bottom)
    return Layout(box, lane, figure.x, figure.y, legend, caption, caption_base)


def label_places(layout: Layout, labels: Sequence[EndLabel]) -> dict[int, float]:
    """Height of each label at the right edge that has room, by its index."""
    box = layout.box
    heights = layout.ys([np.nan if label.y is None else label.y for label in labels])
    wanted = {i: float(y) for i, y in enumerate(heights) if box.top - 0.5 <= y <= box.bottom + 0.5}
    order = sorted(wanted, key=lambda i: -labels[i].priority)
    gap = LABEL_SIZE * 1.02
    placed = place_labels(wanted, order, gap, box.top, box.bottom - 1.0, _LABEL_SHIFT)
    if layout.lane is not None:
        middle = (layout.lane.top + layout.lane.bottom) / 2.0
        placed |= {i: middle for i, label in enumerate(labels) if label.y is None}
    return placed


def _left(figure: Figure) -> float:
    if not figure.y.visible:
        return MARGIN
    texts = [text for _, text in figure.y.ticks] or [""]
    ticks = max(width(text, TICK_SIZE) for text in texts)
    return MARGIN + ticks + 8.0 + (LINE + 2.0 if figure.y.label else 0.0)


def _right(figure: Figure) -> float:
    labels = [item for item in figure.items if isinstance(item, EndLabel)]
    if labels:
        widest = max(width(label.text, LABEL_SIZE, strong=label.strong) for label in labels)
        return MARGIN + _LABEL_GAP + 8.0 + widest
    return MARGIN + 4.0


def _legend(figure: Figure, right: float) -> tuple[tuple[tuple[float, float], ...], bool]:
    """Places of the entries: right of the subtitle, or in a row of their own below it."""
    if not figure.legend:
        return (), False
    widths = [entry_width(entry) for entry in figure.legend]
    total = sum(widths) + 16.0 * (len(widths) - 1)
    room = right - MARGIN - width(figure.subtitle, SUBTITLE_SIZE) - 28.0
    own_row = total > room
    base = TITLE_BASE + 18.0 + (LINE + 4.0 if own_row else 0.0)
    x = MARGIN if own_row else right - total
    places = []
    for one in widths:
        places.append((x, base))
        x += one + 16.0
    return tuple(places), own_row


def entry_width(entry: LegendEntry) -> float:
    """Width of one entry of the legend with its sample."""
    return sample_width(entry) + 6.0 + width(entry.label, LABEL_SIZE)


def sample_width(entry: LegendEntry) -> float:
    """Width of the sample before the name."""
    return SAMPLE if entry.shape in ("line", "band") else 8.0


def _pixels(origin: float, scale: float, positions: ArrayLike, low: float) -> Floats:
    places = np.asarray(positions, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        pixels = origin + (places - low) * scale
        return np.where(np.isfinite(places), np.clip(pixels, -FAR_OFF, FAR_OFF), np.nan)
