"""`python -m lab env` gives a shell what `pulumi` needs, and says when the toolchain is not there."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lab import env
from lab.layout import Lab


class Somewhere:
    @staticmethod
    def load() -> Somewhere:
        return Somewhere()

    def environment(self, base: dict[str, str]) -> dict[str, str]:
        return {**base, "PATH": f"/tools:{base['PATH']}", "PULUMI_SKIP_UPDATE_CHECK": "true"}


@pytest.fixture(autouse=True)
def toolchain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "Toolchain", Somewhere)
    monkeypatch.setenv("PATH", "/bin:/usr/bin")


def test_state_and_passphrase_are_the_labs_and_the_tools_come_first(lab: Lab) -> None:
    assert env.pulumi_environment(lab) == {
        "REGION_MIRROR_LAB": str(lab.root),
        "PULUMI_BACKEND_URL": f"file://{lab.root}/pulumi",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(lab.root / "passphrase"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PATH": "/tools:/bin:/usr/bin",
        "REGION_MIRROR_DRILL_LOAD": shlex.join([sys.executable, "-m", "lab.drill"]),
        "REGION_MIRROR_DRILL_OUTAGE": shlex.join([sys.executable, "-m", "lab.drill.outage"]),
    }


def test_a_shell_takes_the_lines_whatever_the_path(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "it's a $lab")
    script = env.export_lines(lab) + 'printf %s "$REGION_MIRROR_LAB"'
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said == str(lab.root)
