"""The stack that `pulumi stack select` has chosen for a project, as the CLI keeps it in the user's folder.

Up to 3.255 the CLI keeps one name for each project: {"stack": NAME}. Since 3.256 it keeps one for each
backend: {"stacks": {URL: NAME}}, and reads the older key where the backend has no entry (pkg/workspace:
settings.go, creds.go; pkg/backend/state/stacks.go).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mirror.problems import CouldNotRun


def selected_stack(file: Path, project: str, project_backend: str, environment: Mapping[str, str]) -> str:
    """The stack that is selected for the project of this file, or "". Raises CouldNotRun.

    `project_backend` is the URL in the project file, or "".
    """
    folder = _home(environment) / "workspaces"
    for path in (folder / name for name in _file_names(file, project)):
        try:
            workspace = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            way_out = "name the stack with --stack NAME, or select it again: pulumi stack select NAME"
            raise CouldNotRun(f"reading Pulumi's selected stack from {path}", str(error), way_out) from error
        return selection(workspace, _backend(project_backend, environment))
    return ""


def selection(workspace: Any, backend: str) -> str:
    """The stack that is selected for the backend with this URL. Pure.

    Where the backend is not known ("") and only one has a selection, that is the one.
    """
    if not isinstance(workspace, dict):
        return ""
    found = workspace.get("stacks")
    stacks = found if isinstance(found, dict) else {}
    named = stacks.get(backend, stacks.get(backend.removesuffix("/")))
    if named is None and not backend and len(stacks) == 1:
        (named,) = stacks.values()
    if named is None:
        named = workspace.get("stack")
    return named if isinstance(named, str) else ""


def _file_names(file: Path, project: str) -> Iterator[str]:
    """The names of the workspace's file in the order in which the newest CLI reads them.

    3.274 follows symbolic links in the path of the project file, 3.260 does not.
    """
    for path in dict.fromkeys((os.path.realpath(file), str(file))):
        # Pulumi names the file by the hash; nothing is protected by it.
        digest = hashlib.sha1(path.encode(), usedforsecurity=False).hexdigest()
        yield f"{project}-{digest}-workspace.json"


def _backend(project_backend: str, environment: Mapping[str, str]) -> str:
    """The URL of the backend that Pulumi would use; "" where only Pulumi can tell."""
    return environment.get("PULUMI_BACKEND_URL") or project_backend or _logged_in(environment)


def _logged_in(environment: Mapping[str, str]) -> str:
    folder = environment.get("PULUMI_CREDENTIALS_PATH")
    path = (Path(folder) if folder else _home(environment)) / "credentials.json"
    try:
        current = json.loads(path.read_text(encoding="utf-8")).get("current")
    except (OSError, ValueError, AttributeError):  # none, or encrypted (PULUMI_CREDENTIAL_STORE)
        return ""
    return current if isinstance(current, str) else ""


def _home(environment: Mapping[str, str]) -> Path:
    home = environment.get("PULUMI_HOME")
    return Path(home) if home else Path.home() / ".pulumi"
