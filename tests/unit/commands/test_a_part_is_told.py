"""What `cutover --topic` says before and after it moves a part, and how it writes the stack file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror.commands import cutover_part
from mirror.commands.cutover_part import asked_for, left_to_do, notes
from mirror.commands.stack_files import StackFile
from mirror.cutover.part.part import Part
from mirror.problems import CouldNotRun
from settings.load import load_stack
from settings.model import MovedSettings
from settings.stack_file import parse_stack_file
from tests.unit.settings.sample import settings

SCOPE = MovedSettings(("orders",), ("readers",))
TEXT = """\
config:
  region-mirror:source: {alias: east, cluster: east, namespace: kafka, listener: scram, user: reader}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls}
  region-mirror:mirror:
    name: east-to-west
    topics: [.*]
"""


def written(folder: Path, text: str = TEXT) -> StackFile:
    path = folder / "Pulumi.prod.yaml"
    path.write_text(text)
    path.chmod(0o640)
    return StackFile(path, "region-mirror", folder)


def test_what_a_part_does_not_do_is_said_before() -> None:
    found = notes(Part(settings(), SCOPE), "3 topics and 2 groups stay with the mirror")
    assert found == [
        "moves topic orders and group readers",
        "3 topics and 2 groups stay with the mirror",
        "MM2 sets no offsets of any group from stop-sync until the end; records are mirrored all the time",
        "after promote these topics stay fenced on east, and no rollback moves them back: they come home "
        "with the rest, once that was moved, too (`region-mirror reverse`)",
    ]
    configured = settings(cutover__switch_command=["./dns"], cutover__binding={"name": "active"})
    assert (
        "not run for a part, because it is for the whole mirror: cutover.binding, cutover.switch_command"
        in notes(Part(configured, SCOPE), "")
    )
    assert notes(Part(settings(), MovedSettings(("orders",))), "")[0] == (
        "moves topic orders; no group reads only these topics"
    )


def test_the_change_of_the_stack_file_is_printed_or_made(tmp_path: Path) -> None:
    file = written(tmp_path)
    told = left_to_do(Part(settings(), SCOPE), file, "Start these first", write=False)
    assert told.splitlines()[1:2] == ["- Start these first"], "their offsets could not be set anew"
    assert "run `pulumi up`: moved: {topics: [orders], groups: [readers]}" in told
    assert file.path.read_text() == TEXT
    told = left_to_do(Part(settings(), SCOPE), file, write=True)
    assert "Pulumi.prod.yaml names what was moved (`mirror.moved`): commit it" in told
    (one,) = load_stack(parse_stack_file(file.path.read_text()))
    assert one.mirror.moved == SCOPE
    assert file.path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["Pulumi.prod.yaml"]


def test_a_file_that_cannot_be_changed_is_left_as_it_is(tmp_path: Path) -> None:
    file = written(tmp_path, "config: {}\n")
    told = left_to_do(Part(settings(), SCOPE), file, write=True)
    assert "Write this into section `mirror` of Pulumi.prod.yaml" in told
    assert file.path.read_text() == "config: {}\n"


def test_what_is_left_to_do_is_told_where_the_file_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The part is moved by then, and its consumers are waiting."""
    file = written(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cutover_part, "replace_file", full)
    told = left_to_do(Part(settings(), SCOPE), file, write=True)
    assert "Start their consumers and then their producers there" in told
    assert (
        "moved: {topics: [orders], groups: [readers]} (Pulumi.prod.yaml could not be changed: No sp" in told
    )
    assert file.path.read_text() == TEXT
    file.path.unlink()
    assert "could not be changed: No such file" in left_to_do(Part(settings(), SCOPE), file, write=True)


def test_no_option_asks_for_no_part() -> None:
    assert not asked_for(None, None, frozenset(), None)
    assert asked_for(["orders"], None, frozenset(), None)
    assert asked_for(None, ["readers"], frozenset(), None)


def test_an_option_that_is_for_a_part_only_is_refused_without_one() -> None:
    with pytest.raises(CouldNotRun, match="--write-stack-file without --topic"):
        asked_for(None, None, frozenset(), None, write=True)
    with pytest.raises(CouldNotRun, match="--accept-coupled without --topic"):
        asked_for(None, None, frozenset(), ["ann"])
