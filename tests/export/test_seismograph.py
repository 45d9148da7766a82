"""The heat map of a run: what its cells show, how they are coloured, what its tables hold."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from gradstudio.export.cells import CellReader, Cells, step_edges
from gradstudio.export.figure import EndLabel, Figure, Mark, Picture, Segments
from gradstudio.export.figures import seismograph_figure
from gradstudio.export.figures.seismograph import COLUMNS, cells_of
from gradstudio.export.series import read_window
from gradstudio.export.shades import (
    NOT_FINITE,
    SHADE_COUNT,
    ZERO,
    columns_in_pixels,
    ends_of_map,
    shade_colours,
    shades,
)
from gradstudio.export.tables import csv_text
from gradstudio.palette import DARK, LIGHT
from gradstudio.setup.models import LayerSetup, NetworkSetup, Setup
from gradstudio.training.recording import Recording
from gradstudio.training.state import Divergence

from .conftest import MakeRun
from .pictures import Drawn

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def run_of(delta: Floats, setup: Setup | None = None) -> Recording:
    layers = tuple(LayerSetup(units=4) for _ in range(delta.shape[1] - 1))
    run = Recording(setup or Setup(network=NetworkSetup(layers=layers)), class_count=2)
    row = np.ones(run.layout.width)
    where = run.layout.slice_of("delta_rms")
    for values in delta:
        row[where] = values
        run.history.append(row)
    return run


def cells(run: Recording, columns: int = 200, *, log: bool = False) -> Cells:
    views = read_window(run.history, "delta_rms", 0, run.step_count - 1, columns, log=log)
    return cells_of(CellReader(), run, "delta_rms", views)


def picture_of(figure: Figure) -> Picture:
    (picture,) = [item for item in figure.items if isinstance(item, Picture)]
    return picture


def test_a_cell_of_one_step_is_the_logarithm_of_its_value() -> None:
    delta = 10.0 ** np.random.default_rng(1).normal(-3, 1, (40, 3))
    seen = cells(run_of(delta))
    assert np.allclose(seen.places, np.log10(delta), rtol=1e-12)
    assert seen.first.tolist() == seen.last.tolist() == list(range(40))


@pytest.mark.parametrize("factor", [30.0, 1e3, 1e9, 1e-3])
@pytest.mark.parametrize("step", [0, 7_777, 19_999])
def test_a_spike_of_one_step_is_what_its_column_shows(factor: float, step: int) -> None:
    delta = np.full((20_000, 2), 1e-4)
    delta[step, 0] *= factor
    seen = cells(run_of(delta))
    column = seen.column_at(step)
    assert seen.places[column, 0] == pytest.approx(np.log10(1e-4 * factor))
    others = np.delete(seen.places[:, 0], column)
    assert others == pytest.approx(-4.0, abs=0.01)
    assert seen.places[:, 1] == pytest.approx(-4.0)


def test_a_spike_is_seen_when_the_window_is_one_or_two_bins_wide() -> None:
    delta = np.full((300_000, 2), 1e-4)
    delta[123_456, 0] = 1e4
    run = run_of(delta)
    views = read_window(run.history, "delta_rms", 123_450, 123_460, 400)
    seen = cells_of(CellReader(), run, "delta_rms", views)
    assert len(seen) <= 2
    assert seen.places[seen.column_at(123_456), 0] == pytest.approx(4.0)


def test_noise_is_no_spike() -> None:
    delta = 10.0 ** np.random.default_rng(2).normal(-3, 0.6, (20_000, 2))
    seen = cells(run_of(delta))
    assert np.array_equal(seen.places, seen.usual)


def test_a_change_of_level_is_no_spike() -> None:
    delta = np.full((20_000, 2), 1e-6)
    delta[9_990:] = 1e-1
    seen = cells(run_of(delta))
    assert seen.places[0, 0] == pytest.approx(-6.0)
    assert seen.places[-1, 0] == pytest.approx(-1.0)
    assert np.all(np.diff(seen.places[:, 0]) >= -1e-9)


def test_a_growing_window_gives_the_cells_of_a_whole_one() -> None:
    rng, run = np.random.default_rng(3), run_of(np.ones((3, 2)))
    reader = CellReader()
    for _ in range(40):
        for _ in range(37):
            row = 10.0 ** rng.normal(size=run.layout.width)
            row[rng.integers(len(row))] = rng.choice([0.0, np.nan, 1e9, 1.0])
            run.history.append(row)
        views = read_window(run.history, "delta_rms", 0, run.step_count - 1, 100)
        grown = cells_of(reader, run, "delta_rms", views)
        whole = cells_of(CellReader(), run, "delta_rms", views)
        assert np.array_equal(grown.places, whole.places, equal_nan=True)


def test_zeros_and_values_that_are_not_finite_have_shades_of_their_own() -> None:
    delta = np.full((5, 4), 1e-2)
    delta[1, 0], delta[2, 1], delta[3, 2], delta[4, 3] = 0.0, np.nan, np.inf, 1e-301
    numbers = shades(cells(run_of(delta)), -3.0, 0.0)
    assert numbers.shape == (4, 5)
    assert (numbers[0, 1], numbers[3, 4]) == (ZERO, ZERO)
    assert (numbers[1, 2], numbers[2, 3]) == (NOT_FINITE, NOT_FINITE)
    plain = numbers[numbers < SHADE_COUNT]
    assert len(plain) == 16
    assert set(plain.tolist()) == {round((SHADE_COUNT - 1) / 3)}


@pytest.mark.parametrize("palette", [DARK, LIGHT])
@pytest.mark.parametrize("diverging", [False, True])
def test_the_two_odd_shades_are_no_colours_of_the_map(palette, diverging: bool) -> None:
    table = shade_colours(palette, diverging=diverging).astype(int)
    assert table[ZERO, 3] == 0
    apart = np.abs(table[:SHADE_COUNT, :3] - table[NOT_FINITE, :3]).max(axis=1)
    assert apart.min() > 30


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_the_maps_are_monotone_in_lightness(palette) -> None:
    def lightness(diverging: bool) -> Floats:
        table = shade_colours(palette, diverging=diverging)[:SHADE_COUNT, :3] / 255.0
        linear = np.where(table <= 0.04045, table / 12.92, ((table + 0.055) / 1.055) ** 2.4)
        return linear @ np.array([0.2126, 0.7152, 0.0722])

    sign = 1.0 if palette is DARK else -1.0
    assert (np.diff(lightness(False)) * sign > -2e-3).all()
    both = lightness(True)
    assert (np.diff(both[SHADE_COUNT // 2 :]) * sign > -2e-3).all()
    assert (np.diff(both[: SHADE_COUNT // 2]) * sign < 2e-3).all()


def test_zeros_among_other_values_of_a_bin_show_at_its_foot() -> None:
    delta = np.full((400, 2), 1e-2)
    delta[8:10, 0] = [0.0, 1e-2]
    seen = cells(run_of(delta), columns=200)
    body, middle, foot, other = shades(seen, -3.0, 0.0, parts=3)[:4]
    assert body[4] == middle[4] < SHADE_COUNT
    assert foot[4] == ZERO
    assert (foot != ZERO).sum() == len(foot) - 1
    assert (other < SHADE_COUNT).all()


def test_columns_narrower_than_a_pixel_leave_the_most_prominent_one() -> None:
    delta = np.full((400, 2), 1e-2)
    delta[123, 0] = 0.0
    seen = cells(run_of(delta), columns=400)
    taken = columns_in_pixels(seen, 0.0, 4_000.0, 100)
    numbers = shades(seen, -3.0, 0.0, taken)
    assert (taken[11:] == -1).all()
    assert (numbers[0, :10] == ZERO).sum() == 1
    assert numbers[0, 3] == ZERO
    assert (numbers[1, :10] < SHADE_COUNT).all()


@pytest.mark.parametrize("log", [False, True])
def test_each_step_stands_in_the_pixels_around_its_position(log: bool) -> None:
    delta = np.tile(10.0 ** -np.arange(1.0, 13.0)[:, None], (1, 2))
    seen = cells(run_of(delta), columns=50, log=log)
    low, high = (np.log10(0.5), np.log10(11.0)) if log else (0.0, 11.0)
    taken = columns_in_pixels(seen, low, high, 1_000, log=log)[:, 0]
    for step in range(1, 11):
        place = np.log10(step) if log else float(step)
        assert seen.first[taken[int((place - low) / (high - low) * 1_000)]] == step
    assert (np.diff(taken) >= 0).all()


def test_edges_lie_midway_between_steps() -> None:
    assert step_edges(np.array([0, 1, 7]), log=False).tolist() == [-0.5, 0.5, 6.5]
    assert step_edges(np.array([10]), log=True) == pytest.approx((np.log10(9) + 1) / 2)


def test_the_map_covers_whole_decades_and_what_it_covered_before() -> None:
    assert ends_of_map(-11.4, -0.3, None, symmetric=False) == (-12, 0)
    assert ends_of_map(-3.0, -3.0, None, symmetric=False) == (-3, -2)
    assert ends_of_map(-2.5, -0.3, (-12, 0), symmetric=False) == (-12, 0)
    assert ends_of_map(-0.2, 1.7, None, symmetric=True) == (-2, 2)


def test_the_picture_has_the_colours_of_the_numbers_in_its_table(make_run: MakeRun) -> None:
    run = make_run(hidden=3, steps=1_900, noise=0.3)
    figure = seismograph_figure(run, ends=(-5.0, 0.0))
    table = pd.read_csv(io.StringIO(csv_text(figure)))
    assert len(table) <= COLUMNS
    picture, colours = picture_of(figure), shade_colours(LIGHT, diverging=False)
    rows = picture.rgba.shape[0] // 4
    steps = np.linspace(picture.x0, picture.x1, picture.rgba.shape[1] + 1)
    middles = (steps[:-1] + steps[1:]) / 2.0
    for i, name in enumerate(("layer 1", "layer 2", "layer 3", "out")):
        shown = np.log10(table[f"{name} RMS dL/dz shown [nat]"].to_numpy())
        numbers = np.clip((shown + 5.0) * (SHADE_COUNT - 1) / 5.0 + 0.5, 0, 253).astype(int)
        column = np.searchsorted(table["first step"].to_numpy() - 0.5, middles, side="right") - 1
        assert np.array_equal(picture.rgba[rows * i + rows // 2], colours[numbers[column]])
    assert (picture.y0, picture.y1) == (4.5, 0.5)


def test_the_table_tells_zeros_from_what_is_not_finite() -> None:
    delta = np.full((12, 2), 1e-2)
    delta[3, 0], delta[5, 0] = 0.0, np.nan
    table = seismograph_figure(run_of(delta)).table
    shown = table["layer 1 RMS dL/dz shown [nat]"]
    assert shown[3] == 0.0
    assert np.isnan(shown[5])
    assert table["layer 1 RMS dL/dz not finite [count]"].tolist() == [0] * 5 + [1] + [0] * 6


def test_layer_1_is_on_top_and_every_row_has_its_newest_logarithm(make_run: MakeRun) -> None:
    run = make_run(hidden=2, steps=50, decades=-3.0, noise=0.0)
    figure = seismograph_figure(run, selected=1)
    labels = [item for item in figure.items if isinstance(item, EndLabel)]
    assert {label.y: label.text for label in labels} == {1.0: "−6.3", 2.0: "−3.3", 3.0: "−0.3"}
    drawn = Drawn.of(figure)
    assert drawn.pixels("y", np.array([1.0])) < drawn.pixels("y", np.array([3.0]))
    assert [item.label for item in figure.items if isinstance(item, Segments)] == ["selected layer"]


def test_the_legend_names_the_ends_and_what_is_not_on_the_map() -> None:
    delta = np.full((50, 3), 1e-2)
    delta[:, 0] = 1e-9
    assert next(e.label for e in seismograph_figure(run_of(delta)).legend) == "10⁻⁹"
    delta[10, 0], delta[20, 1] = 0.0, np.inf
    names = [entry.label for entry in seismograph_figure(run_of(delta)).legend]
    assert names[-2:] == ["hatched: exactly 0", "not finite"]


def test_the_sentence_gives_both_ends_and_the_rows_that_moved() -> None:
    delta = np.full((50, 3), [10.0**-11.4, 1e-3, 10.0**-0.3])
    run = run_of(delta)
    assert seismograph_figure(run).caption == (
        "Rows from layer 1 (10^−11.4) to output (10^−0.3); "
        "no row moved by more than a decade since step 0."
    )
    delta[-1, 0], delta[-1, 1] = 10.0**-5.4, 0.0
    assert seismograph_figure(run_of(delta)).caption == (
        "Rows from layer 1 (10^−5.4) to output (10^−0.3); 1 of 3 rows moved by more than a decade "
        "since step 0, layer 1 most (+6.0). 1 row is exactly 0."
    )


def test_a_divergence_is_marked_at_its_step(make_run: MakeRun) -> None:
    run = make_run(hidden=2, steps=30)
    run.divergence = Divergence(29, "out", "matrix product", None, None)
    figure = seismograph_figure(run)
    assert [item.x for item in figure.items if isinstance(item, Mark)] == [29.0]
    assert figure.caption.endswith("Stopped at step 29: not finite.")


def test_the_deviation_is_none_where_the_run_is_as_theory_expects() -> None:
    expected = run_of(np.ones((1, 4))).expectation.delta_ratio
    assert expected is not None
    delta = np.tile(expected * 0.3, (20, 1))
    delta[:, 1] *= 10.0
    figure = seismograph_figure(run_of(delta), "deviation")
    table = figure.table
    for name, apart in (("layer 1", 0.0), ("layer 2", 1.0), ("layer 3", 0.0), ("out", 0.0)):
        assert table[f"{name} measured over expected [log10]"] == pytest.approx(apart, abs=1e-9)
    assert "+1.00 (layer 2)" in figure.caption
    assert [entry.label for entry in figure.legend] == ["10⁻¹", "1", "10"]


def test_a_layer_that_theory_does_not_cover_is_named() -> None:
    layers = (LayerSetup(units=4), LayerSetup(units=4, normalisation="batch"))
    run = run_of(np.ones((5, 3)), Setup(network=NetworkSetup(layers=layers)))
    figure = seismograph_figure(run, "deviation")
    assert not [item for item in figure.items if isinstance(item, Picture)]
    assert figure.caption == "Theory does not cover this network. Layer 2 is normalised."


@pytest.mark.parametrize("palette_name", ["light", "dark"])
@pytest.mark.parametrize("x_log", [False, True])
def test_it_can_be_drawn(make_run: MakeRun, palette_name: str, x_log: bool) -> None:
    run = make_run(hidden=60, steps=700, zero_from=300, zero_layers=20)
    drawn = Drawn.of(seismograph_figure(run, palette_name=palette_name, x_log=x_log))
    assert {"cells", "zeros"} <= set(drawn.groups())


def test_before_the_first_step_it_says_what_will_appear(make_run: MakeRun) -> None:
    figure = seismograph_figure(make_run(hidden=3, steps=0))
    assert "a row per layer appears" in figure.caption
