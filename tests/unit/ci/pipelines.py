"""The environments of the printed pipelines that the tests look at: with a passphrase, and with OIDC."""

from __future__ import annotations

from pathlib import Path

from mirror.ci.environments import parse_environments
from mirror.ci.github import Workflow

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
