"""`python -m mirror offsets`: what is printed where, exit codes, and that nothing is set before it is
agreed to."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mirror.clients.access import ClusterAccess, ScramCredential
from mirror.clients.group_offsets import Commit
from mirror.commands import offsets
from mirror.offsets.applying import OffsetChange, TargetGroups
from mirror.offsets.proposal import proposal
from mirror.offsets.survey import Survey
from mirror.problems import CouldNotRun
from mirror.verify.values.group_partition import GroupPartition
from tests.unit.commands.test_command_line import STACK_FILE
from tests.unit.offsets.test_offsets_are_proposed import at
from tests.unit.support.command_line import Run, runner
from tests.unit.support.made_up import ORDERS

FILE = "group,source_topic,partition,target_topic,target_offset\n"


class Surveyor:
    """Stands for two clusters with one group."""

    def __init__(
        self,
        one: GroupPartition,
        unreadable: dict[str, str] | None = None,
        later: GroupPartition | None = None,
    ) -> None:
        self._one = one
        self._unreadable = unreadable or {}
        self._later = later or one

    def proposals(self, *, exact: bool) -> tuple[list[Any], Survey]:
        return [proposal(self._one, exact=exact)], Survey((self._one,), self._unreadable, "hidden")

    def scene(self, groups: set[str]) -> TargetGroups:
        self._one, now = self._later, self._one
        return TargetGroups({("billing", ORDERS): now}, {}, False, 10)

    def commits(self, groups: set[str]) -> dict[str, Any]:
        return {group: {ORDERS: Commit(6, 0, "stream time")} for group in groups}

    def committing_access(self) -> ClusterAccess:
        return ClusterAccess("west:9093", "", ScramCredential("east-to-west", "secret"), "west")


class Set:
    """What was set, and as whom; `refused` ends it."""

    def __init__(self) -> None:
        self.offsets: list[int] = []
        self.principals: list[str] = []
        self.refused: CouldNotRun | None = None

    def commit(
        self, access: ClusterAccess, changes: Sequence[OffsetChange], done: Callable[[str, int], None]
    ) -> None:
        if self.refused:
            raise self.refused
        assert {change.metadata for change in changes} == {"stream time"}, "as committed on the source"
        self.offsets += [change.row.offset for change in changes]
        self.principals.append(access.credential.principal)
        done("billing", len(changes))


@pytest.fixture
def was_set(monkeypatch: pytest.MonkeyPatch) -> Set:
    seen = Set()
    monkeypatch.setattr(offsets, "commit", seen.commit)
    return seen


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command over a made-up group; `typed` is what somebody at a terminal says."""
    path = tmp_path / "Pulumi.lab.yaml"
    path.write_text(STACK_FILE)

    def start(*words: str, one: GroupPartition, typed: str | None = None, **more: Any) -> int:
        @contextmanager
        def surveyor(*_: object) -> Iterator[Surveyor]:
            yield Surveyor(one, **more)

        monkeypatch.setattr(offsets, "surveyor", surveyor)
        stdin = io.StringIO(typed or "")
        monkeypatch.setattr(stdin, "isatty", lambda: typed is not None)
        monkeypatch.setattr(sys, "stdin", stdin)
        return runner(monkeypatch, "offsets")(*words, "--config-file", path)

    return start


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], str]:
    def written(*lines: str) -> str:
        path = tmp_path / "offsets.csv"
        path.write_text(FILE + "".join(f"{line}\n" for line in lines))
        return str(path)

    return written


def test_the_file_goes_to_stdout_and_the_rest_to_stderr(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", one=at(6, 13)) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == ["billing,orders,0,6,orders,13,behind 3,3,13,"]
    assert "1 offset: 1 behind" in err
    assert "are unknown: hidden" in err


@pytest.mark.parametrize(
    ("words", "lines", "code"),
    [
        (("--group", "bill.*"), 1, 0),
        (("--group", "bill"), 0, 0),
        (("--topic", "orders", "--topic", "x"), 1, 0),
        (("--topic", "orders", "--group", "other"), 0, 0),
        (("--topic", "order"), 0, 0),
    ],
)
def test_only_the_chosen_groups_and_topics_are_written(
    run: Run, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], lines: int, code: int
) -> None:
    assert run("export", *words, one=at(6, 13)) == code
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1 + lines
    assert lines or "0 offsets: no such group has offsets" in err


