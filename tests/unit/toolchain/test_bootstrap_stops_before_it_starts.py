"""The bootstrap names all that is missing and ends with 2, before it has made anything."""

import os
import subprocess
import sys
from pathlib import Path

from lab import bootstrap


def run(arguments: list[str], **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lab.bootstrap", *arguments],
        cwd=bootstrap.CHECKOUT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_bare_machine(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    result = run([], PATH=str(tmp_path), REGION_MIRROR_CACHE=str(cache), HOME=str(tmp_path))
    assert result.returncode == 2
    for what in ("git", "Go", "Maven"):
        assert f"\n  {what}\n    found:  none on PATH" in result.stderr
    assert not list(cache.glob("venv/*"))


def test_command_is_split_off() -> None:
    options, command = bootstrap.parse(["--only-venv", "--", "pytest", "--", "-x"])
    assert options.only_venv
    assert command == ["pytest", "--", "-x"]
