"""`python -m lab.workload`: what is missing or wrong is one message and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.layout import LAB_VARIABLE
from lab.workload.__main__ import main


@pytest.mark.parametrize(
    "arguments",
    [
        ["seed"],
        ["produce"],
        ["consume"],
        ["install"],
        ["send", "--topic", "orders", "--key", "k", "--value", "v"],
        ["watch", "--topic", "orders"],
        ["resume", "--group", "audit-review", "--topic", "audit-log", "--max", "5"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_without_a_lab_each_command_says_how_to_start_one(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(LAB_VARIABLE, str(tmp_path))
    monkeypatch.setattr("lab.workload.running.Stopping.listen", lambda self: self)
    assert main(arguments) == 2
    assert "python -m lab up" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["produce", "--rate", "0"], "above 0"),
        (["produce", "--region", "north"], "north"),
        (["resume", "--group", "g", "--max", "-1"], "at least 1"),
        (["send", "--topic", "orders"], "--value"),
        ([], "command"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
