"""GradStudio: see every layer's gradient while a network trains, and repair it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradstudio.setup.models import Setup
    from gradstudio.training.trainer import Trainer

__version__ = "0.1.0"
__all__ = ["Setup", "Trainer", "__version__", "load_setup"]


def load_setup(path: Path | str) -> Setup:
    """Read a setup from a file and check that its parts fit each other.

    Raises
    ------
    SetupError
        With the path of the field, what is wrong and what would be right.
    """
    from gradstudio.errors import SetupError, SetupFileError
    from gradstudio.setup.file import read_setup
    from gradstudio.training.build import check_setup

    setup = read_setup(Path(path))
    try:
        check_setup(setup)
    except SetupError as error:
        raise SetupFileError(path, error.problem, error.path) from None
    return setup


def __getattr__(name: str) -> Any:
    """Import ``Setup`` and ``Trainer`` when they are first asked for: they bring NumPy along."""
    if name == "Setup":
        from gradstudio.setup.models import Setup

        return Setup
    if name == "Trainer":
        from gradstudio.training.trainer import Trainer

        return Trainer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
