"""The commands and their options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from gradstudio import __version__
from gradstudio.cli.examples import example_files, find_setup, stem_of
from gradstudio.cli.window import open_window
from gradstudio.errors import DataError, ExportError, GradStudioError, SetupError

REFUSED: Final = 2
"""Exit code for a command line or a setup that cannot be used."""
FAILED: Final = 1
INTERRUPTED: Final = 130


app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        typer.echo(f"GradStudio {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def studio(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """See every layer's gradient while a network trains.

    Without a command the window opens; `gradstudio FILE` opens it with a setup.
    """
    if context.invoked_subcommand is None:
        raise typer.Exit(open_window(None))


@app.command("open")
def open_file(
    file: Annotated[Path, typer.Argument(help="A setup file.", show_default=False)],
) -> None:
    """Open the window with a setup."""
    if not file.is_file():
        kind = "is a folder" if file.is_dir() else "does not exist"
        refuse(f"{file}: {kind}, and is none of the commands {', '.join(command_names())}")
    raise typer.Exit(open_window(file))


@app.command("run")
def run(
    setup: Annotated[
        str,
        typer.Argument(help="A setup file, or the name of an example.", show_default=False),
    ],
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000_000,
            help="Updates to do, instead of the steps or epochs of the setup (1,000 without any).",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**31 - 1, help="Another random start.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the results, gradstudio-NAME if none is given; a number is added "
            "where it holds files already.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Train without a window and write history, plots and verdict to a folder."""
    from gradstudio.cli.job import Job

    try:
        job = Job.prepare(find_setup(setup), steps=steps, seed=seed, out=out)
    except (SetupError, DataError) as problem:
        refuse(str(problem))
    except ExportError as problem:
        fail(str(problem))
    except MemoryError:
        fail("the network does not fit into memory.")
    try:
        was_interrupted = job.run(Console(markup=False, highlight=False, soft_wrap=True))
    except GradStudioError as problem:
        fail(str(problem))
    if was_interrupted:
        raise typer.Exit(INTERRUPTED)


@app.command("examples")
def examples() -> None:
    """List the setups that come with GradStudio."""
    from gradstudio.setup.file import read_setup

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "what it shows"):
        table.add_column(heading, overflow="fold")
    files = example_files()
    for file in files:
        setup = read_setup(file)
        first = setup.notes.strip().split("\n")[0]
        table.add_row(stem_of(file), f"{setup.name}. {first}" if first else setup.name)
    console = Console(markup=False, highlight=False)
    if not files:
        refuse("no examples are installed")
    console.print(table)
    console.print("\nTrain one without a window: gradstudio run NAME")


def with_command(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with ``open`` before a first word that is a file and no command."""
    if arguments and not arguments[0].startswith("-") and arguments[0] not in command_names():
        return ["open", *arguments]
    return list(arguments)


def command_names() -> tuple[str, ...]:
    """Return the names of the commands, sorted."""
    return tuple(sorted(command.name or "" for command in app.registered_commands))


def refuse(problem: str) -> NoReturn:
    """Say in a line what cannot be used, and end."""
    _end(problem, REFUSED)


def fail(problem: str) -> NoReturn:
    """Say in a line what went wrong, and end."""
    _end(problem, FAILED)


def _end(problem: str, code: int) -> NoReturn:
    line = " ".join(problem.split())
    typer.echo(f"gradstudio: {line}{'' if line.endswith(('.', '?')) else '.'}", err=True)
    raise typer.Exit(code)
