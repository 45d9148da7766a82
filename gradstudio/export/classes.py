"""Colour and shape of each class: never colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gradstudio.export.figure import Shape
from gradstudio.palette import Palette

SHAPES: Final[tuple[Shape, ...]] = ("circle", "square", "triangle", "diamond")
_MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "dark": (
        "#a9e767", "#b088ff", "#74dafe", "#ffc3c3",
        "#5fcf8f", "#e066c6", "#d8dde6", "#f0b950",
    ),
    "light": (
        "#1f6e3c", "#4d318e", "#097f9c", "#8d1a49",
        "#5c7d00", "#a12e6b", "#454e5c", "#8a5a00",
    ),
}  # fmt: skip


def class_colours(palette: Palette, count: int) -> tuple[str, ...]:
    """Choose one colour per class; beyond ten they repeat, with another shape."""
    colours = (palette.class_0, palette.class_1, *_MORE[palette.name])
    return tuple(colours[i % len(colours)] for i in range(count))


def class_shape(index: int) -> Shape:
    """Choose the shape of a class."""
    return SHAPES[index % len(SHAPES)]
