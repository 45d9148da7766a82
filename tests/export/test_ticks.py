"""Ticks and ranges: few enough to read, exact where they stand, calm while a run goes on."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradstudio.export.ticks import (
    AxisRange,
    decade_ticks,
    is_zero,
    layer_ticks,
    linear_ticks,
    padded,
    positions,
    power_of_ten,
    smoothed,
    step_positions,
    step_ticks,
)


def texts(ticks: tuple[tuple[float, str], ...]) -> list[str]:
    return [text for _, text in ticks]


def test_powers_of_ten_have_raised_exponents_and_a_true_minus() -> None:
    assert [power_of_ten(e) for e in (0, 1, 3, -2, -12)] == ["1", "10", "10³", "10⁻²", "10⁻¹²"]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-12.5, 0.5, ["10⁻¹²", "10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "1"]),
        (-3.0, 0.3, ["10⁻³", "10⁻²", "10⁻¹", "1"]),
        (-50.0, 3.0, ["10⁻⁵⁰", "10⁻⁴⁰", "10⁻³⁰", "10⁻²⁰", "10⁻¹⁰", "1"]),
        (-1.2, 0.5, ["0.1", "0.2", "0.5", "1", "2"]),
        (-9.5, -8.2, ["5·10⁻¹⁰", "10⁻⁹", "2·10⁻⁹", "5·10⁻⁹"]),
    ],
)
def test_decades_are_named_every_1_2_3_5_or_10(
    low: float, high: float, expected: list[str]
) -> None:
    assert texts(decade_ticks(low, high)) == expected


@given(st.floats(-300, 290), st.floats(3.5, 300))
def test_four_to_eight_decades_are_named(low: float, span: float) -> None:
    ticks = decade_ticks(low, low + span)
    assert 3 <= len(ticks) <= 8
    assert all(low - 1e-6 <= position <= low + span + 1e-6 for position, _ in ticks)
    assert len({round(b - a, 9) for (a, _), (b, _) in pairwise(ticks)}) <= 1


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_linear_ticks_are_evenly_spaced_and_say_their_value(low: float, span: float) -> None:
    ticks = linear_ticks(low, low + span, 7)
    assert 1 <= len(ticks) <= 7
    steps = {float(f"{b - a:.6g}") for (a, _), (b, _) in pairwise(ticks)}
    assert len(ticks) < 3 or max(steps) - min(steps) < 1e-3 * max(steps)
    assert len(set(texts(ticks))) == len(ticks) or span < 1e-5 * abs(low)


def test_linear_ticks_show_just_the_decimals_they_need() -> None:
    assert texts(linear_ticks(0.63, 0.78, 4)) == ["0.65", "0.70", "0.75"]
    assert texts(linear_ticks(-1.2, 1.2, 5)) == ["−1.0", "−0.5", "0", "0.5", "1.0"]


def test_steps_are_whole_numbers_with_thousands_separators() -> None:
    assert texts(step_ticks(0, 1_283)) == [
        "0", "200", "400", "600", "800", "1,000", "1,200",
    ]  # fmt: skip
    assert texts(step_ticks(0, 3.2)) == ["0", "1", "2", "3"]
    assert texts(step_ticks(0, 1e6)) == [
        "0",
        "200,000",
        "400,000",
        "600,000",
        "800,000",
        "1,000,000",
    ]


def test_a_logarithmic_step_axis_has_a_place_for_step_0() -> None:
    low = math.log10(0.5)
    assert texts(step_ticks(low, 3.0, log=True)) == ["0", "1", "10", "100", "1,000"]
    assert step_positions([0, 1, 100], log=True).tolist() == [low, 0.0, 2.0]


@pytest.mark.parametrize("layers", [1, 2, 3, 12, 13, 50, 100, 101])
@pytest.mark.parametrize("most", [4, 8])
def test_layers_are_named_with_room_before_the_last(layers: int, most: int) -> None:
    ticks = layer_ticks(layers, most)
    assert ticks[-1] == (float(layers), "out")
    assert len(ticks) <= most + 2
    places = [position for position, _ in ticks]
    assert places == sorted(set(places))
    if layers > 1:
        assert ticks[0] == (1.0, "1")


def test_zeros_and_values_that_are_not_finite_have_no_logarithm() -> None:
    values = np.array([1e-2, 0.0, 1e-301, np.nan, np.inf, -1.0])
    place = positions(values, log=True)
    assert place[0] == -2.0
    assert np.isnan(place[1:]).all()
    assert is_zero(values).tolist() == [False, True, True, False, False, True]
    assert positions(values, log=False)[[0, 1, 5]].tolist() == [1e-2, 0.0, -1.0]


def test_smoothing_a_constant_changes_nothing_and_passes_over_gaps() -> None:
    assert np.allclose(smoothed(np.full(50, 0.3), 0.95), 0.3)
    gapped = smoothed([1.0, np.nan, 1.0, np.inf, 1.0], 0.9)
    assert np.allclose(gapped[[0, 2, 4]], 1.0)
    assert np.isnan(gapped[[1, 3]]).all()


def test_a_bin_of_ten_steps_is_smoothed_as_ten_steps() -> None:
    slow = smoothed(np.repeat([0.0, 1.0], 100), 0.95)[9::10]
    assert np.allclose(smoothed(np.repeat([0.0, 1.0], 10), 0.95, stride=10), slow, atol=0.01)


def test_a_range_grows_at_once_with_a_margin() -> None:
    axis = AxisRange(log=True)
    assert axis.cover(-3.0, -1.0)
    assert (axis.low, axis.high) == (-3.5, -0.5)
    assert axis.cover(-4.0, -1.0)
    assert (axis.low, axis.high) == (-4.5, -0.5)


def test_a_range_stays_while_the_data_stay_inside() -> None:
    axis = AxisRange(log=True)
    axis.cover(-3.0, -1.0)
    assert not axis.cover(-3.4, -0.6)
    assert not axis.cover(-2.0, -1.9)
    assert (axis.low, axis.high) == (-3.5, -0.5)


@pytest.mark.parametrize("bad", [(np.nan, 1.0), (0.0, np.inf), (-np.inf, 0.0)])
def test_a_range_ignores_ends_that_are_not_finite(bad: tuple[float, float]) -> None:
    axis = AxisRange(log=True)
    axis.cover(-1.0, 0.0)
    assert not axis.cover(*bad)
    assert (axis.low, axis.high) == (-1.5, 0.5)


def test_equal_values_still_get_a_range() -> None:
    low, high = padded(0.0, 0.0, log=False)
    assert low < 0 < high
    low, high = padded(5.0, 5.0, log=False)
    assert low < 5 < high
