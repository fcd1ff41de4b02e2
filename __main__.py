"""The Pulumi program: stack configuration -> settings -> state of both regions -> a RegionMirror for each
mirror -> stack outputs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from manifests.metadata import Owner
from mirror.commands.pulumi_project import find_project
from mirror.problems import CouldNotRun
from settings.load import load_stack
from settings.plain_secrets import plain_secrets, secret_values
from settings.problems import SettingsError
from settings.stack_file import parse_stack_file

if TYPE_CHECKING:
    from manifests.estate import Estate
    from mirror.plan.planned import Plan
    from settings.model import Settings

MESSAGE_SHOWN = 32
"""Exit code that tells Pulumi's language host that the reason was shown, so that it adds no message.

`pythonProcessExitedAfterShowingUserActionableMessageCode` in pulumi-language-python.
"""


def main() -> None:
    """Declare the mirrors. Problems before that are one message, and nothing is registered.

    Waiting and computing overlap: modules are imported while the regions answer, and in a preview Pulumi
    starts its plugins while the plans are read. A plan is never a problem: it says what could not be read.
    """
    pool = ThreadPoolExecutor(max_workers=1)
    project = pulumi.get_project()
    try:
        config = stack_config(project)
        stack = load_stack(config)
        if problems := plain_secrets(config, encrypted_in(project)):
            raise SettingsError(problems)
        owner = Owner(project, pulumi.get_stack())
        # Not in the thread: two threads may not import the same packages at once (CPython gh-83065).
        from mirror.estate.all_mirrors import read_estates

        reading = pool.submit(read_estates, stack, Path.cwd(), owner)
        from components.region_stack import declare

        mirrors = list(zip(stack, reading.result(), strict=True))
    except (SettingsError, CouldNotRun) as problem:
        pulumi.log.error(str(problem))
        sys.exit(MESSAGE_SHOWN)
    planning = pool.submit(_read_plans, mirrors, owner)
    # An `up` must not change what its plan is about to read.
    plans = asyncio.wrap_future(planning) if pulumi.runtime.is_dry_run() else planning.result()
    for name, value in declare(mirrors, plans).items():
        pulumi.export(name, value)


def stack_config(project: str) -> dict[str, object]:
    """Return the stack's configuration for this project, with unknown sections, which `load` reports."""
    prefix = f"{project}:"
    return {
        key.removeprefix(prefix): _value(text) for key, text in CONFIG.get().items() if key.startswith(prefix)
    }


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


def _read_plans(mirrors: list[tuple[Settings, Estate]], owner: Owner) -> list[Plan]:
    from mirror.plan.reading import read_plans

    return read_plans(mirrors, Path.cwd(), owner=owner)


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text  # plain text instead of a section, which `load` reports


main()
