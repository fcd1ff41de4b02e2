"""Each rule has a passing and a failing example in its module."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from policy.documents import Documents, flattened
from policy.examples import SOUND
from policy.reference import reference
from policy.register import BY_ID, RULES
from policy.rule import Context, Manifests, Rule, Violation
from settings.no_loss import RULES as NO_LOSS_RULES

CONTEXT = Context(datetime(2026, 11, 1, tzinfo=UTC))
DOCS = Path(__file__).parents[3] / "docs"


def violations(rule: Rule, manifests: Manifests) -> list[Violation]:
    return list(rule.judge(Documents(tuple(flattened(manifests, "example"))), CONTEXT))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_passing_example_passes(rule: Rule) -> None:
    assert violations(rule, rule.passing) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_failing_example_fails(rule: Rule) -> None:
    found = violations(rule, rule.failing)
    assert found
    subjects = {one.subject for one in flattened(rule.failing, "example")}
    assert all(one.subject in subjects and one.message for one in found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_refuses_the_sound_mirror(rule: Rule) -> None:
    assert violations(rule, (SOUND,)) == []


def test_every_rule_is_registered_once_and_every_no_loss_rule_is_a_rule() -> None:
    assert len(BY_ID) == len(RULES)
    assert {rule.name for rule in NO_LOSS_RULES} <= set(BY_ID)


def test_the_page_is_what_the_rules_say() -> None:
    assert (DOCS / "policy-rules.md").read_text() == reference(), "docs/policy-rules.md: make docs"
