"""`python -m mirror recover`: options that have no effect are refused before anything is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.support.command_line import Run, runner

STACK = Path(__file__).parents[3] / "stacks" / "Pulumi.prod-west.yaml"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch, "recover", "--config-file", STACK)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--to", "topic"), "--write is needed with --to topic: nothing would be written"),
        (("--to", "topic", "--conflicts-to", "topic"), "--write is needed"),
        (("--write", "--conflicts-to", "topic"), "--to topic is needed with --conflicts-to topic"),
        (("--conflicts-to", "topic"), "--to topic is needed"),
    ],
)
def test_records_are_never_elsewhere_than_the_options_say(
    run: Run, capsys: Any, options: tuple[str, ...], told: str
) -> None:
    assert run(*options, "--yes") == 2
    printed = capsys.readouterr()
    assert told in printed.err
    assert printed.out == ""
