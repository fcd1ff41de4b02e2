"""The Pulumi program: stack configuration -> settings -> what both regions have -> RegionMirror -> stack
outputs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG

from components.region_mirror import RegionMirror
from mirror.estate import read_estate
from mirror.problems import CouldNotRun
from settings.load import load
from settings.problems import SettingsError

SAID = 32
"""Exit code by which Pulumi's language host knows that the reason has been shown, and adds no line of its
own.

`pythonProcessExitedAfterShowingUserActionableMessageCode` in pulumi-language-python.
"""


def main() -> None:
    """Declare the mirror; whatever is wrong before that is one message, and nothing is registered."""
    try:
        settings = load(stack_config(pulumi.get_project()))
        estate = read_estate(settings, Path.cwd())
    except (SettingsError, CouldNotRun) as problem:
        pulumi.log.error(str(problem))
        sys.exit(SAID)
    mirror = RegionMirror(settings.mirror.name, settings, estate)
    for name, value in mirror.outputs.items():
        pulumi.export(name, value)


def stack_config(project: str) -> dict[str, object]:
    """Return all that the stack configures for this project, unknown sections included: `load` shall name
    them.
    """
    prefix = f"{project}:"
    return {
        key.removeprefix(prefix): _value(text) for key, text in CONFIG.get().items() if key.startswith(prefix)
    }


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text  # a plain string: no section is one, and `load` says so


main()
