"""The stack files in `stacks/`: examples for people, fixtures for tests.

Secrets in them are placeholders that only Pulumi could decrypt: `SecretText(None)` once loaded.
"""

from __future__ import annotations

from pathlib import Path

from settings.load import load_stack
from settings.model import Settings, Stack
from settings.stack_file import parse_stack_file

STACKS = Path(__file__).parents[1] / "stacks"
NAMES = tuple(
    path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in sorted(STACKS.glob("Pulumi.*.yaml"))
)
"""Stack names: `lab`, `prod-west`, `two-way` ..."""


def text(name: str) -> str:
    """Return the stack file as it lies on disk."""
    return (STACKS / f"Pulumi.{name}.yaml").read_text()


def example(name: str) -> Stack:
    """Return the loaded stack."""
    return load_stack(parse_stack_file(text(name)))


def examples() -> dict[str, Settings]:
    """Return every mirror of every example, keyed `<stack>` or `<stack>/<mirror>` where there are several."""
    found = {}
    for name in NAMES:
        mirrors = example(name).mirrors
        for settings in mirrors:
            found[name if len(mirrors) == 1 else f"{name}/{settings.mirror.name}"] = settings
    return found
