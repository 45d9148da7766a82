"""Writing a figure as SVG, PNG, PDF or CSV, whole or not at all."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontDatabase, QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgRenderer

from gradstudio.errors import ExportError
from gradstudio.export.figure import Figure
from gradstudio.export.files import write_file
from gradstudio.export.svg import to_svg
from gradstudio.export.tables import csv_text
from gradstudio.resources import resource

SUFFIXES: Final = (".png", ".svg", ".pdf", ".csv")
LARGEST_SIDE: Final = 16_000
"""Pixels: a picture larger than that is refused."""
DOTS_PER_INCH: Final = 96
"""Resolution at which one pixel of the figure is one dot of a PDF page."""
_POINTS_PER_PIXEL: Final = 72 / DOTS_PER_INCH
_METRES_PER_INCH: Final = 0.0254


def save_figure(figure: Figure, path: Path, scale: float = 2.0) -> None:
    """Write a figure to a file; its suffix says in which format.

    Parameters
    ----------
    figure
        What to write.
    path
        A file that ends in ``.svg``, ``.png``, ``.pdf`` or ``.csv``; an old one is replaced.
    scale
        Pixels of a PNG per pixel of the figure.

    Raises
    ------
    ExportError
        If the format is not known or the file cannot be written; an old file is as it was.
    """
    match path.suffix.lower():
        case ".svg":
            content: bytes | str = to_svg(figure)
        case ".csv":
            content = csv_text(figure)
        case ".png":
            content = _png(figure_to_image(figure, scale))
        case ".pdf":
            content = _pdf(figure)
        case suffix:
            named = f"'{suffix}' is no format" if suffix else "the name has no suffix"
            raise ExportError(f"{path.name} was not written: {named}; use {', '.join(SUFFIXES)}.")
    write_file(path, content)


def figure_to_image(figure: Figure, scale: float = 2.0) -> QImage:
    """Draw a figure as an image of ``scale`` pixels per pixel of the figure.

    Raises
    ------
    ExportError
        If the image would be larger than 16,000 pixels a side.
    """
    width, height = (math.ceil(side * scale) for side in figure.size)
    if not 0 < max(width, height) <= LARGEST_SIDE:
        raise ExportError(
            f"a picture of {width:,} × {height:,} pixels is not possible: "
            f"1 to {LARGEST_SIDE:,} a side are."
        )
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        raise ExportError(f"a picture of {width:,} × {height:,} pixels does not fit into memory.")
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing
        | QPainter.RenderHint.TextAntialiasing
        | QPainter.RenderHint.SmoothPixmapTransform
    )
    _render(figure, painter, QRectF(0.0, 0.0, width, height))
    painter.end()
    dots = round(DOTS_PER_INCH * scale / _METRES_PER_INCH)
    image.setDotsPerMeterX(dots)
    image.setDotsPerMeterY(dots)
    return image


def _png(image: QImage) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise ExportError("the picture could not be encoded as PNG.")
    return bytes(content.data())


def _pdf(figure: Figure) -> bytes:
    """One page of the size of the figure, with text as text and fonts embedded."""
    width, height = figure.size
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setCreator("GradStudio")
    writer.setTitle(figure.title)
    writer.setResolution(DOTS_PER_INCH)
    page = QSizeF(width * _POINTS_PER_PIXEL, height * _POINTS_PER_PIXEL)
    exact = QPageSize.SizeMatchPolicy.ExactMatch
    writer.setPageSize(QPageSize(page, QPageSize.Unit.Point, "", exact))
    writer.setPageMargins(QMarginsF(0.0, 0.0, 0.0, 0.0))
    painter = QPainter()
    if not painter.begin(writer):
        raise ExportError("the page could not be written as PDF.")
    _render(figure, painter, QRectF(0.0, 0.0, width, height))
    painter.end()
    buffer.close()
    return bytes(content.data())


def _render(figure: Figure, painter: QPainter, target: QRectF) -> None:
    renderer = QSvgRenderer(QByteArray(to_svg(figure, fonts=_font_family()).encode("utf-8")))
    if not renderer.isValid():
        raise ExportError("the figure could not be drawn.")
    renderer.render(painter, target)


@lru_cache(maxsize=1)
def _font_family() -> str:
    """Make the fonts that come with the program known to Qt; the family to draw with."""
    for file in sorted(resource("fonts").glob("Inter-*.otf")):
        QFontDatabase.addApplicationFont(str(file))
    return "Inter" if "Inter" in QFontDatabase.families() else "sans-serif"
