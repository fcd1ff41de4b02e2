"""An audit over an Indexed Job of two slices, from the printed manifest to the merged report."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from settings.names import Names
from tests.lab.support.command import run
from tests.lab.support.lab import Regions
from tests.lab.support.objects import BATCH, Objects
from tests.lab.support.own_mirror import OwnMirror
from tests.lab.support.wait import until


@dataclass(frozen=True)
class Audited:
    """What an Indexed Job of two slices came to, and the report that was made of its pods' logs."""

    status: dict[str, Any]
    logs: int
    code: int
    report: dict[str, Any]


def audit(made: OwnMirror, names: Names, objects: Objects, regions: Regions, folder: Path) -> Audited:
    """Print the Job, make it, wait for its end, merge what its pods said."""
    mirror = [sys.executable, "-m", "mirror", "audit"]
    env, project = regions.pulumi_environment(), made.stack.project
    options = [f"--config-file={made.stack.file}", "--slices=2", "--lanes=1"]
    printed = run([*mirror, "job", *options], cwd=project, env=env).ok()
    objects.make(BATCH, "jobs", yaml.safe_load(printed.stdout))
    logs: list[Path] = []
    try:
        status = until(
            "the audit to end",
            lambda: (now := objects.get(BATCH, "jobs", names.audit_job)["status"]).get("conditions") and now,
            seconds=240,
        )
        logs = sorted((regions.lab.logs / "pods").glob(f"*_{names.audit_job}-*.log"))
        said = folder / "audit.log"
        said.write_text("".join(log.read_text() for log in logs))
        merged = run([*mirror, "merge", str(said), "--json"], cwd=project, env=env)
        assert merged.code in (0, 1), f"{merged.output}\n{status}\n{said.read_text()}"
        return Audited(status, len(logs), merged.code, json.loads(merged.stdout))
    finally:
        objects.delete(BATCH, "jobs", names.audit_job)
        until("its pods' logs to go", lambda: not any(log.exists() for log in logs), seconds=60)
