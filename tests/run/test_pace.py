"""The pace, with times given by hand."""

from __future__ import annotations

import pytest

from gradstudio.run.pace import BURST_S, MAX_BURST, MAX_LAG_S, Pace


def run_for(pace: Pace, seconds: float, step_seconds: float) -> int:
    """Run with steps of a given cost and return how many were done."""
    now, step = 100.0, 0
    pace.start(now, step)
    while now < 100.0 + seconds:
        wait = pace.wait_time(now)
        if wait:
            now += wait
            continue
        steps = pace.burst(now)
        assert steps >= 1
        begin, now = now, now + steps * step_seconds
        step += steps
        pace.note(begin, now, steps, step)
    return step


@pytest.mark.parametrize("wanted", [1.0, 10.0, 600.0, 20_000.0])
def test_a_limit_is_kept_when_steps_are_quick(wanted: float) -> None:
    pace = Pace()
    pace.limit(wanted, 0.0)
    assert run_for(pace, 5.0, 2e-6) == pytest.approx(5 * wanted, rel=0.01, abs=1.0)


def test_the_first_step_is_due_at_once() -> None:
    pace = Pace()
    pace.limit(1.0, 0.0)
    pace.start(50.0, 0)
    assert pace.wait_time(50.0) == 0.0
    pace.note(50.0, 50.0, 1, 1)
    assert pace.wait_time(50.25) == pytest.approx(0.75)


def test_a_limit_that_cannot_be_kept_is_no_limit() -> None:
    pace = Pace()
    pace.limit(600.0, 0.0)
    assert run_for(pace, 2.0, 0.01) == pytest.approx(200, abs=1)


def test_after_a_long_stop_a_paced_run_does_not_race() -> None:
    pace = Pace()
    pace.limit(100.0, 0.0)
    pace.start(0.0, 0)
    done = 0
    while pace.wait_time(60.0) == 0.0:
        steps = pace.burst(60.0)
        pace.note(60.0, 60.0, steps, done + steps)
        done += steps
    assert done <= 100.0 * MAX_LAG_S + 2


def test_no_limit_means_no_wait() -> None:
    pace = Pace()
    pace.limit(10.0, 0.0)
    pace.limit(None, 0.0)
    pace.start(0.0, 0)
    pace.note(0.0, 0.1, 5, 5)
    assert pace.wait_time(0.1) == 0.0


@pytest.mark.parametrize(
    ("step_seconds", "low", "high"),
    [(25e-6, 14, 28), (1e-9, MAX_BURST, MAX_BURST), (0.5, 1, 1)],
)
def test_bursts_come_to_last_as_long_as_wanted(step_seconds: float, low: int, high: int) -> None:
    pace = Pace()
    run_for(pace, 100 * max(BURST_S, step_seconds), step_seconds)
    assert low <= pace.burst(1000.0) <= high


def test_the_speed_is_that_of_the_last_second() -> None:
    pace = Pace()
    pace.start(0.0, 0)
    step = 0
    for tick in range(1, 301):
        done = 1 if tick <= 200 else 10
        step += done
        pace.note(tick / 100 - 0.01, tick / 100, done, step)
    assert pace.steps_per_second(3.0, step) == pytest.approx(1000.0, rel=0.05)


def test_the_speed_of_a_run_that_has_just_begun_is_0() -> None:
    pace = Pace()
    pace.start(5.0, 30)
    assert pace.steps_per_second(5.0, 30) == 0.0
