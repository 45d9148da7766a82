"""The wrong samples as a figure, alone or beside the confusion matrix."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gradstudio.data.task import Data
from gradstudio.export.figure import Axis, Column, Figure, Item, Picture, Text
from gradstudio.export.figures.confusion import matrix_items
from gradstudio.export.layout import lay_out
from gradstudio.export.mistakes import Cell, brightness, list_words, mistakes, probability
from gradstudio.export.score import NO_ANSWER, ClassScore, Indices
from gradstudio.export.words import width
from gradstudio.palette import Palette

ALONE: Final = (620, 470)
BOTH: Final = (1040, 560)
TILE: Final = 60.0
WORDS: Final = 16.0
ROW: Final = 18.0
ROW_WIDTH: Final = 250.0
HEAD: Final = 24.0
GAP: Final = 28.0
NAMES: Final = 34.0


def wrong_figure(
    base: Figure, data: Data, score: ClassScore, cell: Cell | None, *, beside_matrix: bool
) -> Figure:
    """Draw as many wrong samples as have room, the most certain first; the table holds all.

    Parameters
    ----------
    base
        Title, subtitle, caption and palette.
    cell
        Only the samples of one cell of the confusion matrix.
    beside_matrix
        Whether the matrix is drawn at the left.
    """
    flat = Axis("", 0.0, 1.0, visible=False)
    base = replace(base, x=flat, y=flat, items=(), legend=(), notes=(), equal=False)
    base = replace(base, size=BOTH if beside_matrix else ALONE)
    box = lay_out(base).box
    items: list[Item] = []
    left = 0.0
    if beside_matrix:
        side = min(box.height - NAMES, 0.5 * box.width) - NAMES
        items += _matrix(data, score, base.palette, side, box.height, cell)
        left = NAMES + side + GAP
    items += _samples(data, score, base.palette, left, box.width, box.height, cell)
    axes = [Axis("", 0.0, high, visible=False) for high in (box.width, box.height)]
    table = sample_table(data, score, None if beside_matrix else mistakes(score, cell))
    return replace(base, x=axes[0], y=axes[1], items=tuple(items), table=table)


def sample_table(data: Data, score: ClassScore, samples: Indices | None) -> dict[str, Column]:
    """Return number, classes and probabilities of some samples, or of all that are scored."""
    chosen = np.arange(score.total) if samples is None else samples
    names = np.array([*data.class_names, "not finite"])
    given = score.chosen[chosen]
    table: dict[str, Column] = {
        f"{score.part} sample": chosen + 1,
        "true class": names[score.labels[chosen]],
        "predicted class": names[np.where(given == NO_ANSWER, len(data.class_names), given)],
    }
    for k, name in enumerate(data.class_names):
        table[f"share of {name} [1]"] = score.shares[chosen, k]
    return table


def _matrix(
    data: Data, score: ClassScore, palette: Palette, side: float, top: float, cell: Cell | None
) -> list[Item]:
    step = side / score.classes
    items = matrix_items(score, palette, step, left=NAMES, top=top, side=step, chosen=cell)
    is_short = max(map(len, data.class_names)) <= 3
    for k, name in enumerate(data.class_names):
        text = name if is_short else _fitting(name, step)
        middle = (k + 0.5) * step
        items.append(Text(NAMES + middle, top - side - 10, text, palette.text3, "middle"))
        beside = name if is_short else str(k)
        items.append(Text(NAMES - 6, top - middle, beside, palette.text3, "end"))
    below = top - side - 27
    items.append(Text(NAMES + side / 2, below, "predicted class", palette.text2, "middle"))
    rows = "rows: true class" if is_short else "rows: true class, in the order of the columns"
    items.append(Text(NAMES, below - 16, rows, palette.text2, "start"))
    return items


def _samples(
    data: Data,
    score: ClassScore,
    palette: Palette,
    left: float,
    right: float,
    top: float,
    cell: Cell | None,
) -> list[Item]:
    found = mistakes(score, cell)
    wide, high = (ROW_WIDTH, ROW) if data.side is None else (TILE, TILE + WORDS)
    columns = max(int((right - left) // wide), 1)
    found_shown = found[: columns * max(int((top - HEAD) // high), 0)]
    words = " · ".join(list_words(score, data, cell, len(found_shown)))
    items: list[Item] = [Text(left, top - 8, words, palette.text, strong=True)]
    pixels = None if data.side is None else _pixels(data, found_shown, palette)
    for k, sample in enumerate(found_shown.tolist()):
        x, y = left + k % columns * wide, top - HEAD - k // columns * high
        names = data.class_names
        true, given = names[int(score.labels[sample])], names[int(score.chosen[sample])]
        share = probability(float(score.shares[sample, int(score.chosen[sample])]))
        if pixels is None:
            text = f"{sample + 1}   {true} → {given}   {share}"
            items.append(Text(x, y - ROW / 2, text, palette.text2))
            continue
        side = TILE - 8
        items.append(Picture(pixels[k], x, y - side, x + side, y, f"sample {sample + 1}"))
        base = y - side - WORDS / 2 + 1
        items.append(Text(x, base, f"{true}→{given}", palette.text, "start", 10.0, strong=True))
        items.append(Text(x + side, base, share, palette.text3, "end", 10.0))
    return items


def _pixels(data: Data, samples: Indices, palette: Palette) -> NDArray[np.uint8]:
    """Pictures of samples from ground to ink, shape (samples, height, width, 4).

    Few pixels are repeated, so that smoothing leaves their edges sharp.
    """
    assert data.side is not None
    ground, ink = (
        np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64)
        for colour in (palette.bg2, palette.text)
    )
    grey = brightness(data, samples).reshape(-1, data.side, data.side, 1)
    pixels = np.full((*grey.shape[:3], 4), 255, dtype=np.uint8)
    pixels[..., :3] = (ground + (ink - ground) * grey).round()
    again = max(128 // data.side, 1) if data.side < 16 else 1
    return pixels.repeat(again, axis=1).repeat(again, axis=2)


def _fitting(text: str, room: float) -> str:
    while len(text) > 1 and width(text, 11.0) > room - 4:
        text = text.removesuffix("…")[:-1] + "…"
    return text
