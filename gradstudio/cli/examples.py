"""The setups that come with the program, by name."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

from gradstudio.errors import SetupFileError
from gradstudio.resources import resource
from gradstudio.setup.file import SUFFIX


def example_files() -> list[Path]:
    """Return the files of the examples, in the order of the gallery."""
    return sorted(resource("setups").glob(f"*{SUFFIX}"))


def stem_of(file: Path) -> str:
    """Return the name of an example: its file name without the suffix."""
    return file.name.removesuffix(SUFFIX)


def find_setup(text: str) -> Path:
    """Find the setup file that a person named, or the example of that name.

    The number at the start of the name of an example may be left out.

    Raises
    ------
    SetupFileError
        If there is neither; names the nearest example.
    """
    path = Path(text)
    if path.exists():
        return path
    names = {stem_of(file): file for file in example_files()}
    names |= {re.sub(r"^\d+-", "", name): file for name, file in names.items()}
    if text in names:
        return names[text]
    near = get_close_matches(text, names, n=1)
    hint = f"; did you mean the example {near[0]}?" if near else ""
    raise SetupFileError(path, f"does not exist, and is no example{hint}")
