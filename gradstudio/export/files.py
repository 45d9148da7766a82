"""Writing a file whole or not at all, with a sentence when it cannot be written."""

from __future__ import annotations

import errno
from pathlib import Path

from gradstudio.errors import ExportError
from gradstudio.writing import write_whole


def write_file(path: Path, content: bytes | str) -> None:
    """Write a file in the place of the old one; after a failure the old one is as it was.

    Raises
    ------
    ExportError
        If it cannot be written; the text says why.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        write_whole(path, data)
    except OSError as error:
        raise ExportError(f"{path.name} was not written: {_reason(error, path)}.") from error


def _reason(error: OSError, path: Path) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"the folder {path.parent} does not exist"
    if isinstance(error, IsADirectoryError):
        return "a folder has that name"
    if isinstance(error, PermissionError):
        return f"no permission to write in {path.parent}"
    if error.errno == errno.ENOSPC:
        return "the disk is full"
    return (error.strerror or str(error)).lower()
