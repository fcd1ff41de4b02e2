"""The Pulumi program: stack configuration -> settings -> state of both regions -> a RegionMirror for each
mirror -> stack outputs.
"""
# ruff: noqa: E402 - the garbage collector rests while modules are imported

from __future__ import annotations

import gc

gc.disable()  # nearly all that imports create stays: collections on the way only take time

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from components.region_stack import declare
from manifests.metadata import Owner
from mirror.commands.pulumi_project import PulumiProject, find_project
from mirror.estate.all_mirrors import read_estates
from mirror.estate.connection import one_login_each
from mirror.plan.reading import read_plans
from mirror.problems import CouldNotRun
from settings.absent_sections import elsewhere
from settings.load import load_stack
from settings.plain_secrets import plain_secrets, secret_values
from settings.problems import SettingsError
from settings.stack_file import parse_stack_file

MESSAGE_SHOWN = 32
"""Exit code that tells Pulumi's language host that the reason was shown, so that it adds no message.

`pythonProcessExitedAfterShowingUserActionableMessageCode` in pulumi-language-python.
"""


def main() -> None:
    """Declare the mirrors. Problems before that are one message, and nothing is registered."""
    project = pulumi.get_project()
    try:
        config = stack_config(project)
        if not any(config.values()):
            raise without_settings(pulumi.get_stack())
        stack = load_stack(config)
        if problems := plain_secrets(config, encrypted_in(project)):
            raise SettingsError(problems)
        owner = Owner(project, pulumi.get_stack())
        with one_login_each():
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


def without_settings(stack: str) -> CouldNotRun:
    """Return the problem of a stack that has no stack file, such as one with a typing error in its name: each
    required setting is missing, which does not say why.
    """
    found = find_project(Path.cwd())
    file = found.stack_file(stack).relative_to(found.folder) if found else "the stack file"
    others = ", ".join(one for one in found.stacks() if one != stack) if found else ""
    if told := _elsewhere(found, stack):
        happened = f"{file} has none of this project. {told}"
        return CouldNotRun(f"reading the settings of stack {stack}", happened, "correct the file")
    return CouldNotRun(
        f"reading the settings of stack {stack}",
        f"there are none: {file} is missing or empty",
        "copy the example that is most like your case to that file (docs/stack-files.md), or choose a stack "
        f"that has one with --stack NAME: {others or 'none has one'}",
    )


def _elsewhere(found: PulumiProject | None, stack: str) -> str:
    try:
        return elsewhere(found.stack_file(stack).read_text(encoding="utf-8"), found.name) if found else ""
    except (OSError, UnicodeDecodeError):
        return ""


def encrypted_in(project: str) -> Callable[[str], bool]:
    """Return a function that tells whether a setting was encrypted, by the stack file.

    Pulumi hands over whole sections, decrypted, and tells only whether a section had an encrypted value. This
    counts for settings that are not in the stack file (`pulumi up --config-file`, ESC).
    """
    found = find_project(Path.cwd())
    file = found.stack_file(pulumi.get_stack()) if found else Path()
    try:
        in_file = dict(secret_values(parse_stack_file(file.read_text(encoding="utf-8"), project)))
    except (OSError, UnicodeDecodeError, SettingsError):
        in_file = {}

    def is_encrypted(path: str) -> bool:
        if path in in_file:
            return not in_file[path]
        return is_config_secret(f"{project}:{path.split('.', maxsplit=1)[0]}")

    return is_encrypted


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text  # plain text instead of a section, which `load` reports


gc.freeze()
gc.enable()
main()
