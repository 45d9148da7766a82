"""The growth of a step as pictures: a step and its products, both axes logarithmic."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtWidgets import QApplication

from gradstudio.export.figure import (
    Axis,
    Curve,
    EndLabel,
    Figure,
    Floats,
    Item,
    LegendEntry,
    Points,
)
from gradstudio.export.ticks import decade_ticks
from gradstudio.palette import LIGHT
from gradstudio.ui.plot_export import save_figure
from tests.benchmarks.growth import Series

MARGIN: Final = 0.08
"""Room beside the points, in decades."""
PRODUCT_DASH: Final = (6.0, 3.5)


def write_pictures(series: list[Series], folder: Path) -> list[str]:
    """Write each series as SVG and PNG; returns the names of the files."""
    application = QApplication.instance() or QApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for one in series:
        for suffix in (".svg", ".png"):
            names.append(f"growth-{one.kind.name}{suffix}")
            save_figure(growth_figure(one), folder / names[-1])
    del application
    return names


def growth_figure(series: Series) -> Figure:
    """Draw one series: the gap between the curves is what is not a matrix product."""
    sizes = np.array([point.size for point in series.points], np.float64)
    step = np.array([1e6 * point.step for point in series.points])
    products = np.array([1e6 * point.products for point in series.points])
    x, curves = np.log10(sizes), {"step": step, "products": products}
    colours = {"step": LIGHT.accent, "products": LIGHT.class_1}
    dashes = {"step": (), "products": PRODUCT_DASH}
    items: list[Item] = []
    for name, values in curves.items():
        y = np.log10(values)
        items.append(Curve(x, y, colours[name], name, dashes[name], width=2.0))
        items.append(Points(x, y, colours[name], size=6.0, label=f"{name} measured"))
        if np.isfinite(y[-1]):
            items.append(EndLabel(float(y[-1]), f"{values[-1]:,.0f} µs", colours[name]))
    return Figure(
        title=f"Time of a step by {series.kind.name}",
        subtitle=f"{series.kind.of} · one thread",
        x=Axis(series.kind.unit, *_ends(x), log10=True, ticks=_size_ticks(sizes)),
        y=_time_axis(np.concatenate([step, products])),
        items=tuple(items),
        legend=tuple(LegendEntry(name, colours[name], dashes[name]) for name in curves),
        caption="The gap between the two is what is not a matrix product.",
        table={f"{series.kind.unit} [1]": sizes, "step [µs]": step, "products [µs]": products},
        size=(760, 440),
    )


def _size_ticks(sizes: Floats) -> tuple[tuple[float, str], ...]:
    return tuple((float(np.log10(size)), f"{size:,.0f}") for size in sizes)


def _time_axis(microseconds: Floats) -> Axis:
    low, high = _ends(np.log10(microseconds))
    return Axis("time, µs", low, high, log10=True, ticks=decade_ticks(low, high))


def _ends(positions: Floats) -> tuple[float, float]:
    return float(np.nanmin(positions)) - MARGIN, float(np.nanmax(positions)) + MARGIN
