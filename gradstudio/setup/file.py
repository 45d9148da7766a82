"""The setup file: JSON with a format tag and a version, refused at this border or right.

A file is read whole or not at all, and written whole or not at all.
"""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NoReturn, cast

from pydantic import ValidationError

from gradstudio.errors import SetupError, SetupFileError
from gradstudio.setup.layout import Json, plain, render
from gradstudio.setup.models import Setup
from gradstudio.setup.refusal import nearest, refusal, shown
from gradstudio.writing import write_whole

SUFFIX: Final = ".gradstudio.json"
FORMAT: Final = "gradstudio-setup"
VERSION: Final = 1
MAX_BYTES: Final = 5_000_000

Body = dict[str, Json]

MIGRATIONS: Final[Mapping[int, Callable[[Body], Body]]] = {}
"""Entry n turns the body of a file of version n into one of version n + 1."""


def read_setup(path: Path | str) -> Setup:
    """Read a setup from a file.

    Raises
    ------
    SetupFileError
        If the file cannot be read or does not hold a setup; says where and what would be right.
    """
    path = Path(path)
    try:
        return loads(_text(_bytes(path)))
    except OSError as error:
        raise SetupFileError(path, _reading_problem(error)) from error
    except SetupError as error:
        raise SetupFileError(path, error.problem, error.path) from error


def write_setup(setup: Setup, path: Path | str) -> None:
    """Write a setup to a file, whole or not at all.

    The text goes to a new file in the same folder, which then takes the place of the old one. A
    link stays a link, the permissions of the old file stay, and after a failure the old file is
    as it was.

    Raises
    ------
    SetupFileError
        If the file cannot be written.
    """
    path = Path(path)
    try:
        write_whole(path, dumps(setup).encode())
    except OSError as error:
        raise SetupFileError(path, _writing_problem(error, path)) from error


def dumps(setup: Setup) -> str:
    """Write a setup as text, for a file or the clipboard."""
    body = cast(Body, plain(setup))
    return render({"format": FORMAT, "version": VERSION, **body}) + "\n"


def loads(text: str) -> Setup:
    """Read a setup from text.

    Raises
    ------
    SetupError
        If the text does not hold a setup; says where and what would be right.
    """
    body = _migrated(_parsed(text))
    try:
        return Setup.model_validate_json(json.dumps(body, ensure_ascii=False).encode())
    except UnicodeEncodeError as error:
        raise SetupError("holds half a character: a \\ud800 to \\udfff without its pair") from error
    except ValidationError as error:
        raise refusal(error) from error


def _parsed(text: str) -> Body:
    """Read JSON and take it to be an object without a field given twice."""
    try:
        body = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise SetupError(_json_problem(error)) from error
    except RecursionError as error:
        raise SetupError("is not a GradStudio setup: nested too deeply") from error
    except ValueError as error:  # the interpreter refuses integers of more than 4,300 digits
        raise SetupError("is not a GradStudio setup: a number has too many digits") from error
    if not isinstance(body, dict):
        raise SetupError(f"is not a GradStudio setup: needs an object {{ }}, got {shown(body)}")
    return body


def _unique(pairs: list[tuple[str, Json]]) -> Body:
    body: Body = {}
    for key, value in pairs:
        if key in body:
            raise SetupError(f"the field {shown(key)} is given twice in one object")
        body[key] = value
    return body


def _json_problem(error: json.JSONDecodeError) -> str:
    text = error.doc.rstrip()
    if not text:
        return "is empty"
    rest = text[error.pos :]
    is_cut = error.msg.startswith("Unterminated string") or re.fullmatch(r"[\w+\-.]*", rest)
    if error.pos > 0 and is_cut:
        line, column = text.count("\n") + 1, len(text) - (text.rfind("\n") + 1)
        return f"not complete JSON: ends at line {line}, column {column}"
    problem = error.msg.removesuffix(" at")
    return (
        f"not JSON: {problem[0].lower()}{problem[1:]} at line {error.lineno}, column {error.colno}"
    )


def _migrated(body: Body) -> Body:
    """Check the format tag and bring the body to the present version."""
    for key in ("format", "version"):
        if key not in body:
            hint = nearest(key, tuple(body)) if len(body) < 100 else ""
            raise SetupError(f"is not a GradStudio setup: '{key}' is missing{hint}")
    if body["format"] != FORMAT:
        found = shown(body["format"])
        raise SetupError(f"is not a GradStudio setup: 'format' is {found}, not '{FORMAT}'")
    version = body["version"]
    if not isinstance(version, int) or isinstance(version, bool):
        raise SetupError(f"needs a whole number, got {shown(version)}", "version")
    if version < 1:
        raise SetupError(f"{shown(version)} is below 1", "version")
    if version > VERSION:
        raise SetupError(
            f"was written by a newer version (file version {shown(version)}, "
            f"this program reads {VERSION})"
        )
    body = {key: value for key, value in body.items() if key not in ("format", "version")}
    for step in range(version, VERSION):
        body = MIGRATIONS[step](body)
    return body


def _bytes(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        _refuse_kind(path)
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SetupError(f"is larger than {MAX_BYTES // 1_000_000} MB: not a setup")
    return content


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SetupError(
            f"is not a GradStudio setup: byte {error.start + 1} is not text"
        ) from error


def _refuse_kind(path: Path) -> NoReturn:
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "not an ordinary file")


def _reading_problem(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "does not exist"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not a file"
    if isinstance(error, PermissionError):
        return "cannot be read: no permission"
    return f"cannot be read: {_reason(error)}"


def _writing_problem(error: OSError, path: Path) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"not saved: the folder {path.parent} does not exist"
    if isinstance(error, IsADirectoryError):
        return "not saved: it is a folder, not a file"
    if isinstance(error, PermissionError):
        return f"not saved: no permission to write here ({path.parent})"
    if error.errno == errno.ENOSPC:
        return "not saved: the disk is full"
    return f"not saved: {_reason(error)}"


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
