"""What this program declares keeps every rule with severity error, unless a stack asks for less."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from policy.config import PolicyConfig
from policy.documents import Documents
from policy.files import read_file
from policy.register import RULES
from policy.report import context_of, judge

GOLDEN = Path(__file__).parent / "golden"
ASKED = {
    "at-least-once-scram-target": {"source-only-read"},  # offset_syncs_topic_location: source
    "stopped-unverified": {"topics-named", "other-systems-left-out"},  # topics: [.*]
    # A public CA is declared in the stack file, which a manifest does not show.
    "msk-to-strimzi": {"trust-explicit"},
}
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(path.stem for path in GOLDEN.glob("*.yaml")))
def test_golden_manifests_break_no_rule(name: str) -> None:
    documents = Documents(tuple(read_file(GOLDEN / f"{name}.yaml")))
    found = judge(documents, RULES, PolicyConfig(), context_of(PolicyConfig(), NOW))
    assert {one.rule.id for one in found.errors} == ASKED.get(name, set())
