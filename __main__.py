"""The Pulumi program: stack configuration -> settings -> state of both regions -> a RegionMirror for each
mirror -> stack outputs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from components.region_stack import declare
from manifests.metadata import Owner
from mirror.estate.all_mirrors import read_estates
from mirror.plan.reading import read_plans
from mirror.problems import CouldNotRun
from settings.load import load_stack
from settings.plain_secrets import plain_secrets
from settings.problems import SettingsError

MESSAGE_SHOWN = 32
"""Exit code that tells Pulumi's language host that the reason was shown, so that it adds no message.

`pythonProcessExitedAfterShowingUserActionableMessageCode` in pulumi-language-python.
"""


def main() -> None:
    """Declare the mirrors. Problems before that are one message, and nothing is registered."""
    project = pulumi.get_project()
    try:
        stack = load_stack(stack_config(project))
        if problems := plain_secrets(stack, lambda section: is_config_secret(f"{project}:{section}")):
            raise SettingsError(problems)
        owner = Owner(project, pulumi.get_stack())
        estates = read_estates(stack, Path.cwd(), owner)
        mirrors = list(zip(stack, estates, strict=True))
        plans = read_plans(mirrors, Path.cwd(), owner=owner)
    except (SettingsError, CouldNotRun) as problem:
        pulumi.log.error(str(problem))
        sys.exit(MESSAGE_SHOWN)
    for name, value in declare(mirrors, plans).items():
        pulumi.export(name, value)


def stack_config(project: str) -> dict[str, object]:
    """Return the stack's configuration for this project, with unknown sections, which `load` reports."""
    prefix = f"{project}:"
    return {
        key.removeprefix(prefix): _value(text) for key, text in CONFIG.get().items() if key.startswith(prefix)
    }


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text  # plain text instead of a section, which `load` reports


main()
