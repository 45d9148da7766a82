"""The shape of the house, as tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

MAX_LINES = 400
MACHINE_PATH = re.compile(r"""(?<![\w.$}])/(work|root|home|tmp)/\w""")
BUILD_FILES = ("pyproject.toml", "constraints.txt", "studio", ".ci/run")


def modules(repository: Path) -> Iterator[Path]:
    yield from sorted((repository / "gradstudio").rglob("*.py"))


def test_imports_keep_the_contracts(repository: Path) -> None:
    code = "import sys; from importlinter.cli import lint_imports as f; sys.exit(f(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_only_the_canvas_imports_pyqtgraph() -> None:
    graph = grimp.build_graph("gradstudio", include_external_packages=True, cache_dir=None)
    importers = graph.find_modules_that_directly_import("pyqtgraph")
    assert importers == {"gradstudio.ui.plots.canvas"}


@pytest.mark.parametrize("package", ["numpy", "PySide6", "sklearn", "pydantic"])
def test_importing_gradstudio_loads_nothing_large(package: str) -> None:
    code = f"import sys, gradstudio; sys.exit({package!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_no_module_is_too_long_to_hold_in_mind(repository: Path) -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in modules(repository)}
    assert lengths, "no modules found"
    assert not {p.name: n for p, n in lengths.items() if n > MAX_LINES}


def test_the_library_does_not_print(repository: Path) -> None:
    prints = [
        f"{path.relative_to(repository)}:{node.lineno}"
        for path in modules(repository)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert not prints


def test_no_tracked_file_names_a_place_on_one_machine(repository: Path) -> None:
    found = [
        f"{path.relative_to(repository)}: {match[0]}"
        for path in text_files(repository)
        for match in MACHINE_PATH.finditer(path.read_text("utf-8"))
    ]
    assert not found


def test_the_build_names_no_host(repository: Path) -> None:
    for name in BUILD_FILES:
        assert "://" not in (repository / name).read_text("utf-8"), name


def text_files(repository: Path) -> Iterator[Path]:
    """Yield what git tracks, as far as it is text; outside a clone, the modules."""
    if not (repository / ".git").exists():
        yield from modules(repository)
        return
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=repository, check=True, capture_output=True, text=True
    )
    for name in filter(None, listing.stdout.split("\0")):
        path = repository / name
        if path.is_file() and b"\0" not in path.read_bytes()[:4096]:
            yield path
