"""Pictures and pages that leave the program show what the figure says."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from gradstudio.errors import ExportError
from gradstudio.export.figure import Axis, Curve, Figure, Picture
from gradstudio.export.layout import lay_out
from gradstudio.export.svg import to_svg
from gradstudio.palette import DARK
from gradstudio.ui import plot_export
from gradstudio.ui.plot_export import figure_to_image, save_figure

RED = "#d02040"


def straight(width: float = 2.0) -> Figure:
    """A level red line at half height."""
    axis = Axis("value", 0.0, 10.0, ticks=((0.0, "0"), (5.0, "5"), (10.0, "10")))
    x = np.array([0.0, 10.0])
    return Figure(
        "A title",
        "a subtitle",
        axis,
        axis,
        (Curve(x, np.array([5.0, 5.0]), RED, "line", width=width),),
        caption="A sentence.",
        table={"x": x, "y [nat]": np.array([1e-300, 0.0])},
        size=(400, 300),
    )


def near(image: QImage, x: int, y: int, colour: str, reach: int = 40) -> bool:
    found, wanted = image.pixelColor(x, y).getRgb(), QColor(colour).getRgb()
    return all(abs(a - b) <= reach for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.0])
def test_a_png_has_the_size_asked_for_and_the_curve_where_it_belongs(
    qapp: QApplication, tmp_path: Path, scale: float
) -> None:
    figure = straight()
    save_figure(figure, tmp_path / "a.png", scale)
    image = QImage(str(tmp_path / "a.png"))
    assert (image.width(), image.height()) == (400 * scale, 300 * scale)
    layout = lay_out(figure)
    x, y = float(layout.xs(2.5)) * scale, float(layout.ys(5.0)) * scale
    assert near(image, round(x), round(y), RED)
    assert near(image, round(x), round(y - 10 * scale), "#ffffff")


def test_lines_grow_with_the_picture(qapp: QApplication) -> None:
    figure = straight(width=2.0)
    layout = lay_out(figure)
    image = figure_to_image(figure, 3.0)
    x, middle = round(float(layout.xs(2.5)) * 3), round(float(layout.ys(5.0)) * 3)
    red = [near(image, x, y, RED, 90) for y in range(middle - 12, middle + 12)]
    assert 5 <= sum(red) <= 7


def test_words_are_drawn_in_the_font_that_comes_along(qapp: QApplication) -> None:
    assert plot_export._font_family() == "Inter"
    image = figure_to_image(straight(), 2.0)
    title = [image.pixelColor(x, y).lightness() for x in range(36, 140) for y in range(38, 62)]
    assert min(title) < 60


def test_a_dark_figure_is_dark(qapp: QApplication) -> None:
    axis = Axis("", 0.0, 1.0, visible=False)
    image = figure_to_image(Figure("T", "", axis, axis, palette=DARK), 1.0)
    assert image.pixelColor(2, 2) == QColor(DARK.bg1)


def test_an_embedded_picture_is_drawn_the_right_way_up(qapp: QApplication) -> None:
    rgba = np.zeros((2, 1, 4), dtype=np.uint8)
    rgba[:, :, 3] = 255
    rgba[0, :, 0] = 255  # red on top
    rgba[1, :, 2] = 255
    axis = Axis("", 0.0, 1.0, visible=False)
    figure = Figure("T", "", axis, axis, (Picture(rgba, 0, 0, 1, 1),), equal=True)
    layout, image = lay_out(figure), figure_to_image(figure, 1.0)
    x = round(float(layout.xs(0.5)))
    assert near(image, x, round(float(layout.ys(0.95))), "#ff0000")
    assert near(image, x, round(float(layout.ys(0.05))), "#0000ff")


def test_a_pdf_is_one_page_of_the_size_of_the_figure(qapp: QApplication, tmp_path: Path) -> None:
    save_figure(straight(), tmp_path / "a.pdf")
    content = (tmp_path / "a.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") == 1
    box = re.search(rb"/MediaBox \[([\d. ]+)\]", content)
    assert box is not None
    assert [float(v) for v in box[1].split()] == pytest.approx([0, 0, 300, 225], abs=0.6)


def test_text_in_a_pdf_is_text(qapp: QApplication, tmp_path: Path) -> None:
    save_figure(straight(), tmp_path / "a.pdf")
    content = (tmp_path / "a.pdf").read_bytes()
    assert b"/FontName /" in content
    assert b"Inter" in content
    streams = re.findall(rb"stream\r?\n(.*?)endstream", content, re.S)
    pages = b"".join(filter(None, map(inflated, streams)))
    assert pages.count(b"Tj") + pages.count(b"TJ") >= 8


def inflated(stream: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return None


def test_svg_and_csv_are_written_as_they_are(qapp: QApplication, tmp_path: Path) -> None:
    figure = straight()
    save_figure(figure, tmp_path / "a.svg")
    save_figure(figure, tmp_path / "a.CSV")
    assert (tmp_path / "a.svg").read_text("utf-8") == to_svg(figure)
    assert (tmp_path / "a.CSV").read_text("utf-8") == "x,y [nat]\n0,1e-300\n10.0,0\n"


@pytest.mark.parametrize("name", ["a.gif", "a"])
def test_a_format_that_is_not_known_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match=r"use \.png, \.svg, \.pdf, \.csv"):
        save_figure(straight(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf", "csv"])
def test_a_folder_that_is_missing_is_named(qapp: QApplication, tmp_path: Path, suffix: str) -> None:
    with pytest.raises(ExportError, match=r"the folder .*missing does not exist"):
        save_figure(straight(), tmp_path / "missing" / f"a.{suffix}")


def test_an_old_file_survives_a_failed_write(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.svg"
    file.write_text("old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ExportError, match="the disk is full"):
        save_figure(straight(), file)
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


def test_a_new_file_takes_the_place_of_the_old_one(qapp: QApplication, tmp_path: Path) -> None:
    file = tmp_path / "a.svg"
    file.write_text("old")
    save_figure(straight(), file)
    assert file.read_text("utf-8").startswith("<?xml")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("scale", [0.0, 100.0])
def test_a_picture_of_an_impossible_size_is_refused(qapp: QApplication, scale: float) -> None:
    with pytest.raises(ExportError, match="is not possible"):
        figure_to_image(straight(), scale)


def test_a_hundred_thousand_points_fit_into_a_small_file(tmp_path: Path) -> None:
    axis = Axis("x", 0.0, 1e5)
    x = np.arange(1e5)
    curve = Curve(x, np.sin(x), RED, "line")
    save_figure(Figure("T", "", axis, Axis("y", -2.0, 2.0), (curve,)), tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size < 3e6
