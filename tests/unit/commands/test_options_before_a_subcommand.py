"""`cutover --stack prod-west rollback` rolled back the selected stack instead, `cutover --dry-run rollback`
for real: the options were those of `cutover`, which did not run.
"""

from __future__ import annotations

from typing import Any

import pytest
from typer.core import TyperGroup

from mirror.cli import command_line, every_command
from mirror.cutover.open import KUBECONFIG
from tests.unit.support.command_line import Run, runner

SAID = "could not run: reading the command line: "
GROUPS = {
    words: list(command.commands)
    for words, command in every_command(command_line())
    if isinstance(command, TyperGroup) and command.invoke_without_command
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch)


def test_the_groups_that_are_commands_themselves_are_these() -> None:
    assert set(GROUPS) == {("audit",), ("cutover",), ("failover",)}


@pytest.mark.parametrize("options", [("--stack", "prod-west"), ("-s", "prod-west"), ("--json",), ("-q",)])
@pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group, names in GROUPS.items() for name in names]
)
def test_they_are_refused(
    run: Run, capsys: Any, group: tuple[str, ...], name: str, options: tuple[str, ...]
) -> None:
    assert run(*group, *options, name) == 2
    printed = capsys.readouterr()
    assert f" before `{name}` would not count" in printed.err
    assert printed.out == ""


def test_a_dry_run_is_none_before_a_rollback(run: Run, capsys: Any) -> None:
    assert run("cutover", "--stack", "prod-west", "--dry-run", "rollback", "--yes") == 2
    assert "--stack, --dry-run before `rollback` would not count" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--stack", "prod-west", "verify"), "--stack is before `verify`"),
        (("--stack=prod-west", "cutover", "rollback"), "--stack is before `cutover`"),
        (("-s", "prod-west", "status"), "-s is before `status`"),
        (("offsets", "--stack", "prod-west", "export"), "--stack is before `export`"),
    ],
)
def test_a_group_without_the_option_says_where_it_belongs(
    run: Run, capsys: Any, words: tuple[str, ...], told: str
) -> None:
    assert run(*words) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("words", [("verify",), ("cutover", "status"), ("offsets", "export")])
def test_a_stack_without_its_option_is_told(run: Run, capsys: Any, words: tuple[str, ...]) -> None:
    assert run(*words, "prod-west") == 2
    assert f"{SAID}prod-west is no option\n  Way out: to name a stack, write `--stack prod-west`" in (
        capsys.readouterr().err
    )


def test_files_are_no_stacks(run: Run, capsys: Any) -> None:
    assert run("policy", "nothing.yaml") == 2
    assert "is no option" not in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--version",), ("verify", "--help"), ("offsets", "--help"), ("--help",)])
def test_options_of_a_group_are_its_own(run: Run, capsys: Any, words: tuple[str, ...]) -> None:
    assert run(*words) == 0
    assert capsys.readouterr().err == ""


def test_a_variable_of_the_environment_counts_for_both(
    run: Run, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KUBECONFIG, "admin.kubeconfig")
    assert run("cutover", "rollback", "--config-file", "nothing.yaml") == 2
    assert "there is no nothing.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["cutover", "rollback"], "--stack"),
        (["failover"], "--mirror"),
        (["verify"], "--stack"),
        (["cutover", "--yes"], "--until"),
        (["failover", "--yes"], "--until"),
        (["ci", "concerned", "--base", "main"], "--only"),
    ],
)
def test_an_empty_value_is_none(
    words: list[str], option: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """`--stack "$STACK"`: with the variable empty, the stack that is selected was rolled back; with `--until`
    the command went on to the promotion.
    """
    monkeypatch.setenv("PULUMI_STACK", "nothing")
    assert runner(monkeypatch, *words)(option, "") == 2
    assert f"Invalid value for '{option}'" in capsys.readouterr().err
