"""A lab only ever takes a folder that is empty or a lab's: `down` will remove it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab import exclusive as module
from lab.errors import LabError
from lab.exclusive import exclusive, remove
from lab.files import write_json
from lab.layout import Lab


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(LabError, match="REGION_MIRROR_LAB"), exclusive(Lab(tmp_path), "up"):
        pytest.fail("taken")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lab").write_text("mine")
    with pytest.raises(LabError, match="is no lab's folder"), exclusive(Lab(tmp_path / "lab"), "up"):
        pytest.fail("taken")


def test_an_empty_folder_and_what_a_killed_up_left_are_taken(tmp_path: Path) -> None:
    with exclusive(Lab(tmp_path / "lab"), "up"):
        pass
    with exclusive(Lab(tmp_path / "lab"), "up"):
        pass


def test_the_second_command_says_who_holds_the_lab(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAIT_SECONDS", 0.1)
    message = rf"another command works on this lab: python -m lab up, pid {os.getpid()}"
    with exclusive(lab, "up"), pytest.raises(LabError, match=message), exclusive(lab, "down"):
        pytest.fail("both")


def test_a_command_that_waited_for_the_removal_starts_afresh(lab: Lab) -> None:
    with exclusive(lab, "down"):
        remove(lab)
    assert not lab.root.exists()
    with exclusive(lab, "up"):
        assert lab.lock_file.exists()


def test_the_lab_is_named_by_environment_else_in_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGION_MIRROR_LAB", str(tmp_path / "mine"))
    assert Lab.find() == Lab(tmp_path / "mine")
    monkeypatch.delenv("REGION_MIRROR_LAB")
    assert Lab.find().root.name == ".lab"


def test_an_unknown_region_is_refused_with_those_there_are(lab: Lab) -> None:
    with pytest.raises(ValueError, match="'nowhere' is no region of the lab; its regions are east, west"):
        lab.pki("nowhere")


def test_only_the_marked_folder_is_a_lab(tmp_path: Path) -> None:
    assert not Lab(tmp_path).exists
    write_json(tmp_path / "lab.json", {})
    assert Lab(tmp_path).exists
