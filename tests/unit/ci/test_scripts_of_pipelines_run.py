"""The scripts of the printed pipelines: run by bash, with commands and options that exist."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup

from mirror.ci.github import MOVES, workflow
from mirror.ci.gitlab import pipeline
from mirror.ci.template import fill, scripts
from mirror.cli import command_line
from mirror.forge.report import read_report
from tests.unit.ci.pipelines import NAMES, OIDC


def test_every_command_in_a_script_exists() -> None:
    root = command_line()
    texts = [*scripts().values(), pipeline(OIDC), *(workflow(name, OIDC) for name in NAMES)]
    found = {words for text in texts for words in re.findall(r"python -m mirror ([^\n|>)]+)", text)}
    moves = re.findall(r'"((?:cutover|failover|drill)[^"]*)"', scripts()["move"])
    assert len(moves) == 2 * len(MOVES)
    for line in [*found, *moves]:
        words = [
            word
            for word in shlex.split(line.replace('"$(cat reports/concerned.json', "x"))
            if word not in ("||", "&")
        ]
        if words[0].startswith("$"):
            continue
        command: Any = root
        while isinstance(command, TyperGroup) and words and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        options = {option for one in command.params for option in one.opts}
        assert not {word for word in words if word.startswith("--")} - options, line


def test_a_report_keeps_output_and_exit_code(tmp_path: Path) -> None:
    script = scripts()["report"] + (
        'report plan md sh -c "echo out; echo err >&2; exit 3"\n'
        "report preview txt sh -c 'echo out; echo err >&2'\n"
    )
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={"STACK": "a", "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert done.returncode == 0
    found = {path.name: path.read_text() for path in (tmp_path / "reports" / "a").iterdir()}
    assert found["plan.md"] == "out\n"
    assert found["plan.txt"] == "err\n"
    assert found["plan.exit"] == "3\n"
    assert found["preview.txt"] == "out\nerr\n"
    assert found["preview.exit"] == "0\n"


@pytest.mark.parametrize(
    ("options", "expected"),
    [("      --show-full-output   Display full length", "--show-full-output"), ("      --show-reads", "")],
)
def test_values_are_shown_whole_where_the_cli_can(tmp_path: Path, options: str, expected: str) -> None:
    """Pulumi 3.276 has the option for a preview, 3.188 does not and shows values whole."""
    pulumi = tmp_path / "pulumi"
    # More output than a pipe holds: the CLI must not be cut off, which `pipefail` would take for a failure.
    pulumi.write_text(f"#!/bin/sh\n[ \"$*\" = 'preview --help' ] || exit 1\necho '{options}'\nseq 100000\n")
    pulumi.chmod(0o755)
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", scripts()["report"] + "echo preview $(full_output) end"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["preview", *expected.split(), "end"]


def test_a_place_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("a: @nothing@", {})
    assert (
        fill("a:\n  @block@\nb: @b@\n", {"block": "- 1\n\n- 2\n", "b": "c"}) == "a:\n  - 1\n\n  - 2\nb: c\n"
    )
    assert fill("a\n  @block@\nb", {"block": ""}) == "a\nb\n"


@pytest.mark.parametrize(
    ("up", "verify", "reports"),
    [
        (0, 0, {"up.exit": "0", "verify.exit": "0"}),
        (0, 1, {"up.exit": "0", "verify.exit": "1"}),
        (255, 0, {"up.exit": "255"}),
    ],
)
def test_a_deployment_keeps_what_it_printed(
    tmp_path: Path, up: int, verify: int, reports: dict[str, str]
) -> None:
    for name, code in (("pulumi", up), (".venv/bin/python", verify)):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\necho {file.name}; echo problem >&2; exit {code}\n")
        file.chmod(0o755)
    done = subprocess.run(
        # No option of the shell but -e: not each runner sets pipefail, without which `tee` hides a failed up.
        ["bash", "-e", "-c", scripts()["report"] + scripts()["deploy"]],
        cwd=tmp_path,
        env={"STACK": "a", "PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "pulumi\nproblem\n"  # in the log, as it is printed
    folder = tmp_path / "reports" / "a"
    assert (folder / "up.txt").read_text() == "pulumi\nproblem\n"
    assert {one.name: one.read_text().strip() for one in folder.glob("*.exit")} == reports
    assert read_report(tmp_path / "reports", "a").passed is (up == verify == 0)


@pytest.mark.parametrize("script", ["deploy", "nightly"])
def test_a_promoted_mirror_does_not_stop_the_stacks_after_it(script: str) -> None:
    (line,) = re.findall(r"python -m mirror verify .*", scripts()[script])
    assert "--as-up" in line
