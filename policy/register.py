"""The rules, in the order of the report: what loses records, then names and topics, then how the mirror runs.

A new rule is a record in a module of `policy/rules/`, and its module's `RULES` here.
"""

from __future__ import annotations

from policy.rule import Rule
from policy.rules import certificates, flows, names, no_loss, source, stacks, topics, trust, workers

RULES: tuple[Rule, ...] = (
    *source.RULES,
    *flows.RULES,
    *topics.RULES,
    *names.RULES,
    *no_loss.RULES,
    *trust.RULES,
    *certificates.RULES,
    *workers.RULES,
    *stacks.RULES,
)
BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}
