"""The example stacks under `stacks/`, rendered for regions as they would be found."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from manifests.declaration import Declaration
from settings.load import load_stack
from settings.model import Settings, Stack
from settings.stack_file import parse_stack_file
from tests.program.sample import estate

STACKS = Path(__file__).parents[2] / "stacks"
EXAMPLES = tuple(sorted(path.name.split(".")[1] for path in STACKS.glob("Pulumi.*.yaml")))
GOLDEN = Path(__file__).parent / "golden"


def stack(example: str) -> Stack:
    """Return the settings of an example."""
    return load_stack(parse_stack_file((STACKS / f"Pulumi.{example}.yaml").read_text()))


def manifests(settings: Settings) -> list[dict[str, Any]]:
    """Return all that is declared for one mirror, with the Secrets' content hidden."""
    declared = []
    for manifest in copy.deepcopy(Declaration.of(settings, estate(settings)).manifests):
        if manifest["kind"] == "Secret":
            manifest["data"] = dict.fromkeys(manifest["data"], "[secret]")
        declared.append(manifest)
    return declared


def dump(manifests: Iterable[dict[str, Any]]) -> str:
    """Return them as people read them: text of several lines as such."""
    return yaml.dump_all(manifests, Dumper=_Dumper, sort_keys=True, width=110)


class _Dumper(yaml.SafeDumper):
    pass


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def golden(name: str) -> list[dict[str, Any]]:
    """Return the manifests of a committed golden file; none where there is none yet."""
    path = GOLDEN / f"{name}.yaml"
    return list(yaml.safe_load_all(path.read_text())) if path.exists() else []
