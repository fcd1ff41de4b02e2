"""`python -m mirror reverse`: what it refuses before it reads both regions, which takes minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mirror.commands import reverse as command
from tests.unit.support.command_line import runner


def test_a_file_that_exists_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def opened(*_: object, **__: object) -> object:
        raise AssertionError("no region is read")

    monkeypatch.setattr(command, "opened", opened)
    stack = Path(__file__).parents[3] / "stacks" / "Pulumi.prod-west.yaml"
    back = tmp_path / "Pulumi.prod-back.yaml"
    back.write_text("config: {}\n")
    assert runner(monkeypatch, "reverse")("--config-file", stack, "--out", back) == 2
    assert "it exists\n  Way out: name another file" in capsys.readouterr().err
    assert back.read_text() == "config: {}\n"
