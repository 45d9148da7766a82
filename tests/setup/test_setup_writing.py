"""Writing a setup: whole or not at all, and never a surprise for the file that was there."""

import errno
import os
import stat

import pytest

from gradstudio.errors import SetupFileError
from gradstudio.setup import Setup, read_setup, write_setup


def write_refused(path):
    with pytest.raises(SetupFileError) as caught:
        write_setup(Setup(), path)
    return str(caught.value)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_text("old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert write_refused(path) == "a.json: not saved: the disk is full"
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_replaces_the_old_file_in_one_act(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    with path.open() as old:
        write_setup(Setup(name="new"), path)
        assert old.read() == "old"
    assert read_setup(path).name == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="no such permissions")
@pytest.mark.parametrize("mode", [0o640, 0o600, 0o666])
def test_permissions_stay(tmp_path, mode):
    path = tmp_path / "a.json"
    path.write_text("old")
    path.chmod(mode)
    write_setup(Setup(), path)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="no such permissions")
def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "ordinary").touch()
    write_setup(Setup(), tmp_path / "a.json")
    expected = (tmp_path / "ordinary").stat().st_mode
    assert (tmp_path / "a.json").stat().st_mode == expected


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "a.json", tmp_path / "link.json"
    link.symlink_to(target)
    write_setup(Setup(name="first"), link)
    write_setup(Setup(name="second"), link)
    assert link.is_symlink()
    assert read_setup(target).name == "second"


def test_what_cannot_be_written_is_said(tmp_path, monkeypatch):
    missing = tmp_path / "no" / "a.json"
    assert write_refused(missing) == (
        f"a.json: not saved: the folder {missing.parent} does not exist"
    )
    assert write_refused(tmp_path).endswith("not saved: it is a folder, not a file")
    kept = tmp_path / "kept.json"
    kept.write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert write_refused(kept) == f"kept.json: not saved: no permission to write here ({tmp_path})"
    assert kept.read_text() == "old"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
def test_a_pipe_is_not_replaced_by_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert write_refused(tmp_path / "pipe") == "pipe: not saved: not an ordinary file"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
