"""When `pulumi up` last verified each mirror of a stack: Pulumi's state, read through its CLI."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TYPE = "region-mirror:index:MirrorVerification"
"""In the URN, which has the types of the parents. The resource's own type is Pulumi's general one."""


def verified_at(stack: str, folder: Path, seconds: float) -> tuple[dict[str, str], str]:
    """Return the time of the newest passed verification by mirror, as ISO 8601, and why none could be read.

    `pulumi stack export` prints secrets encrypted, and needs no passphrase.
    """
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        return {}, "Pulumi's state was not read: there is no `pulumi` on PATH"
    argv = [pulumi, "stack", "export", "--stack", stack, "--non-interactive"]
    try:
        ran = subprocess.run(  # noqa: S603 - a fixed command, the stack's name is one argument
            argv, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return {}, f"Pulumi's state was not read: {type(error).__name__}"
    if ran.returncode:
        said = (ran.stderr.strip() or "no message").splitlines()[0]
        return {}, f"Pulumi's state was not read: {said}"
    try:
        return times(json.loads(ran.stdout)), ""
    except ValueError:
        return {}, "Pulumi's state was not read: `pulumi stack export` printed no JSON"


def times(exported: Mapping[str, Any]) -> dict[str, str]:
    """Return the times in an exported state. Pure."""
    found: dict[str, str] = {}
    deployment = exported.get("deployment") or {}
    for resource in deployment.get("resources") or []:
        outputs = resource.get("outputs") or {}
        at, settings = outputs.get("verified_at"), (resource.get("inputs") or {}).get("settings")
        if _TYPE in str(resource.get("urn", "")) and at and isinstance(settings, Mapping):
            found[str((settings.get("mirror") or {}).get("name"))] = str(at)
    return found
