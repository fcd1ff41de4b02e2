"""The printed pipelines that the tests look at, of two environments: with a passphrase, and with OIDC."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from mirror.ci.environments import parse_environments
from mirror.ci.github import Workflow, workflow

CHECKOUT = Path(__file__).parents[3]
TEXT = """
environments:
  - {name: staging, stacks: [staging, "1.0"]}
  - {name: production, stacks: [prod-west]}
branch: release
"""
PLAIN = parse_environments(TEXT, ["staging", "1.0", "prod-west"])
OIDC = parse_environments(
    f"{TEXT}pulumi_organization: acme\nrunner: in-vpc\n", ["staging", "1.0", "prod-west"]
)
NAMES = list(Workflow)


def loaded(name: Workflow, environments: Any = PLAIN) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(workflow(name, environments))
    return found


def jobs(environments: Any = PLAIN) -> Iterator[tuple[Workflow, str, dict[str, Any]]]:
    for name in NAMES:
        for job, content in loaded(name, environments)["jobs"].items():
            yield name, job, content


def steps(environments: Any = PLAIN) -> Iterator[dict[str, Any]]:
    for _, _, job in jobs(environments):
        yield from job["steps"]
