"""The SVG says what the numbers say, in every viewer."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gradstudio.export.figure import (
    Axis,
    Curve,
    EndLabel,
    Figure,
    Item,
    Mark,
    OffScale,
    Picture,
    Points,
    Rule,
    Text,
)
from gradstudio.export.figures import depth_figure, gradient_figure, loss_figure
from gradstudio.export.layout import label_places, lay_out
from gradstudio.export.svg import to_svg
from gradstudio.export.words import width, wrapped

from .conftest import MakeRun
from .pictures import NAMESPACE, Drawn


def simple(*items: Item, **changes: object) -> Figure:
    axis = Axis("x", 0.0, 10.0, ticks=((0.0, "0"), (10.0, "10")))
    figure = Figure("Title", "subtitle", axis, axis, items)
    return replace(figure, **changes)


def floats(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def test_every_curve_maps_back_to_its_numbers_within_half_a_pixel(make_run: MakeRun) -> None:
    figure = gradient_figure(make_run(hidden=12, steps=700))
    drawn = Drawn.of(figure)
    steps = figure.table["step"]
    for label in [*range(1, 13), "out"]:
        name = "out" if label == "out" else f"layer {label}"
        values = figure.table[f"{name} RMS dL/dz [nat]"]
        (piece,) = drawn.pieces(name.replace(" ", "-"))
        assert_allclose(piece[:, 0], drawn.pixels("x", steps), atol=0.5)
        assert_allclose(piece[:, 1], drawn.pixels("y", np.log10(values)), atol=0.5)
        assert_allclose(drawn.position("y", piece[:, 1]), np.log10(values), atol=0.02)


def test_a_thinned_curve_keeps_every_spike_within_half_a_pixel(make_run: MakeRun) -> None:
    run = make_run(hidden=2, steps=0)
    rng = np.random.default_rng(1)
    for step in range(6000):
        row = run.layout.new_row()
        row[run.layout.slice_of("delta_rms")] = 10.0 ** rng.normal(size=3)
        if step == 3217:
            row[run.layout.slice_of("delta_rms")] = 1e9
        run.history.append(row)
    figure = gradient_figure(run)
    drawn = Drawn.of(figure)
    (piece,) = drawn.pieces("layer-1")
    assert len(piece) < 6000
    top = piece[piece[:, 1].argmin()]
    assert abs(top[0] - drawn.pixels("x", floats(3217))[0]) <= 0.5
    assert abs(top[1] - drawn.pixels("y", floats(9.0))[0]) <= 0.5
    assert len(figure.table["step"]) == 6000


def test_steps_on_a_logarithmic_axis_map_back_too(make_run: MakeRun) -> None:
    drawn = Drawn.of(gradient_figure(make_run(steps=300), x_log=True))
    assert drawn.group("plot").get("data-x-scale") == "log10"
    (piece,) = drawn.pieces("layer-1")
    found = np.unique(np.round(10.0 ** drawn.position("x", piece[:, 0])))
    assert {1.0, 2.0, 10.0, 299.0} <= set(found.tolist())


def test_exact_zeros_stand_in_the_lane_from_the_step_they_fell(make_run: MakeRun) -> None:
    run = make_run(hidden=4, steps=100, zero_from=40, zero_layers=2)
    drawn = Drawn.of(gradient_figure(run))
    for name in ("layer-1-zero", "layer-2-zero"):
        fall, flat = (
            {k: float(one.get(k, "nan")) for k in ("x1", "y1", "x2", "y2")}
            for one in drawn.group(name).iter(f"{NAMESPACE}line")
        )
        assert abs(flat["x1"] - drawn.pixels("x", floats(40))[0]) <= 0.5
        assert abs(flat["x2"] - drawn.pixels("x", floats(99))[0]) <= 0.5
        assert drawn.end("zero-top") <= flat["y1"] <= drawn.end("zero-bottom")
        assert fall["y1"] < drawn.end("bottom") < fall["y2"]
    (piece,) = drawn.pieces("layer-1")
    assert piece[-1, 0] <= drawn.pixels("x", floats(39.5))[0]
    assert "1–2" in drawn.texts("end-labels")


def test_nan_breaks_a_curve() -> None:
    curve = Curve(floats(0, 1, 2, 3, 4), floats(1, 2, np.nan, 4, 5), "#000000", "line")
    assert [len(piece) for piece in Drawn.of(simple(curve)).pieces("line")] == [2, 2]


def test_nothing_is_drawn_outside_the_box(make_run: MakeRun) -> None:
    figure = gradient_figure(make_run(steps=200, noise=1.5), first=50, y_range=(-2.0, -1.0))
    drawn = Drawn.of(figure)
    pieces = [piece for name in drawn.groups() for piece in drawn.pieces(name)]
    points = np.concatenate(pieces)
    assert points[:, 0].min() >= drawn.end("left") - 0.01
    assert points[:, 0].max() <= drawn.end("right") + 0.01
    assert points[:, 1].min() >= drawn.end("top") - 0.01
    assert points[:, 1].max() <= drawn.end("bottom") + 0.01


def test_a_value_beyond_all_reason_does_no_harm() -> None:
    curve = Curve(floats(0, 5, 10), floats(5, 1e308, -1e308), "#000000", "line")
    pieces = Drawn.of(simple(curve)).pieces("line")
    assert pieces
    assert all(np.isfinite(piece).all() for piece in pieces)


def test_words_with_marks_of_the_language_stay_words(make_run: MakeRun) -> None:
    name = 'a < b & "c" \x00\ud800'
    texts = Drawn.of(gradient_figure(make_run(name="x"), caption=name)).texts("words")
    assert 'a < b & "c" \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}' in texts


def test_only_elements_that_every_viewer_draws_are_used(make_run: MakeRun) -> None:
    run = make_run(steps=30, zero_from=10, zero_layers=1)
    for figure in (gradient_figure(run), depth_figure(run), loss_figure(run)):
        text = to_svg(figure)
        assert not re.search(r"clip|<pattern|vector-effect|<style|class=|<use|<tspan", text)
        used = {one.tag.removeprefix(NAMESPACE) for one in Drawn.of(figure).root.iter()}
        assert used <= {
            "svg", "title", "desc", "g", "rect", "line", "polyline", "polygon", "circle",
            "path", "text", "image",
        }  # fmt: skip


def test_axes_title_legend_and_sentence_are_text(make_run: MakeRun) -> None:
    figure = loss_figure(make_run(steps=120))
    drawn = Drawn.of(figure)
    words = drawn.texts()
    assert {"Loss", "step", "loss", "train", "test", "0", "100"} <= set(words)
    assert figure.subtitle in words
    assert " ".join(drawn.texts("words")).endswith(figure.caption)
    assert "ln 2 = 0.693 = chance" in drawn.texts("rule-labels")


def test_a_long_name_is_cut_at_the_edge(make_run: MakeRun) -> None:
    figure = gradient_figure(make_run(name="W" * 120))
    (subtitle,) = [text for text in Drawn.of(figure).texts("words") if "WWW" in text]
    assert subtitle.endswith("…")
    assert width(subtitle, 11.5) <= figure.size[0] - 36


def test_labels_of_a_hundred_layers_do_not_overlap(make_run: MakeRun) -> None:
    figure = gradient_figure(make_run(hidden=99, steps=20, decades=-0.001))
    labels = [item for item in figure.items if isinstance(item, EndLabel)]
    heights = sorted(label_places(lay_out(figure), labels).values())
    assert len(heights) >= 3
    assert min(np.diff(heights)) >= 11.0
    texts = Drawn.of(figure).texts("end-labels")
    assert {"1", "out"} <= set(texts)


def test_series_have_ids_of_their_own() -> None:
    same = Curve(floats(0, 1), floats(0, 1), "#000000", "same")
    drawn = Drawn.of(simple(same, same))
    assert {"same", "same-2"} <= set(drawn.groups())


def test_a_value_that_is_not_finite_is_marked_and_named() -> None:
    drawn = Drawn.of(simple(Mark(4.0, "step 4: not finite, layer 2, matrix product")))
    path = next(iter(drawn.group("mark").iter(f"{NAMESPACE}path"))).get("d", "")
    x = np.mean([float(v) for v in re.findall(r"[ML]([\d.]+),", path)])
    assert abs(x - drawn.pixels("x", floats(4))[0]) <= 0.5
    assert "step 4: not finite, layer 2, matrix product" in drawn.texts("mark")


def test_the_words_of_a_mark_at_the_right_edge_stand_left_of_it() -> None:
    drawn = Drawn.of(simple(Mark(9.9, "step 99: not finite, layer 2, matrix product")))
    (text,) = drawn.group("mark").iter(f"{NAMESPACE}text")
    assert text.get("text-anchor") == "end"
    assert float(text.get("x", "nan")) < drawn.pixels("x", floats(9.9))[0]


def test_an_off_scale_mark_and_a_rule_stay_inside() -> None:
    drawn = Drawn.of(
        simple(
            OffScale(99.0, True, "#000000", "1e9 at step 99"),
            Rule("vertical", 5.0, "#000000", label="here"),
            Rule("horizontal", 99.0, "#000000", label="outside"),
        )
    )
    corners = next(iter(drawn.group("offscale").iter(f"{NAMESPACE}polygon"))).get("points", "")
    assert max(float(p.split(",")[0]) for p in corners.split()) <= drawn.end("right")
    assert drawn.texts("rule-labels") == ["here"]


def test_a_picture_is_embedded_between_its_corners() -> None:
    pixels = np.zeros((2, 2, 4), dtype=np.uint8)
    drawn = Drawn.of(simple(Picture(pixels, 2.0, 2.0, 8.0, 8.0, "map"), equal=True))
    image = next(iter(drawn.group("map")))
    assert float(image.get("x", "nan")) == pytest.approx(drawn.pixels("x", floats(2))[0], abs=0.01)
    assert float(image.get("y", "nan")) == pytest.approx(drawn.pixels("y", floats(8))[0], abs=0.01)
    assert image.get("{http://www.w3.org/1999/xlink}href", "").startswith("data:image/png;base64,")
    assert drawn.end("right") - drawn.end("left") == drawn.end("bottom") - drawn.end("top")


@pytest.mark.parametrize("shape", ["circle", "square", "triangle", "diamond"])
def test_points_are_drawn_in_their_shape_and_only_inside(shape: str) -> None:
    points = Points(floats(5, 50, np.nan), floats(5, 5, 5), "#123456", shape, label="dots")  # type: ignore[arg-type]
    (mark,) = Drawn.of(simple(points)).group("dots")
    tag = {"circle": "circle", "square": "rect"}.get(shape, "polygon")
    assert mark.tag == NAMESPACE + tag
    assert mark.get("fill") == "#123456"


def test_text_in_the_plot_stands_at_its_place() -> None:
    drawn = Drawn.of(simple(Text(5.0, 5.0, "middle", "#000000", "middle")))
    (text,) = drawn.group("text").iter(f"{NAMESPACE}text")
    assert float(text.get("x", "nan")) == pytest.approx(drawn.pixels("x", floats(5))[0], abs=0.01)


def test_a_wrapped_sentence_has_lines_of_about_the_same_length() -> None:
    lines = wrapped("one two three four five six seven eight nine ten", 10.0, 200.0, most=3)
    assert len(lines) == 2
    assert width(lines[1], 10.0) > 0.6 * width(lines[0], 10.0)
