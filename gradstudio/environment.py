"""What must be set before the first library is loaded."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Final

THREAD_VARIABLES: Final = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
BROKEN_QT: Final = "6.12.0"
IMMORTAL_NONE: Final = (3, 12)
"""From this Python on ``None`` is immortal, so that a lost reference does no harm."""


def prepare_environment() -> None:
    """Set what NumPy and Qt read when they are loaded; call before importing either.

    One BLAS thread unless the user has said otherwise: with two, a network of 10 layers of 128
    units falls from 1,060 to 4 steps a second as soon as the window uses the other core.

    Raises
    ------
    SystemExit
        If the Qt that is installed would abort the process after a few seconds of drawing.
    """
    for name in THREAD_VARIABLES:
        os.environ.setdefault(name, "1")
    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"
    problem = qt_problem(installed_qt(), sys.version_info[:2])
    if problem:
        raise SystemExit(f"gradstudio: {problem}")


def has_display() -> bool:
    """Whether a window can be opened here."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def installed_qt() -> str:
    """Version of PySide6 that is installed; empty when there is none."""
    try:
        return version("PySide6_Essentials")
    except PackageNotFoundError:
        return ""


def qt_problem(qt: str, python: tuple[int, int]) -> str:
    """Why this Qt cannot be used with this Python, and what to do; empty when it can.

    PySide6 6.12.0 drops one reference of ``None`` with every call of a method that returns
    nothing; before Python 3.12 the process aborts when the last one is gone.
    """
    if qt != BROKEN_QT or python >= IMMORTAL_NONE:
        return ""
    return (
        f"PySide6 {BROKEN_QT} aborts on Python {python[0]}.{python[1]}. "
        f"Install another one: {os.path.basename(sys.executable)} -m pip install "
        f'"PySide6-Essentials!={BROKEN_QT}"'
    )
