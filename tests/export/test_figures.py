"""What a figure of a run shows and says."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from gradstudio.export.figure import (
    Area,
    Bars,
    Curve,
    EndLabel,
    Figure,
    Mark,
    Points,
    Rule,
    Segments,
    Text,
    ZeroMarks,
)
from gradstudio.export.figures import (
    depth_figure,
    gradient_figure,
    histogram_figure,
    loss_figure,
)
from gradstudio.numbers import signed
from gradstudio.palette import DARK, LIGHT, depth_colours
from gradstudio.setup.models import InitializerSetup, LayerSetup, NetworkSetup, Setup
from gradstudio.training.recording import Recording
from gradstudio.training.start import initializer_of

from .conftest import MakeRun
from .pictures import Drawn


def test_a_layer_has_the_colour_of_its_depth(make_run: MakeRun) -> None:
    for palette in (LIGHT, DARK):
        figure = gradient_figure(make_run(hidden=5), palette_name=palette.name)
        curves = [item for item in figure.items if isinstance(item, Curve)]
        assert [c.colour for c in curves] == list(depth_colours(6, palette.name))
        assert figure.palette is palette


def test_the_selected_layer_is_stronger_and_on_top(make_run: MakeRun) -> None:
    figure = gradient_figure(make_run(hidden=5), selected=2)
    curves = [item for item in figure.items if isinstance(item, Curve)]
    assert curves[-1].label == "layer 3"
    assert curves[-1].width > curves[0].width
    assert "layer 3: " in figure.caption


def test_the_sentence_gives_the_newest_numbers(make_run: MakeRun) -> None:
    run = make_run(hidden=2, steps=250, decades=-3.0, noise=0.0)
    assert gradient_figure(run).caption == (
        "3 curves over 250 steps. Output: 0.50, layer 2: 5.0e−4, layer 1: 5.0e−7. "
        "None moved by more than 0.1 decade in the last 200 steps."
    )


def test_a_jump_in_the_last_steps_is_told_and_noise_is_not(make_run: MakeRun) -> None:
    noisy = gradient_figure(make_run(hidden=2, steps=400, noise=0.05)).caption
    assert noisy.endswith("None moved by more than 0.1 decade in the last 200 steps.")
    run = make_run(hidden=2, steps=300, noise=0.0)
    for step in range(100):
        row = run.layout.new_row()
        row[run.layout.slice_of("delta_rms")] = [1e-5 if step > 50 else 1e-2, 1e-2, 0.5]
        run.history.append(row)
    assert gradient_figure(run).caption.endswith(
        "The largest move in the last 200 steps is 3.0 decades."
    )


def test_the_sentence_on_depth_gives_decades_per_layer(make_run: MakeRun) -> None:
    figure = depth_figure(make_run(hidden=4, steps=30, decades=-0.5, noise=0.0))
    assert figure.caption == (
        "The gradient falls by 0.50 decade per layer from output to input; "
        "layer 1 gets 0.010 of the output layer. Theory says 0.11."
    )
    (headline,) = [item for item in figure.items if isinstance(item, Text) and item.strong]
    assert headline.text == "−0.50 decade per layer"


def test_depth_shows_theory_at_the_measured_output_of_step_0(make_run: MakeRun) -> None:
    run = make_run(hidden=4, steps=30, decades=-0.5, noise=0.0)
    run.input_square = 1.0
    figure = depth_figure(run)
    theory = run.expectation
    assert theory.delta_ratio is not None and theory.low is not None and theory.high is not None
    (line,) = [i for i in figure.items if isinstance(i, Curve) and i.label == "theory"]
    (band,) = [i for i in figure.items if isinstance(i, Area)]
    assert np.allclose(line.y, np.log10(0.5 * theory.delta_ratio))
    assert np.allclose(band.high - band.low, np.log10(theory.high / theory.low))
    assert line.dash
    assert f"theory {signed(theory.per_layer)}" in [
        item.text.split(" · ")[0] for item in figure.items if isinstance(item, Text)
    ]
    assert "mean-field theory" in [entry.label for entry in figure.legend]
    assert f"Theory says {abs(theory.per_layer):.2f}." in figure.caption
    assert np.allclose(figure.table["RMS dL/dz by theory [nat]"], 0.5 * theory.delta_ratio)
    for quantity in ("weight_grad_norm", "update_ratio"):
        other = depth_figure(run, quantity)
        assert not [item for item in other.items if isinstance(item, Area)]


def test_depth_is_theory_alone_before_anything_is_measured(make_run: MakeRun) -> None:
    run = make_run(hidden=4, steps=0)
    run.input_square = 1.0
    figure = depth_figure(run)
    assert "predicted, not yet measured" in figure.subtitle
    assert [i.label for i in figure.items if isinstance(i, Curve)] == ["theory"]
    assert figure.caption.startswith("Nothing measured yet. Theory says the gradient falls by ")


def test_depth_says_what_the_theory_does_not_cover(make_run: MakeRun) -> None:
    run = make_run(hidden=4, steps=30)
    layers = (LayerSetup(units=4, normalisation="batch"),) * 4
    run.setup = Setup(network=NetworkSetup(layers=layers))
    run.input_square = 1.0
    words = [item.text for item in depth_figure(run).items if isinstance(item, Text)]
    assert words[1].startswith("no theory: normalisation")


def test_the_first_update_larger_than_the_weights_is_marked(make_run: MakeRun) -> None:
    run = make_run(hidden=3, steps=30)
    assert not [
        item
        for item in gradient_figure(run, "update_ratio").items
        if isinstance(item, Points) and item.label == "update > weights"
    ]
    row = run.layout.new_row()
    row[run.layout.slice_of("update_ratio")] = [0.1, 40.0, 12_199.0, 1e-3]
    run.history.append(row)
    figure = gradient_figure(run, "update_ratio")
    (ring,) = [
        item
        for item in figure.items
        if isinstance(item, Points) and item.label == "update > weights"
    ]
    assert (ring.x[0], ring.y[0]) == (30.0, pytest.approx(np.log10(12_199.0)))
    assert "step 30: ΔW is 12,199 × W of layer 3, 1 more" in [
        item.text for item in figure.items if isinstance(item, Text)
    ]
    assert [i.position for i in figure.items if isinstance(i, Rule)] == [-3.0, 0.0]


def test_a_growing_gradient_has_its_headline_in_the_free_corner(make_run: MakeRun) -> None:
    figure = depth_figure(make_run(hidden=4, steps=30, decades=0.5, noise=0.0))
    (headline,) = [item for item in figure.items if isinstance(item, Text) and item.strong]
    assert (headline.text, headline.anchor) == ("+0.50 decade per layer", "end")


def test_dead_layers_are_named_in_words_and_stand_in_the_lane(make_run: MakeRun) -> None:
    run = make_run(hidden=4, steps=60, zero_from=0, zero_layers=3)
    figure = depth_figure(run)
    assert figure.caption == "The gradient is exactly 0 in 3 of 5 layers."
    now = [item for item in figure.items if isinstance(item, ZeroMarks)]
    assert {item.label for item in now} >= {"now layer 1", "now layer 2", "now layer 3"}


def test_a_linear_axis_has_no_lane(make_run: MakeRun) -> None:
    run = make_run(hidden=4, steps=60, zero_from=10, zero_layers=3)
    figure = gradient_figure(run, y_log=False)
    assert not figure.y.zero_lane
    assert not [item for item in figure.items if isinstance(item, ZeroMarks)]


def test_an_update_of_nothing_counts_as_zero(make_run: MakeRun) -> None:
    run = make_run(hidden=2, steps=0)
    for _ in range(20):
        row = run.layout.new_row()
        row[run.layout.slice_of("update_ratio")] = [np.nan, 1e-3, 1e-3]
        run.history.append(row)
    figure = gradient_figure(run, "update_ratio")
    assert [item.label for item in figure.items if isinstance(item, ZeroMarks)] == ["layer 1"]


def test_before_the_first_step_the_starting_values_are_rings(make_run: MakeRun) -> None:
    run = make_run(hidden=3, steps=0)
    run.initial = make_run(hidden=3, steps=1).initial
    figure = gradient_figure(run)
    (points,) = [item for item in figure.items if isinstance(item, Points)]
    assert not points.filled
    assert np.isfinite(points.y).all()
    assert figure.caption.startswith("4 curves at the starting weights.")
    assert [item.text for item in figure.items if isinstance(item, EndLabel)][:1] == ["out"]
    depth = depth_figure(run)
    assert [entry.label for entry in depth.legend] == ["step 0", "mean-field theory"]


@pytest.mark.parametrize("build", [gradient_figure, depth_figure, loss_figure])
def test_a_run_without_any_number_still_makes_a_picture(
    build: Callable[[Recording], Figure], make_run: MakeRun
) -> None:
    figure = build(make_run(steps=0))
    assert figure.caption.startswith(("Nothing measured yet.", "No step done yet."))
    Drawn.of(figure)


@pytest.mark.parametrize("build", [gradient_figure, depth_figure, loss_figure])
def test_one_step_is_enough_for_a_picture(
    build: Callable[[Recording], Figure], make_run: MakeRun
) -> None:
    assert "1 step" in build(make_run(steps=1)).subtitle
    Drawn.of(build(make_run(steps=1)))


def test_divergence_is_marked_with_its_place(make_run: MakeRun) -> None:
    run = make_run(hidden=3, steps=4)
    row = run.layout.new_row()
    row[:] = np.inf
    run.history.append(row)
    run.divergence = SimpleNamespace(
        step=4, layer_label="2", operation="matrix product", unit=0, sample=6
    )  # type: ignore[assignment]
    for build in (gradient_figure, loss_figure):
        (mark,) = [item for item in build(run).items if isinstance(item, Mark)]
        assert mark.x == 4.0
        assert mark.text == "step 4: not finite, layer 2, matrix product, unit 1, sample 7"
    figure = gradient_figure(run)
    assert figure.caption.startswith("4 curves over 4 steps. Output: 0.")
    assert figure.caption.endswith("Stopped at step 4: not finite.")
    assert math.isfinite(figure.y.high)
    labels = [item for item in figure.items if isinstance(item, EndLabel)]
    assert len(labels) == 4
    assert all(label.y is not None and math.isfinite(label.y) for label in labels)


def test_accuracy_is_in_per_cent_against_guessing(make_run: MakeRun) -> None:
    drawn = Drawn.of(loss_figure(make_run(steps=100), accuracy=True))
    assert "1/2 = 50.0 % = chance" in drawn.texts("rule-labels")
    (piece,) = drawn.pieces("test-accuracy")
    assert drawn.position("y", piece[:, 1])[0] == pytest.approx(50.0, abs=0.1)


def test_no_smoothing_draws_one_curve_of_the_loss(make_run: MakeRun) -> None:
    def names(figure: Figure) -> list[str]:
        return [item.label for item in figure.items if isinstance(item, Curve)]

    rough = loss_figure(make_run(), smoothing=0.0)
    assert names(rough) == ["train each step", "test loss"]
    assert names(loss_figure(make_run())) == ["train each step", "train", "test loss"]


def starting(name: str, **numbers: float) -> LayerSetup:
    return LayerSetup(initializer=InitializerSetup.model_validate({"name": name, **numbers}))


def test_the_histogram_counts_every_weight_under_its_density() -> None:
    weights = np.random.default_rng(0).normal(0.0, 0.3, (40, 50))
    figure = histogram_figure(weights, 0, 3, starting("normal", std=0.3))
    (bars,) = [item for item in figure.items if isinstance(item, Bars)]
    (density,) = [item for item in figure.items if isinstance(item, Curve)]
    assert (bars.heights * np.diff(bars.edges)).sum() == pytest.approx(1.0)
    assert int(figure.table["weights [count]"].sum()) == 2000
    assert density.y.max() == pytest.approx(1 / (0.3 * math.sqrt(2 * math.pi)), rel=0.01)
    assert "2,000 weights" in figure.caption


def test_equal_weights_are_a_stem_without_bars_or_density() -> None:
    figure = histogram_figure(np.zeros((4, 4)), 1, 3, starting("zeros"))
    (bars,) = [item for item in figure.items if isinstance(item, Bars)]
    (stem,) = [item for item in figure.items if isinstance(item, Segments)]
    assert not bars.heights.any()
    np.testing.assert_array_equal(stem.ends, [[0.0, 0.0, 0.0, 1.0]])
    assert [item.text for item in figure.items if isinstance(item, Text)] == ["100 % at 0"]
    assert not [item for item in figure.items if isinstance(item, Curve)]
    assert figure.y.label == "share of the weights"
    assert int(figure.table["weights [count]"].sum()) == 16


def test_the_zeros_of_sparse_weights_stand_beside_the_density_of_the_others() -> None:
    part = starting("sparse", sparsity=0.75, std=0.5)
    weights = initializer_of(part).sample(
        (40, 50), rng=np.random.default_rng(0), sparsity=0.75, std=0.5
    )
    figure = histogram_figure(weights, 0, 3, part)
    (bars,) = [item for item in figure.items if isinstance(item, Bars)]
    (density,) = [item for item in figure.items if isinstance(item, Curve)]
    assert (bars.heights * np.diff(bars.edges)).sum() == pytest.approx(0.25)
    assert density.y.max() == pytest.approx(0.25 / (0.5 * math.sqrt(2 * math.pi)), rel=0.01)
    assert [item.text for item in figure.items if isinstance(item, Text)] == ["75 % at 0"]
    counts = figure.table["weights [count]"]
    assert (int(counts.sum()), int(counts[-1])) == (2000, 1500)
    assert figure.table["from [1]"][-1] == figure.table["to [1]"][-1] == 0.0
