"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in the place of the old one; after a failure the old one is as it was.

    Links are followed, and the mode of the old file is kept.

    Raises
    ------
    OSError
        If it cannot be written; IsADirectoryError and PermissionError also where only the place
        is wrong.
    """
    target = Path(os.path.realpath(path))
    _refuse_place(target)
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _refuse_place(target: Path) -> None:
    if not target.exists():
        return
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not target.is_file():
        raise OSError(errno.EINVAL, "not an ordinary file")
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
