"""Reading only the end of a window gives what reading all of it gives."""

from __future__ import annotations

import numpy as np
import pytest

from gradstudio.training.history import History, SeriesView
from gradstudio.training.record import Columns
from gradstudio.ui.plots.reader import WindowReader


def same(a: SeriesView, b: SeriesView) -> bool:
    """Equal bit for bit; means only to rounding, which depends on how bins were folded."""
    exact = ("steps", "low", "high", "last", "nonfinite")
    return (
        a.stride == b.stride
        and all(np.array_equal(getattr(a, n), getattr(b, n), equal_nan=True) for n in exact)
        and np.allclose(a.mean, b.mean, rtol=1e-12, equal_nan=True)
    )


@pytest.mark.parametrize("first", [0, 37])
@pytest.mark.parametrize("leap", [1, 3, 190])
def test_a_growing_window_is_read_as_a_whole_would_be(first: int, leap: int) -> None:
    rng = np.random.default_rng(first + leap)
    history = History(Columns({"delta": 2}), bins=64, ring_rows=512)
    reader = WindowReader()
    for step in range(3_000):
        row = 10.0 ** rng.normal(size=2)
        if rng.random() < 0.05:
            row[rng.integers(2)] = rng.choice([0.0, np.nan, np.inf])
        history.append(row)
        if step % leap == 0 and step > first:
            (seen,) = reader.read(history, "delta", first, step, 50)
            assert same(seen, history.read("delta", first, step + 1, points=50)), step


def test_only_the_end_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(Columns({"delta": 1}))
    for value in range(1_000):
        history.append(np.array([float(value)]))
    reader = WindowReader()
    reader.read(history, "delta", 0, 989, 200)
    starts: list[int] = []
    original = History.read

    def watched(self: History, name: str, first: int = 0, *rest: int, **named: int) -> SeriesView:
        starts.append(first)
        return original(self, name, first, *rest, **named)

    monkeypatch.setattr(History, "read", watched)
    reader.read(history, "delta", 0, 999, 200)
    assert len(starts) == 1
    assert starts[0] > 970


def test_another_history_or_window_is_read_anew() -> None:
    histories = []
    for level in (1.0, 2.0):
        history = History(Columns({"delta": 1}))
        for _ in range(20):
            history.append(np.array([level]))
        histories.append(history)
    reader = WindowReader()
    for history, level in zip(histories, (1.0, 2.0), strict=True):
        (view,) = reader.read(history, "delta", 0, 19, 50)
        assert (view.mean == level).all()
    (view,) = reader.read(histories[1], "delta", 5, 19, 50)
    assert view.steps[0] == 5
