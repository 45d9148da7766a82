"""The history keeps every spike, in bounded memory, and never takes back what it said."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gradstudio.training.history import History, SeriesView
from gradstudio.training.record import Columns

Floats = NDArray[np.float64]
COLUMNS = Columns({"loss": 1, "signal": 2})
SPECIAL = (0.0, -0.0, 1e-300, 1e308, -1e308, np.nan, np.inf, -np.inf)


def filled(rows: Floats, **limits: int) -> History:
    history = History(COLUMNS, **limits)
    for row in rows:
        history.append(row)
    return history


def check_against(view: SeriesView, rows: Floats, interval: int) -> None:
    """Compare every bin with the rows that it covers."""
    for index, step in enumerate(view.steps):
        assert step % view.stride == 0
        first = step // interval
        covered = rows[first : first + view.stride // interval]
        assert np.array_equal(view.last[index], covered[-1], equal_nan=True)
        for column in range(rows.shape[1]):
            finite = covered[np.isfinite(covered[:, column]), column]
            assert view.nonfinite[index, column] == len(covered) - len(finite)
            got = [values[index, column] for values in (view.low, view.high, view.mean)]
            if len(finite) == 0:
                assert np.isnan(got).all()
                continue
            assert got[0] == finite.min()
            assert got[1] == finite.max()
            mean = float(np.sum(finite / len(finite)))
            assert got[2] == pytest.approx(mean, rel=1e-9, abs=1e-9 * np.abs(finite).max())
            assert got[0] <= got[2] <= got[1]


@given(
    count=st.integers(0, 300),
    seed=st.integers(0, 2**32 - 1),
    special_share=st.sampled_from([0.0, 0.05, 0.5, 1.0]),
    bins=st.sampled_from([2, 4, 8, 32]),
    ring_rows=st.integers(1, 120),
    interval=st.sampled_from([1, 10]),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_every_window_agrees_with_the_plain_list_of_rows(
    count: int,
    seed: int,
    special_share: float,
    bins: int,
    ring_rows: int,
    interval: int,
    data: st.DataObject,
) -> None:
    rng = np.random.default_rng(seed)
    rows = np.exp(rng.normal(0, 20, (count, 3))) * rng.choice([-1, 1], (count, 3))
    odd = rng.random(rows.shape) < special_share
    rows[odd] = rng.choice(SPECIAL, odd.sum())
    history = filled(rows, bins=bins, ring_rows=ring_rows, interval=interval)
    first = data.draw(st.integers(0, count * interval + 5))
    last = data.draw(st.one_of(st.none(), st.integers(0, count * interval + 5)))
    points = data.draw(st.integers(1, 400))

    view = history.read("signal", first, last, points)

    check_against(view, rows[:, 1:], interval)
    assert len(view) <= points
    end = count * interval if last is None else last
    wanted = [step for step in range(0, count * interval, interval) if first <= step < end]
    covered = {
        step
        for start in view.steps.tolist()
        for step in range(start, min(start + view.stride, count * interval), interval)
    }
    assert covered.issuperset(wanted)
    assert len(covered) <= len(wanted) + 2 * view.stride
    assert np.array_equal(np.diff(view.steps), np.full(max(len(view) - 1, 0), view.stride))


def test_a_window_that_fits_is_exact() -> None:
    rows = np.random.default_rng(1).normal(size=(5000, 3))
    view = filled(rows, bins=16, ring_rows=1024).read("signal", 4200, 4900, points=700)
    assert view.stride == 1
    assert np.array_equal(view.steps, np.arange(4200, 4900))
    for values in (view.low, view.high, view.mean, view.last):
        assert np.array_equal(values, rows[4200:4900, 1:])


def test_a_recent_window_stays_finer_than_the_bins() -> None:
    rows = np.random.default_rng(1).normal(size=(5000, 3))
    history = filled(rows, bins=16, ring_rows=1024)
    assert history.read("loss").stride == 512
    assert history.read("loss", 4100, 5000, points=250).stride == 4


def test_a_spike_is_kept_however_long_the_run_becomes() -> None:
    rows = np.ones((20_000, 3))
    rows[777, 1] = 1e9
    rows[778, 2] = -1e-9
    view = filled(rows, bins=32, ring_rows=64).read("signal", points=8)
    assert view.high[:, 0].max() == 1e9
    assert view.low[:, 1].min() == -1e-9


def test_a_bad_value_spoils_neither_its_neighbours_nor_its_bin() -> None:
    rows = np.ones((100, 3))
    rows[10] = [np.nan, np.inf, 2.0]
    view = filled(rows, bins=4, ring_rows=4).read("signal", points=1)
    assert view.nonfinite.tolist() == [[1, 0]]
    assert view.high.tolist() == [[1.0, 2.0]]
    assert view.mean[0] == pytest.approx([1.0, 1.01])


@pytest.mark.parametrize("value", [1.5e308, -1.5e308, 5e-324, 0.1])
def test_the_mean_of_equal_values_is_that_value(value: float) -> None:
    view = filled(np.full((96, 3), value), bins=4, ring_rows=4).read("loss", points=1)
    assert view.mean[0, 0] == value


@pytest.mark.parametrize("points", [1, 7, 2000])
def test_what_was_read_of_closed_bins_never_changes(points: int) -> None:
    rows = np.random.default_rng(2).normal(size=(3000, 3))
    history = filled(rows[:700], bins=32, ring_rows=128)
    before = history.read("signal", points=points)
    kept = [values.copy() for values in (before.steps, before.low, before.high, before.mean)]
    closed = before.steps + before.stride <= 700
    for row in rows[700:760]:
        history.append(row)
    again = history.read("signal", 0, 700, points=points)
    assert again.stride == before.stride
    for row in rows[760:]:
        history.append(row)
    for old, values in zip(kept, (before.steps, before.low, before.high, before.mean), strict=True):
        assert np.array_equal(old, values)
    for old, new in zip(kept, (again.steps, again.low, again.high, again.mean), strict=True):
        assert np.array_equal(old[closed], new[: len(old)][closed])


def test_the_answer_is_a_copy() -> None:
    history = filled(np.ones((10, 3)))
    view = history.read("loss")
    view.low[:] = 5.0
    newest = history.latest("loss")
    assert newest is not None
    newest[:] = 5.0
    assert view.high.max() == 1.0
    assert history.read("loss").low.max() == 1.0


def test_the_row_given_may_be_used_again() -> None:
    history = History(COLUMNS)
    row = np.ones(3)
    history.append(row)
    row[:] = 7.0
    assert history.latest("loss") == pytest.approx([1.0])


def test_an_empty_history_has_nothing_to_say() -> None:
    history = History(COLUMNS)
    assert len(history) == 0
    assert history.latest("loss") is None
    assert history.newest() is None
    assert len(history.read("loss")) == 0
    with pytest.raises(IndexError, match="step 0"):
        history.at("loss", 0)


def test_one_step_is_its_row_first_and_its_bin_later() -> None:
    rows = np.random.default_rng(3).normal(size=(1000, 3))
    history = filled(rows, bins=8, ring_rows=16, interval=10)
    steps, low, high, mean = history.at("signal", 9995)
    assert steps == range(9990, 10000, 10)
    assert np.array_equal(low, rows[999, 1:])
    steps, low, high, mean = history.at("signal", 10)
    assert steps == range(0, 1280, 10)
    assert np.array_equal(low, rows[:128, 1:].min(axis=0))
    assert np.array_equal(high, rows[:128, 1:].max(axis=0))
    assert mean == pytest.approx(rows[:128, 1:].mean(axis=0))


def test_the_open_bin_covers_only_what_is_recorded() -> None:
    history = filled(np.ones((1000, 3)), bins=8, ring_rows=16)
    assert history.at("loss", 999).steps == range(999, 1000)
    assert history.at("loss", 900).steps == range(896, 1000)


@pytest.mark.parametrize(("rows", "width_bytes"), [(1000, 10_000), (100_000, 24)])
def test_memory_does_not_grow(rows: int, width_bytes: int) -> None:
    history = History(COLUMNS, bins=8, ring_rows=64, ring_bytes=width_bytes)
    limit = history.nbytes
    assert limit <= 8 * (3 * 40 + 8) + max(64 * 24, width_bytes, 8 * 24)
    for row in np.ones((rows, 3)):
        history.append(row)
    assert history.nbytes == limit
    assert len(history) == rows


@pytest.mark.parametrize("bins", [0, 1, 3, 100])
def test_the_number_of_bins_is_a_power_of_two(bins: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        History(COLUMNS, bins=bins)


def test_one_thread_may_read_what_another_writes() -> None:
    """Row i holds i, -i and 2 i, so any torn or overwritten row shows."""
    history = History(COLUMNS, bins=32, ring_rows=128)
    count = 30_000
    numbers = np.arange(count, dtype=float)
    rows = np.stack([numbers, -numbers, 2 * numbers], axis=1)
    half_read = threading.Event()

    def write() -> None:
        for index, row in enumerate(rows):
            if index == count // 2:
                half_read.wait(30)
            history.append(row)

    writer = threading.Thread(target=write)
    writer.start()
    reads = 0
    try:
        while writer.is_alive() or reads < 50:
            check_moment(history)
            reads += 1
            if reads == 25:
                half_read.set()
    finally:
        half_read.set()
        writer.join()
    assert len(history) == count


def check_moment(history: History) -> None:
    """Read a recent window and the whole, and compare them with the numbers of their rows."""
    view = history.read("signal", max(0, len(history) - 100), points=128)
    newest = np.minimum(view.steps + view.stride, len(history)) - 1
    assert np.array_equal(view.high[:, 0], -view.steps)
    assert np.array_equal(view.low[:, 1], 2 * view.steps)
    assert np.all(-view.low[:, 0] <= newest)
    whole = history.read("loss", points=16)
    assert np.array_equal(whole.low[:, 0], whole.steps)
    assert np.array_equal(np.diff(whole.steps), np.full(max(len(whole) - 1, 0), whole.stride))
