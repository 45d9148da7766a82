"""Schedules of the learning rate: the rate of a step is eta times a factor of its number.

All of them are pure functions of the step, so that a run can go back and repeat itself. A warm-up
comes first and its steps are not counted by the schedule after it: what ``SequentialLR`` of
PyTorch makes of ``LinearLR`` and another one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

Factor: TypeAlias = Callable[[int], float]
"""Factor of the learning rate at a 0-based step."""


@dataclass(frozen=True)
class Schedule:
    """A schedule.

    Attributes
    ----------
    name, label
        As stored in a setup and as shown to a person.
    formula
        TeX of the rate of step t.
    use_when
        What it is for, in a sentence.
    parameters
        Names of the keywords of ``make``.
    make
        ``make(steps=..., factor=..., floor=...)``, as far as they are its parameters, returns the
        factor as a function of the step: ``steps`` at least 1, ``factor`` above 0 up to 1,
        ``floor`` from 0 to 1.
    """

    name: str
    label: str
    formula: str
    use_when: str
    parameters: tuple[str, ...]
    make: Callable[..., Factor]


def constant() -> Factor:
    """1 at every step."""
    return lambda step: 1.0


def stairs(*, steps: int, factor: float) -> Factor:
    """``factor`` to the power of the whole number of times that ``steps`` have gone by."""
    return lambda step: float(factor ** (step // steps))


def cosine(*, steps: int, floor: float) -> Factor:
    """Half a cosine wave from 1 down to ``floor`` within ``steps``; it stays there.

    floor + (1 - floor) (1 + cos(pi t / steps)) / 2
    """

    def at(step: int) -> float:
        wave = (1.0 + math.cos(math.pi * min(step, steps) / steps)) / 2.0
        return floor + (1.0 - floor) * wave

    return at


def warmed_up(factor: Factor, warmup_steps: int) -> Factor:
    """Let a factor grow in equal steps first: 1/n, 2/n, ... 1, and then begin with it."""
    if warmup_steps == 0:
        return factor

    def at(step: int) -> float:
        if step < warmup_steps:
            return (step + 1) / warmup_steps
        return factor(step - warmup_steps)

    return at


SCHEDULES: Final[Mapping[str, Schedule]] = MappingProxyType(
    {
        schedule.name: schedule
        for schedule in (
            Schedule(
                "constant",
                "Constant",
                r"\eta_{t}=\eta",
                "To see what a rate does: nothing else moves.",
                (),
                constant,
            ),
            Schedule(
                "step",
                "Stairs",
                r"\eta_{t}=\eta\,\gamma^{\lfloor t/n\rfloor}",
                "A loss that jumps about at the end: each stair calms it.",
                ("steps", "factor"),
                stairs,
            ),
            Schedule(
                "cosine",
                "Cosine",
                r"\eta_{t}=\eta\left(f+(1-f)\,\frac{1+\cos(\pi t/T)}{2}\right)",
                "A run of known length: large steps first, none at the end.",
                ("steps", "floor"),
                cosine,
            ),
        )
    }
)


def factor_of(name: str, warmup_steps: int, **parameters: float) -> Factor:
    """Make the factor of a schedule with a warm-up before it.

    Raises
    ------
    KeyError
        If there is no schedule of that name.
    """
    return warmed_up(SCHEDULES[name].make(**parameters), warmup_steps)
