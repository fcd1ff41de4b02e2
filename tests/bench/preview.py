"""What `pulumi preview` and `region-mirror plan` cost beside a preview of the same resources written by hand,
with more and more copied users.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from lab.layout import PROJECT, Lab
from manifests.declaration import Declaration
from mirror.estate.all_mirrors import read_estates
from settings.load import load
from settings.stack_file import parse_stack_file
from tests.bench import users
from tests.bench.measure import show, side_by_side
from tests.lab.support.lab import Regions
from tests.lab.support.stack import CHECKOUT, Stack

ROUNDS = {10: 9, 100: 5, 1000: 3}
"""Copied users: rounds."""

OURS, BY_HAND, READING = "preview of the stack", "preview of the same by hand", "of it, reading both regions"
PLAN = "plan of the stack"


def main(lab: Lab, short: bool = False) -> None:
    """Measure on the lab that runs; its own state stays as it is."""
    rounds_by_count = {2: 1} if short else ROUNDS
    with users.on_the_source(lab, max(rounds_by_count)):
        for count, rounds in rounds_by_count.items():
            with tempfile.TemporaryDirectory(prefix="preview-") as folder:
                _measure(lab, Path(folder), count, rounds)


def _measure(lab: Lab, folder: Path, count: int, rounds: int) -> None:
    state = folder / "state"
    state.mkdir()
    env = {**Regions(lab).pulumi_environment(), "PULUMI_BACKEND_URL": f"file://{state}"}
    stack = Stack.create(folder / "stack", lab.root, "bench", env)
    stack.configure(lambda config: _configure(config, users.names(count)))
    settings = load(parse_stack_file(stack.file.read_text()))
    (estate,) = read_estates((settings,), stack.project)
    manifests = Declaration.of(settings, estate).manifests
    by_hand = _by_hand(folder / "by-hand", lab, env, manifests)
    taken = side_by_side(
        {
            BY_HAND: lambda: _preview(by_hand, env),
            OURS: lambda: _preview(stack.project, env),
            PLAN: lambda: _plan(stack),
            READING: lambda: read_estates((settings,), stack.project),
        },
        rounds,
    )
    show(f"{count} copied users, {len(manifests)} manifests, median of {rounds}", BY_HAND, taken)


def _configure(config: dict[str, Any], copied: list[str]) -> None:
    config["source"]["alias"] = "bench"
    config["mirror"].update({"name": "bench-preview", "replication_policy": "default"})
    config["users"]["copy"] = copied


def _by_hand(folder: Path, lab: Lab, env: Mapping[str, str], manifests: Any) -> Path:
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(
        yaml.safe_dump(
            {
                "name": "by-hand",
                "runtime": {"name": "python", "options": {"virtualenv": str(CHECKOUT / ".venv")}},
            }
        )
    )
    (folder / "__main__.py").write_text((PROJECT / "tests" / "bench" / "by_hand.py").read_text())
    declared = {"kubeconfig": str(lab.root / "west" / "kubeconfig"), "manifests": manifests}
    (folder / "manifests.json").write_text(json.dumps(declared))
    _pulumi(folder, env, "stack", "select", "--create", "--stack", "bench")
    return folder


def _preview(folder: Path, env: Mapping[str, str]) -> None:
    _pulumi(folder, env, "preview", "--stack", "bench")


def _plan(stack: Stack) -> None:
    command = [sys.executable, "-m", "mirror", "plan", "--config-file", str(stack.file)]
    _run(command, stack.project, stack.environment)


def _pulumi(folder: Path, env: Mapping[str, str], *arguments: str) -> None:
    _run(["pulumi", *arguments, "--non-interactive", "--color", "never"], folder, env)


def _run(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=dict(env), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
