"""The colours of both schemes, without Qt: the window and the exported pictures share them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True)
class Palette:
    """The colours of one scheme, each as ``#rrggbb``.

    ``text`` to ``text3`` fall in contrast on ``bg1``: 15:1, 8.5:1, 5:1.
    """

    name: str
    bg0: str
    bg1: str
    bg2: str
    bg3: str
    line: str
    soft: str
    grid: str
    text: str
    text2: str
    text3: str
    accent: str
    on_accent: str
    accent_soft: str
    accent_edge: str
    critical: str
    critical_soft: str
    critical_edge: str
    warning: str
    good: str
    class_0: str
    class_1: str
    weights_factor: str
    """What the weights make of the signal, solid everywhere."""
    slope_factor: str
    """What phi' makes of it, hatched everywhere."""
    depth: tuple[str, ...]
    """Anchors of the depth map, layer 1 to output."""
    size: tuple[str, ...]
    """Anchors of the size map, small to large."""
    deviation: tuple[str, ...]
    """Anchors of the deviation map, far below to far above; the middle is none."""


DARK: Final = Palette(
    name="dark",
    bg0="#0d0f13",
    bg1="#14171c",
    bg2="#1d2128",
    bg3="#282d37",
    line="#2b303a",
    soft="#1f232b",
    grid="#20242c",
    text="#e8ebf0",
    text2="#abb3c0",
    text3="#7f8896",
    accent="#2fd0bb",
    on_accent="#04211d",
    accent_soft="#12302d",
    accent_edge="#1e5a53",
    critical="#ff7d6b",
    critical_soft="#2e1a1a",
    critical_edge="#6b342f",
    warning="#f0b950",
    good="#5fcf8f",
    class_0="#5b8dd6",
    class_1="#e0a458",
    weights_factor="#78a9ff",
    slope_factor="#f2a65a",
    depth=(
        "#8a69e8", "#b866de", "#e066c6", "#ff6ba6", "#ff8b8d",
        "#fea381", "#feb97c", "#ffcd6f", "#f8e54e",
    ),
    size=("#0e1518", "#18353c", "#1a5962", "#148185", "#3da7a1", "#83c8bb", "#bde9da"),
    deviation=("#a9c8ff", "#5c8fe0", "#2f4f86", "#1d2128", "#6e4a1f", "#c9822f", "#ffd08a"),
)  # fmt: skip

LIGHT: Final = Palette(
    name="light",
    bg0="#e6e9ee",
    bg1="#ffffff",
    bg2="#f2f4f7",
    bg3="#e6e9ee",
    line="#d3d8e0",
    soft="#e7eaef",
    grid="#eceff3",
    text="#14181f",
    text2="#454e5c",
    text3="#687182",
    accent="#0a7a6d",
    on_accent="#ffffff",
    accent_soft="#daf2ee",
    accent_edge="#8fcfc6",
    critical="#bf3420",
    critical_soft="#fdecea",
    critical_edge="#efb4aa",
    warning="#8a5a00",
    good="#1a7a47",
    class_0="#2f62b5",
    class_1="#a8660b",
    weights_factor="#2a62c8",
    slope_factor="#b75d04",
    depth=(
        "#371c94", "#642291", "#88267e", "#a12e6b", "#b23765",
        "#c3415d", "#cd543b", "#c57218", "#b28e2c",
    ),
    size=("#f6fbfa", "#c4e2dd", "#8fc9c3", "#53b0ad", "#048b8d", "#036367", "#003d43"),
    deviation=("#0b2f73", "#3a6fc4", "#a3c0ea", "#f6f7f9", "#efc391", "#c4731a", "#6b3300"),
)  # fmt: skip

PALETTES: Final = {"dark": DARK, "light": LIGHT}


def interpolate(anchors: Sequence[str], t: float) -> str:
    """Colour at `t` in [0, 1] along equally spaced `anchors`, linear in sRGB."""
    position = min(max(t, 0.0), 1.0) * (len(anchors) - 1)
    index = min(int(position), len(anchors) - 2)
    share = position - index
    start, end = (_channels(anchors[index]), _channels(anchors[index + 1]))
    mixed = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


@lru_cache(maxsize=512)
def depth_colours(layer_count: int, scheme: str) -> tuple[str, ...]:
    """One colour per layer, layer 1 first and the output layer last."""
    anchors = PALETTES[scheme].depth
    if layer_count == 1:
        return (anchors[-1],)
    return tuple(interpolate(anchors, i / (layer_count - 1)) for i in range(layer_count))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
