"""The no-loss rules: raw properties (`mirror.config`) must not undo the defaults that prevent data loss."""

from __future__ import annotations

from collections.abc import Mapping

from settings.model import Settings
from settings.no_loss.rule import Breach, NoLossRule
from settings.no_loss.table import BY_NAME, CHECKPOINT, CLEANUP_POLICY, CLIENT, RULES, SOURCE, WORKER
from settings.patterns import matches

__all__ = ["BY_NAME", "RULES", "Breach", "NoLossRule", "breaches", "permitted", "sections"]


def sections(settings: Settings) -> dict[str, Mapping[str, str]]:
    """Return the sections of `mirror.config`."""
    raw = settings.mirror.config
    return {
        SOURCE: raw.source_connector,
        CHECKPOINT: raw.checkpoint_connector,
        WORKER: raw.worker,
        CLIENT: raw.source_client,
    }


def breaches(settings: Settings) -> tuple[Breach, ...]:
    """Find every raw property, and every setting, that breaks a rule, allowed or not."""
    raw_ones = tuple(
        Breach(rule, section, key, value)
        for section, raw in sections(settings).items()
        for key, value in raw.items()
        for rule in RULES
        if (test := rule.breaks.get(section, {}).get(key)) and test(value, settings)
    )
    rule = BY_NAME["cleanup-policy-copied"]
    excluding = tuple(
        Breach(rule, "", "topic_configs_exclude", pattern)
        for pattern in settings.mirror.topic_configs_exclude
        if matches((pattern,), CLEANUP_POLICY)
    )
    return raw_ones + excluding


def permitted(settings: Settings) -> tuple[Breach, ...]:
    """Find the breaches that `mirror.allow_data_loss` allows; the preview prints each (`str(breach)`)."""
    return tuple(
        breach for breach in breaches(settings) if breach.rule.name in settings.mirror.allow_data_loss
    )
