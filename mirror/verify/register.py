"""The checks, in the order in which a person wants to read them: what runs, what is there, how far behind,
whether the content is the same, whether consumers can move, and what all of it depends on.

A new check is a module in `mirror/verify/checks/` that ends with its record, and its line here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mirror.verify.check import Check
from mirror.verify.checks import (
    certificates_valid,
    connectors_running,
    groups_idle_on_target,
    groups_translated,
    internal_topics_safe,
    lag,
    moved_topics_unwritten,
    no_loss_rules,
    records_match,
    source_unbroken,
    tail_matches,
    topic_configs_match,
    topics_present,
    users_work,
)
from mirror.verify.reading.look import Part

CHECKS: tuple[Check, ...] = (
    connectors_running.CHECK,
    no_loss_rules.CHECK,
    topics_present.CHECK,
    topic_configs_match.CHECK,
    source_unbroken.CHECK,
    lag.CHECK,
    moved_topics_unwritten.CHECK,
    tail_matches.CHECK,
    records_match.CHECK,
    groups_translated.CHECK,
    groups_idle_on_target.CHECK,
    users_work.CHECK,
    certificates_valid.CHECK,
    internal_topics_safe.CHECK,
)
NAMES: tuple[str, ...] = tuple(check.name for check in CHECKS)
BY_NAME: dict[str, Check] = {check.name: check for check in CHECKS}


def reads_of(names: Iterable[str]) -> frozenset[Part[Any]]:
    """The parts that these checks read."""
    return frozenset(part for name in names for part in BY_NAME[name].reads)
