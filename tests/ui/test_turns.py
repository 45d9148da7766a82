"""Drawing by turns: a frame stays short, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from gradstudio.ui import turns as turns_module
from gradstudio.ui.turns import Turns


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock that goes on only when told to."""
    now = [100.0]

    def go_on(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(turns_module, "perf_counter", lambda: now[0])
    return go_on


def jobs(costs: dict[str, float], clock: Callable[[float], None], drawn: list[str]):
    def job(name: str) -> Callable[[], None]:
        def draw() -> None:
            drawn.append(name)
            clock(costs[name])

        return draw

    return [(name, job(name)) for name in costs]


def test_what_is_cheap_is_drawn_in_every_frame(qtbot: QtBot, clock: Callable) -> None:
    drawn: list[str] = []
    turns = Turns()
    for _ in range(3):
        turns.take(jobs({"a": 0.001, "b": 0.002, "c": 0.001}, clock, drawn))
        clock(0.03)
    assert sorted(drawn) == sorted("abc" * 3)


def test_what_is_dear_is_drawn_by_turns(qtbot: QtBot, clock: Callable) -> None:
    costs = {"a": 0.006, "b": 0.005, "c": 0.007}
    drawn: list[str] = []
    turns = Turns()
    frames = []
    for _ in range(40):
        before = len(drawn)
        turns.take(jobs(costs, clock, drawn))
        frames.append(sum(costs[name] for name in drawn[before:]))
        clock(0.03)
    assert max(frames[20:]) <= turns_module.BUDGET_S  # once it knows what each costs
    counts = [drawn[30:].count(name) for name in costs]
    assert max(counts) - min(counts) <= 1


def test_one_that_costs_more_than_a_frame_is_drawn_all_the_same(
    qtbot: QtBot, clock: Callable
) -> None:
    drawn: list[str] = []
    turns = Turns()
    for _ in range(10):
        turns.take(jobs({"dear": 0.05, "cheap": 0.001}, clock, drawn))
        clock(0.03)
    assert drawn.count("dear") >= 5
    assert drawn.count("cheap") >= 5


def test_everything_is_drawn_while_nothing_else_goes_on(qtbot: QtBot, clock: Callable) -> None:
    drawn: list[str] = []
    turns = Turns()
    for _ in range(4):
        turns.take(jobs(dict.fromkeys("abcd", 0.02), clock, drawn), everything=True)
    assert sorted(drawn) == sorted("abcd" * 4)


def test_how_long_something_has_waited_is_known(qtbot: QtBot, clock: Callable) -> None:
    turns = Turns()
    assert turns.waited("a") == float("inf")
    turns.take(jobs({"a": 0.001}, clock, []))
    clock(0.5)
    assert turns.waited("a") == pytest.approx(0.5)
