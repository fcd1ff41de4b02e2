"""The Pulumi program: stack configuration -> settings -> what both regions have -> a RegionMirror for each
mirror -> stack outputs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from components.region_stack import declare
from mirror.estate.all_mirrors import read_estates
from mirror.plan.reading import read_plans
from mirror.problems import CouldNotRun
from settings.load import load_stack
from settings.plain_secrets import plain_secrets
from settings.problems import SettingsError

SAID = 32
"""Exit code by which Pulumi's language host knows that the reason has been shown, and adds no line of its
own.

`pythonProcessExitedAfterShowingUserActionableMessageCode` in pulumi-language-python.
"""


def main() -> None:
    """Declare the mirrors; whatever is wrong before that is one message, and nothing is registered."""
    project = pulumi.get_project()
    try:
        stack = load_stack(stack_config(project))
        if problems := plain_secrets(stack, lambda section: is_config_secret(f"{project}:{section}")):
            raise SettingsError(problems)
        estates = read_estates(stack, Path.cwd())
        mirrors = list(zip(stack, estates, strict=True))
        plans = read_plans(mirrors, Path.cwd())
    except (SettingsError, CouldNotRun) as problem:
        pulumi.log.error(str(problem))
        sys.exit(SAID)
    for name, value in declare(mirrors, plans).items():
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
