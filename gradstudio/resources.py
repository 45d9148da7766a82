"""Where the files that come with the program are."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path


def resource(*parts: str) -> Path:
    """Return the path of a file or folder that comes with the program.

    Parameters
    ----------
    parts
        Names from the resource folder down, for instance ``"data", "mnist5k.npz"``.
    """
    return _root().joinpath(*parts)


@lru_cache(maxsize=1)
def _root() -> Path:
    """Find the folder inside an installed package, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"
