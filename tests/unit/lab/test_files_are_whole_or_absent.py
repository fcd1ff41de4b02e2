"""Whoever is killed while writing leaves the old file, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.files import read_json, remove_half_made, whole_folder, write_file


def test_a_file_is_its_owners_alone_and_written_only_when_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"
    assert write_file(path, "one")
    assert path.stat().st_mode & 0o777 == 0o600
    assert not write_file(path, "one")
    assert write_file(path, "two")
    assert path.read_text() == "two"


def test_a_file_that_others_could_read_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_file(path, "one")
    path.chmod(0o644)
    assert write_file(path, "one")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_fails_half_way_is_not_there(tmp_path: Path) -> None:
    def fill() -> None:
        with whole_folder(tmp_path / "pki") as folder:
            (folder / "first").write_text("x")
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".half-made-pki-1").mkdir()
    (tmp_path / ".half-made-pki-1" / "key").write_text("x")
    (tmp_path / ".half-made-lab.json-2").write_text("x")
    (tmp_path / "pki").mkdir()
    remove_half_made(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["pki"]


def test_json_that_is_none_reads_as_absent(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    assert read_json(tmp_path / "x.json") is None
    assert read_json(tmp_path / "y.json") is None
