"""`python -m mirror verify`: exit codes, the right stream, no traceback for what is expected."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mirror.commands import verify as command
from mirror.problems import CouldNotConnect, Finding
from mirror.verify.register import NAMES
from mirror.verify.report import CheckResult, Report
from tests.unit.support.command_line import Run, runner

STACK_FILE = """
config:
  region-mirror:source: {alias: east, cluster: east, namespace: kafka, listener: scram,
                         authentication: scram-sha-512, user: mirror-source}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  region-mirror:mirror: {name: east-to-west, topics: [orders]}
"""

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture
def stack_file(tmp_path: Path) -> Path:
    path = tmp_path / "stacks" / "Pulumi.lab.yaml"
    path.parent.mkdir()
    path.write_text(STACK_FILE)
    (tmp_path / "Pulumi.yaml").write_text("name: region-mirror\n")
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What verification was asked; its `outcome` decides what happens."""
    seen: dict[str, Any] = {"outcome": True}

    def verify(settings: object, **options: Any) -> Report:
        seen.update(options, settings=settings)
        outcome = seen["outcome"]
        if isinstance(outcome, Exception):
            raise outcome
        findings = [] if outcome else [Finding("orders-0", "late", "wait")]
        names = [name for name in NAMES if name in options["only"] or not options["only"]]
        checks = tuple(CheckResult.of(name, "s", findings if name == "lag" else []) for name in names)
        report = Report("east-to-west", "east", "west", datetime.now(UTC), 0.5, checks)
        options["progress"](report)
        return report

    monkeypatch.setattr(command, "run_verification", verify)
    return seen


def test_a_proven_mirror_is_0(run: Run, asked: dict[str, Any], stack_file: Path, capsys: Any) -> None:
    assert run("verify", "--config-file", stack_file) == 0
    assert capsys.readouterr().out.startswith(" PROVEN ")
    assert asked["root"] == stack_file.parent.parent
    assert asked["deadline_seconds"] == 0


def test_findings_are_1(run: Run, asked: dict[str, Any], stack_file: Path, capsys: Any) -> None:
    asked["outcome"] = False
    assert run("verify", "--config-file", stack_file, "--wait", 5, "--check", "lag") == 1
    assert asked["only"] == {"lag"}
    assert asked["deadline_seconds"] == 5
    assert "late" in capsys.readouterr().out


def test_some_checks_prove_nothing_of_the_mirror(
    run: Run, asked: dict[str, Any], stack_file: Path, capsys: Any
) -> None:
    assert run("verify", "--config-file", stack_file, "--check", "lag") == 0
    said = capsys.readouterr().out
    assert "PROVEN" not in said
    assert said.startswith(" PASSED IN PART ")
    assert f"1 of {len(NAMES)} checks" in said
    assert run("verify", "--config-file", stack_file, "--check", "lag", "--markdown") == 0
    said = capsys.readouterr().out
    assert "passed in part" in said.splitlines()[0]


def test_what_could_not_run_is_2_and_one_message(
    run: Run, asked: dict[str, Any], stack_file: Path, capsys: Any
) -> None:
    asked["outcome"] = CouldNotConnect("connecting to [east]", "refused", "try later")
    assert run("verify", "--config-file", stack_file, "--json") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "could not run: connecting to [east]: refused\n  Way out: try later\n"


def test_an_unexpected_error_is_2_without_a_traceback(
    run: Run, asked: dict[str, Any], stack_file: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REGION_MIRROR_TRACEBACK", raising=False)
    asked["outcome"] = RuntimeError("oops")
    assert run("verify", "--config-file", stack_file) == 2
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    assert "RuntimeError: oops" in printed.err


def test_json_is_one_document_on_stdout(
    run: Run, asked: dict[str, Any], stack_file: Path, capsys: Any
) -> None:
    run("verify", "--config-file", stack_file, "--json")
    assert json.loads(capsys.readouterr().out)["mirror"] == "east-to-west"


def test_markdown_is_on_stdout(run: Run, asked: dict[str, Any], stack_file: Path, capsys: Any) -> None:
    run("verify", "--config-file", stack_file, "--markdown")
    assert capsys.readouterr().out.startswith("### Mirror `east-to-west`")


def test_json_and_markdown_exclude_each_other(run: Run, stack_file: Path, capsys: Any) -> None:
    assert run("verify", "--config-file", stack_file, "--json", "--markdown") == 2
    assert "exclude each other" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [("-o", "json", "--markdown"), ("--output", "table", "--json"), ("-o", "markdown", "--json")]
)
def test_output_and_its_aliases_must_agree(
    run: Run, stack_file: Path, capsys: Any, options: tuple[str, ...]
) -> None:
    assert run("verify", "--config-file", stack_file, *options) == 2
    error = capsys.readouterr().err
    assert error.count("exclude each other") == 1
    assert f"--output {options[1]} and {options[2]}" in error


def test_output_may_be_said_twice(run: Run, asked: dict[str, Any], stack_file: Path, capsys: Any) -> None:
    assert run("verify", "--config-file", stack_file, "-o", "json", "--json", "--quiet") == 0
    assert json.loads(capsys.readouterr().out)["mirror"] == "east-to-west"


def test_a_pipe_gets_no_padding(run: Run, asked: dict[str, Any], stack_file: Path, capsys: Any) -> None:
    asked["outcome"] = False
    run("verify", "--config-file", stack_file)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [line.rstrip() for line in lines]


def test_a_table_fits_80_columns(
    run: Run, asked: dict[str, Any], stack_file: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    asked["outcome"] = False
    run("verify", "--config-file", stack_file)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_the_version(run: Run, capsys: Any) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == "region-mirror 0.1.0\n"


def test_an_unknown_stack_names_those_there_are(run: Run, capsys: Any) -> None:
    assert run("verify", "--stack", "nowhere") == 2
    error = capsys.readouterr().err
    assert "there is no stacks/Pulumi.nowhere.yaml" in error
    assert "stacks that have a file: lab" in error


def test_no_stack_at_all(run: Run, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    monkeypatch.delenv("PULUMI_STACK", raising=False)
    assert run("verify") == 2
    assert "add --stack NAME" in capsys.readouterr().err


def test_all_problems_of_the_settings_are_named(run: Run, stack_file: Path, capsys: Any) -> None:
    stack_file.write_text(STACK_FILE.replace("name: east-to-west", "nam: east-to-west, tasks_max: none"))
    assert run("verify", "--config-file", stack_file) == 2
    error = capsys.readouterr().err
    assert "mirror.nam" in error
    assert "mirror.tasks_max" in error


def test_a_stack_file_that_is_no_yaml(run: Run, stack_file: Path, capsys: Any) -> None:
    stack_file.write_text("config: [")
    assert run("verify", "--config-file", stack_file) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_help_tells_the_exit_codes(run: Run, capsys: Any) -> None:
    assert run("verify", "--help") == 0
    assert "Exit codes" in capsys.readouterr().out


def test_no_command_needs_a_compiler_to_begin_with() -> None:
    """The Job of a verification has no place to write to, and numba asks for one as soon as it is there."""
    begun = "import sys, mirror.cli; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", begun], cwd=CHECKOUT, check=False).returncode == 0


def test_a_failover_imports_nothing_that_it_does_not_use() -> None:
    """Clients wait for its imports, too."""
    others = ("mirror.verify.run", "mirror.cutover.steps.prove", "mirror.cutover.steps.drain")
    begun = f"import sys, mirror.commands.failover; sys.exit(any(one in sys.modules for one in {others}))"
    assert subprocess.run([sys.executable, "-c", begun], cwd=CHECKOUT, check=False).returncode == 0
