"""Numbers are written the way people read them."""

from __future__ import annotations

import math

import pytest

from gradstudio.numbers import count, duration, figures, plain, scientific, signed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.69714, "0.697"),
        (0.5, "0.500"),
        (12.345, "12.3"),
        (999.96, "1,000"),
        (0.99996, "1.00"),
        (12199.4, "12,199"),
        (999_999.6, "1.00e6"),
        (0.001, "0.00100"),
        (0.0009999, "0.00100"),
        (0.000999, "9.99e\N{MINUS SIGN}4"),
        (-7.62e-12, "\N{MINUS SIGN}7.62e\N{MINUS SIGN}12"),
        (5e-324, "4.94e\N{MINUS SIGN}324"),
        (math.inf, "\N{INFINITY}"),
        (-math.inf, "\N{MINUS SIGN}\N{INFINITY}"),
        (math.nan, "NaN"),
    ],
)
def test_figures(value: float, text: str) -> None:
    assert figures(value) == text


def test_figures_keeps_as_many_as_asked_for() -> None:
    assert figures(0.69714, 2) == "0.70"


@pytest.mark.parametrize(
    ("value", "text"),
    [(7.6e-12, "7.6e\N{MINUS SIGN}12"), (1.24e47, "1.2e47"), (0.0, "0"), (math.nan, "NaN")],
)
def test_scientific(value: float, text: str) -> None:
    assert scientific(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.19, "+0.19"),
        (-0.904, "\N{MINUS SIGN}0.90"),
        (-0.004, "0.00"),
        (0.0, "0.00"),
        (-math.inf, "\N{MINUS SIGN}\N{INFINITY}"),
    ],
)
def test_signed(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (0.3 / 10, "0.03"),
        (1e-5, "1e\N{MINUS SIGN}5"),
        (24.0, "24"),
        (-0.5, "\N{MINUS SIGN}0.5"),
        (2e7, "2e7"),
        (0.0, "0"),
    ],
)
def test_plain(value: float, text: str) -> None:
    assert plain(value) == text


def test_count() -> None:
    assert count(1284) == "1,284"
    assert count(7) == "7"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.417, "0.42 s"),
        (12.34, "12.3 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.6, "1 h 00 min"),
        (3720, "1 h 02 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text
