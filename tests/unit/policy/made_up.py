"""What the tests of the policy share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from policy.config import PolicyConfig, parse_policy
from policy.documents import Document, Documents, flattened
from policy.examples import MIRROR
from policy.register import BY_ID, RULES
from policy.report import PolicyReport, context_of, judge

STOPPED = tuple(
    ((*MIRROR, connector, "state"), "stopped") for connector in ("sourceConnector", "checkpointConnector")
)
"""Changes of a manifest by which its connectors are stopped."""
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def config(text: str) -> PolicyConfig:
    return parse_policy(text, BY_ID)


def documents(**files: Mapping[str, Any]) -> tuple[Document, ...]:
    return tuple(one for origin, manifest in files.items() for one in flattened([manifest], origin))


def report(
    *judged: Document, policy: str = "", beside: tuple[Document, ...] = (), rule: str = ""
) -> PolicyReport:
    given = config(policy)
    rules = [one for one in RULES if rule in ("", one.id)]
    return judge(Documents(judged), rules, given, context_of(given, NOW), beside)


def ids(found: PolicyReport) -> list[str]:
    return list(dict.fromkeys(one.rule.id for one in found.findings))
