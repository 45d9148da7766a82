"""Opening the window from the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from gradstudio.environment import has_display

NO_DISPLAY = (
    "gradstudio: there is no display to open a window on. "
    "To train without one: gradstudio run SETUP\n"
)


def open_window(file: Path | None) -> int:
    """Open the window, with the setup of a file if one is given; the exit code."""
    if not has_display():
        sys.stderr.write(NO_DISPLAY)
        return 1
    from gradstudio.app import main

    return main(file)
