"""The stacks of the runs: a mirror of the lab in each of three environments, and more of them to measure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from tests.ci_runs.repository import CHECKOUT

MORE = tuple(f"more-{number}" for number in range(1, 8))
"""With these there are ten stacks."""
ENVIRONMENTS = """\
environments:
  - {name: staging, stacks: [staging]}
  - {name: production, stacks: [production]}
  - {name: last, stacks: [last]}
"""
ENVIRONMENTS_OF_TEN = f"{ENVIRONMENTS}  - {{name: more, stacks: [{', '.join(MORE)}]}}\n"
MIRRORS = {"staging": "east-to-west", "production": "second", "last": "third", **{one: one for one in MORE}}
"""The mirror of each stack."""
ADDED_TOPIC = "returns"
"""What the pull request adds to staging."""
_PREFIX = "region-mirror:"


def stacks(more: Sequence[str] = ()) -> dict[str, str]:
    """Return the text of each stack file. The lab's own stack without one topic, and small mirrors."""
    lab = yaml.safe_load((CHECKOUT / "stacks" / "Pulumi.lab.yaml").read_text())
    lab["config"][f"{_PREFIX}mirror"]["topics"].remove(ADDED_TOPIC)
    return {
        "staging": _text(lab),
        **{one: _text(_small(lab, MIRRORS[one])) for one in ("production", "last", *more)},
    }


def _small(lab: dict[str, Any], alias: str) -> dict[str, Any]:
    """A mirror of one topic, under names of its own."""
    own = yaml.safe_load(yaml.safe_dump(lab))
    config = own["config"]
    config[f"{_PREFIX}source"]["alias"] = alias
    config[f"{_PREFIX}mirror"].update(
        name=alias, topics=["customers"], groups=[f"{alias}-.*"], tasks_max=1, replication_policy="default"
    )
    config[f"{_PREFIX}workers"]["replicas"] = 1
    config[f"{_PREFIX}users"] = {"copy": []}
    return dict(own)


def _text(stack: dict[str, Any]) -> str:
    return yaml.safe_dump(stack, sort_keys=False)
