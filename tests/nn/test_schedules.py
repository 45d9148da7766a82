from __future__ import annotations

import math

import pytest

from gradstudio.nn.schedules import SCHEDULES, factor_of, warmed_up


def test_a_constant_rate_stays_exactly_what_it_is() -> None:
    factor = factor_of("constant", 0)
    assert {factor(step) for step in (0, 1, 10**9)} == {1.0}


def test_stairs_go_down_by_the_factor_every_so_many_steps() -> None:
    factor = factor_of("step", 0, steps=10, factor=0.5)
    assert [factor(step) for step in (0, 9, 10, 19, 20, 35)] == [1, 1, 0.5, 0.5, 0.25, 0.125]
    assert factor(10**9) == 0.0


@pytest.mark.parametrize("floor", [0.0, 0.1, 1.0])
def test_cosine_ends_at_its_floor_and_stays_there(floor: float) -> None:
    factor = factor_of("cosine", 0, steps=100, floor=floor)
    assert factor(0) == pytest.approx(1.0)
    assert factor(50) == pytest.approx((1 + floor) / 2)
    assert factor(25) == pytest.approx(floor + (1 - floor) * (1 + math.sqrt(0.5)) / 2)
    assert factor(100) == factor(10**9) == pytest.approx(floor, abs=1e-15)
    values = [factor(step) for step in range(101)]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("constant", {}),
        ("step", {"steps": 3, "factor": 0.5}),
        ("cosine", {"steps": 9, "floor": 0.2}),
    ],
)
def test_a_warm_up_rises_in_equal_steps_and_is_not_counted(
    name: str, parameters: dict[str, float]
) -> None:
    warm, cold = factor_of(name, 4, **parameters), factor_of(name, 0, **parameters)
    assert [warm(step) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]
    assert [warm(step + 4) for step in range(12)] == [cold(step) for step in range(12)]


def test_a_warm_up_of_no_steps_is_none() -> None:
    factor = factor_of("cosine", 0, steps=5, floor=0.0)
    assert warmed_up(factor, 0) is factor


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_names_the_parameters_it_takes(name: str) -> None:
    schedule = SCHEDULES[name]
    values = {"steps": 10, "factor": 0.5, "floor": 0.1}
    factor = schedule.make(**{key: values[key] for key in schedule.parameters})
    assert 0 <= factor(7) <= 1
    with pytest.raises(TypeError):
        schedule.make(**values)
