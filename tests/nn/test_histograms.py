from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from gradstudio.nn.half_octaves import BINS, CENTRES, HIGHEST, LOWER, LOWEST, UPPER, ZERO
from gradstudio.nn.histograms import Histogram, histogram, histograms

TYPES = (np.float32, np.float64)


def numbers(dtype: type) -> st.SearchStrategy[NDArray[np.floating[Any]]]:
    """Arrays of anything there is: subnormal, infinite, NaN."""
    width = 8 * np.dtype(dtype).itemsize
    return arrays(dtype, st.integers(0, 60), elements=st.floats(width=width))


def by_search(x: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """The bins by their documented edges, one number after the other."""
    counts = np.zeros(BINS, np.int64)
    for value in x[np.isfinite(x)].astype(np.float64):
        if value == 0:
            counts[ZERO] += 1
        elif value > 0:
            counts[np.flatnonzero((value >= LOWER) & (value <= UPPER))[-1]] += 1
        else:
            counts[np.flatnonzero((value >= LOWER) & (value <= UPPER))[0]] += 1
    return counts


@pytest.mark.parametrize("dtype", TYPES)
@given(data=st.data())
def test_every_number_is_counted_once_and_where_its_edges_say(
    dtype: type, data: st.DataObject
) -> None:
    x = data.draw(numbers(dtype))
    counted = histogram(x)
    np.testing.assert_array_equal(counted.counts, by_search(x))
    assert counted.size == x.size
    assert counted.zero == np.count_nonzero(x == 0)
    assert counted.nan == np.count_nonzero(np.isnan(x))
    assert counted.plus_infinity == np.count_nonzero(x == np.inf)
    assert counted.minus_infinity == np.count_nonzero(x == -np.inf)
    tiny = np.finfo(dtype).tiny
    assert counted.subnormal == np.count_nonzero((x != 0) & (np.abs(x) < tiny))


@given(x=numbers(np.float32))
def test_both_precisions_have_the_same_bins(x: NDArray[np.float32]) -> None:
    one, other = histogram(x), histogram(x.astype(np.float64))
    np.testing.assert_array_equal(one.counts, other.counts)


@given(x=numbers(np.float64), y=numbers(np.float64))
def test_counts_of_parts_add_up_to_those_of_the_whole(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> None:
    added, whole = histogram(x) + histogram(y), histogram(np.concatenate([x, y]))
    np.testing.assert_array_equal(added.counts, whole.counts)
    assert (added.subnormal, added.nan) == (whole.subnormal, whole.nan)
    assert added.size == x.size + y.size


def test_edges_are_half_octaves_and_the_ends_say_that_they_are_the_ends() -> None:
    assert LOWER.shape == UPPER.shape == CENTRES.shape == (BINS,)
    np.testing.assert_array_equal(LOWER[1:ZERO], UPPER[: ZERO - 1])
    np.testing.assert_array_equal(LOWER, -UPPER[::-1])
    positive = slice(ZERO + 2, BINS - 1)
    assert LOWER[positive][0] == LOWEST == np.finfo(np.float32).tiny
    assert UPPER[positive][-1] == HIGHEST
    assert set(UPPER[positive] / LOWER[positive]) == {1.5, 4 / 3}
    assert np.all((LOWER <= CENTRES) & (CENTRES <= UPPER))
    double = histogram(np.array([1e-40, 1e-300, -1e-300, 1e39, 1e300, -1e300]))
    assert double.counts[ZERO + 1] == 2
    assert double.counts[ZERO - 1] == 1
    assert double.counts[-1] == 2
    assert double.counts[0] == 1
    assert double.subnormal == 0


def test_layers_and_lanes_are_counted_side_by_side() -> None:
    rng = np.random.default_rng(0)
    layers = [rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 3, 3))]
    counted = histograms(layers, lanes=1)
    assert counted.size.tolist() == [[20, 9], [20, 9]]
    np.testing.assert_array_equal(counted[1, 0].counts, histogram(layers[0][1]).counts)
    np.testing.assert_array_equal(
        counted.sum()[0].counts, counted[0, 0].counts + counted[0, 1].counts
    )
    assert (Histogram.empty((2, 2)) + counted).size.sum() == counted.size.sum()


def test_an_array_that_is_not_contiguous_and_whole_numbers_are_counted() -> None:
    x = np.arange(24.0).reshape(4, 6)
    np.testing.assert_array_equal(histogram(x.T[::2]).counts, by_search(x.T[::2].ravel()))
    assert histogram(np.array([0, 1, 1])).counts[ZERO] == 1


@pytest.mark.parametrize("dtype", TYPES)
def test_a_quantile_is_as_good_as_its_bin(dtype: type) -> None:
    x = np.random.default_rng(1).normal(0, 1e-9, 20_000).astype(dtype)
    q = np.array([0.0, 0.01, 0.16, 0.3, 0.7, 0.84, 0.99, 1.0])
    found, exact = histogram(x).quantile(q), np.quantile(x, q)
    assert np.all(found / exact < 1.5)
    assert np.all(found / exact > 1 / 1.5)
    inner = slice(1, -1)
    np.testing.assert_allclose(found[inner], exact[inner], rtol=0.12)


def test_quantiles_know_zeros_and_what_is_not_finite() -> None:
    x = np.array([-np.inf, -2.0, 0.0, 0.0, 0.0, 3.0, np.inf, np.nan])
    low, middle, high = histogram(x).quantile([0.0, 0.5, 1.0])
    assert low == -np.inf
    assert middle == 0.0
    assert high == np.inf
    assert np.isnan(histogram(np.array([np.nan])).quantile(0.5)).all()
    assert histogram(np.array([1e300, 1e305])).quantile(0.5) == HIGHEST
    assert histogram(np.array([1e-300])).quantile(0.5) == LOWEST


def test_shares_below_a_threshold() -> None:
    x = np.concatenate([np.zeros(50), np.full(30, 1e-9), np.full(10, -1e-3), [np.nan, np.inf] * 5])
    counted = histogram(x)
    assert counted.share_below(1e-10) == pytest.approx(0.5)
    assert counted.share_below(1e-4) == pytest.approx(0.8)
    assert counted.share_below(1.0) == pytest.approx(0.9)
    assert counted.share_below(HIGHEST) == pytest.approx(0.9)
    with pytest.raises(ValueError, match="1e-40 is not in"):
        counted.share_below(1e-40)
    spread = np.linspace(1.0, 2.0, 10_001)
    assert histogram(spread).share_below(1.25) == pytest.approx(0.25, abs=1e-3)


def test_the_density_per_octave_does_not_jump_from_bin_to_bin() -> None:
    x = np.exp2(np.random.default_rng(2).uniform(-8, 8, 400_000))
    density = histogram(np.concatenate([x, -x])).per_octave()
    inside = (LOWER >= 2.0**-8) & (UPPER <= 2.0**8)
    np.testing.assert_allclose(density[inside], 1 / 32, rtol=0.05)
    np.testing.assert_allclose(density[inside[::-1]], 1 / 32, rtol=0.05)


@pytest.mark.bench
@pytest.mark.parametrize("dtype", TYPES)
def test_counting_is_ten_times_as_fast_as_searching(dtype: type) -> None:
    from timeit import repeat

    x = np.random.default_rng(3).normal(size=200_000).astype(dtype)
    edges = np.unique(np.concatenate([LOWER, UPPER]))
    ours = min(repeat(lambda: histogram(x), number=3, repeat=5))
    theirs = min(repeat(lambda: np.histogram(x, edges), number=3, repeat=5))
    assert theirs > 10 * ours
