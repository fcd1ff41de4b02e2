"""Why a file cannot be read: the system's words, without a number, and without the name a second time."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror.text.files import file_problem


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error:
        (tmp_path / "absent").read_text()
    assert file_problem(error.value) == "No such file or directory"


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UnicodeDecodeError) as error:
        (tmp_path / "binary").read_text(encoding="utf-8")
    assert file_problem(error.value).startswith("'utf-8' codec can't decode")
