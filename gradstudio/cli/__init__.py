"""The command line: open the window, or do the same job without one.

``gradstudio`` and ``gradstudio FILE`` open the window; ``gradstudio run SETUP`` trains without one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gradstudio.environment import prepare_environment


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says and end the process.

    Parameters
    ----------
    arguments
        The words after the name of the program; None takes them from the process.
    """
    prepare_environment()
    given = sys.argv[1:] if arguments is None else arguments
    if not given:
        # straight to the window: the command line library would take a tenth of its start
        from gradstudio.cli.window import open_window

        sys.exit(open_window(None))
    from gradstudio.cli.commands import app, with_command

    app(with_command(given), prog_name="gradstudio")