def test_a_group_that_was_not_asked_for_may_be_unreadable(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", "--group", "billing", one=at(6, 13), unreadable={"audit": "no answer"}) == 0
    assert "audit" not in capsys.readouterr().err
    assert run("export", "--group", "aud.*", one=at(6, 13), unreadable={"audit": "no answer"}) == 1


def test_a_pattern_that_cannot_be_read_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "--group", "[", one=at(6, 13)) == 2
    assert "--group" in capsys.readouterr().err


def test_exact_offsets_are_found_by_content(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "--exact", one=at(6, 13)) == 0
    assert "billing,orders,0,6,orders,16,by-content,0,13," in capsys.readouterr().out


def test_a_group_without_offset_or_one_that_could_not_be_read_is_exit_code_1(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("export", one=at(3, None)) == 1
    assert run("export", one=at(4, 14), unreadable={"audit": "no answer"}) == 1
    assert "group audit is not in the file: no answer" in capsys.readouterr().err


def test_what_is_agreed_to_is_set_as_the_mirrors_user(
    run: Run, was_set: Set, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("apply", file("billing,orders,0,orders,16"), "--yes", one=at(6, 13)) == 0
    assert (was_set.offsets, was_set.principals) == ([16], ["User:east-to-west"])
    out = capsys.readouterr().out
    assert "group billing: 1 offset set" in out
    assert "secret" not in out


@pytest.mark.parametrize(("typed", "code", "offsets_set"), [("y\n", 0, [16]), ("n\n", 1, []), (None, 2, [])])
def test_without_yes_somebody_has_to_agree(
    typed: str | None, code: int, offsets_set: list[int], run: Run, was_set: Set, file: Callable[..., str]
) -> None:
    assert run("apply", file("billing,orders,0,orders,16"), one=at(6, 13), typed=typed) == code
    assert was_set.offsets == offsets_set


@pytest.mark.parametrize(
    ("later", "told"),
    [(at(6, 14), "have changed since the table was printed: nothing was changed"), (at(5, 13), "would skip")],
)
def test_a_group_that_moves_on_before_the_answer_is_not_set(
    later: GroupPartition,
    told: str,
    run: Run,
    was_set: Set,
    file: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An hour later the table was applied as it stood: a group that had read on was set back, unsaid."""
    lines = file("billing,orders,0,orders,16")
    assert run("apply", lines, one=at(6, 13), later=later, typed="y\n") == 1
    assert told in " ".join(capsys.readouterr().out.split())
    assert was_set.offsets == []


def test_one_problem_and_nothing_is_set(
    run: Run, was_set: Set, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = file("billing,orders,0,orders,17", "nobody,orders,0,orders,1")
    assert run("apply", lines, "--yes", one=at(6, 13)) == 1
    out = capsys.readouterr().out
    assert "would skip records" in out
    assert "2 problems: nothing was changed" in out
    assert was_set.offsets == []


def test_a_file_that_is_wrong_is_refused_before_any_cluster_is_asked(
    run: Run, was_set: Set, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("apply", file("billing,orders,zero,orders,17"), "--yes", one=at(6, 13)) == 1
    assert "partition is 'zero'" in capsys.readouterr().out
    assert run("apply", "/no/such/file.csv", "--yes", one=at(6, 13)) == 2
    assert was_set.offsets == []


def test_what_is_so_already_is_left_alone(
    run: Run, was_set: Set, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = file("billing,orders,0,orders,13", "audit,orders,0,orders,")
    assert run("apply", lines, "--yes", one=at(6, 13)) == 0
    assert "nothing to do: 1 offset is already set; 1 line without" in capsys.readouterr().out
    assert was_set.offsets == []


def test_a_refusal_of_the_broker_is_exit_code_2_and_says_how_to_go_on(
    run: Run, was_set: Set, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    was_set.refused = CouldNotRun("setting the offsets of group billing", "unknown member", "run it again")
    assert run("apply", file("billing,orders,0,orders,16"), "--yes", one=at(6, 13)) == 2
    assert "run it again" in capsys.readouterr().err


def test_a_file_gets_no_padding(
    run: Run, was_set: Set, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("apply", file("billing,orders,0,orders,16"), "--yes", one=at(6, 13)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("billing" in line for line in lines)
    assert not [line for line in lines if line != line.rstrip() or len(line) > 120]
