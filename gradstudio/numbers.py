"""Numbers as they are written for a person: a true minus sign, thousands with comma."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
INFINITY: Final = "\N{INFINITY}"


def figures(x: float, digits: int = 3) -> str:
    """Write ``x`` with ``digits`` significant figures: 0.697, 12.3, 12,199, 7.6e−12.

    From 0.001 up to a million as a decimal, beyond that in scientific notation. Whole digits are
    never rounded away.
    """
    x = float(x)
    if not math.isfinite(x):
        return _not_finite(x)
    if x == 0:
        return "0"
    rounded = float(f"{x:.{digits - 1}e}")
    exponent = math.floor(math.log10(abs(rounded)))
    if not -3 <= exponent < 6:
        return scientific(x, digits)
    return _true_minus(f"{x:,.{max(digits - 1 - exponent, 0)}f}")


def scientific(x: float, digits: int = 2) -> str:
    """Write ``x`` with ``digits`` significant figures and a power of ten: 7.6e−12, 1.2e47."""
    x = float(x)
    if not math.isfinite(x):
        return _not_finite(x)
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    return _true_minus(f"{mantissa}e{int(exponent)}") if x else "0"


def plain(x: float) -> str:
    """Write a number that someone chose as they would: 0.1, 24, 1e−5."""
    mantissa, e, exponent = f"{x:g}".partition("e")
    return _true_minus(f"{mantissa}e{int(exponent)}" if e else mantissa)


def signed(x: float, decimals: int = 2) -> str:
    """Write ``x`` with its sign and ``decimals`` decimals: +0.19, −0.90, 0.00."""
    x = float(x)
    if not math.isfinite(x):
        return _not_finite(x)
    text = f"{x:+,.{decimals}f}"
    return _true_minus(text) if any(digit in text for digit in "123456789") else text[1:]


def count(n: int) -> str:
    """Write a whole number: 1,284."""
    return _true_minus(f"{n:,}")


def adding_up(parts: Sequence[float], total: float, decimals: int) -> list[float]:
    """Round numbers so that they add up to a rounded total: the largest errors give way."""
    unit = 10.0**-decimals
    scaled = [part / unit for part in parts]
    whole = [math.floor(part) for part in scaled]
    missing = round(total / unit) - sum(whole)
    order = sorted(range(len(parts)), key=lambda i: scaled[i] - whole[i], reverse=True)
    for i in order[: max(missing, 0)]:
        whole[i] += 1
    return [round(part * unit, decimals) for part in whole]


def duration(seconds: float) -> str:
    """Write a time: 0.42 s, 12.3 s, 2 min 05 s, 1 h 02 min."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60:,} h {minutes % 60:02d} min"


def _not_finite(x: float) -> str:
    if math.isnan(x):
        return "NaN"
    return INFINITY if x > 0 else MINUS + INFINITY


def _true_minus(text: str) -> str:
    return text.replace("-", MINUS)
