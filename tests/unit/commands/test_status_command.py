"""The exit code of `status` says how it ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from mirror.cli import MODULE, build
from mirror.commands import stack_files, status
from tests.unit.support.made_up import settings


@pytest.mark.parametrize(
    ("flows", "arguments", "code"),
    [
        (True, [], 0),
        (False, [], 1),
        (True, ["--watch", "5"], 130),
        (False, ["--watch", "5"], 130),
    ],
)
def test_a_watch_ends_by_ctrl_c_only(
    flows: bool, arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "choose", lambda *_: stack_files.Chosen((settings(),), Path()))
    monkeypatch.setattr(status, "watch", lambda *_: flows)
    assert CliRunner().invoke(build(MODULE), ["status", *arguments]).exit_code == code
