"""The rules between settings: each setting is valid, but some combinations are not.

A rule is a function of the settings that yields problems. The rules are checked even if other settings are
broken: then a `Draft` takes the place of the settings, and a rule that reads a broken setting is skipped.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping

from settings.consistency import (
    clusters,
    credentials,
    cutover,
    filters,
    heartbeats,
    mirrors,
    msk_iam,
    open_sources,
    overrides,
    resources,
    users,
    verification,
    workers,
)
from settings.draft import Draft, judged
from settings.model import Settings
from settings.problems import Problem

RULES = (
    *clusters.RULES,
    *credentials.RULES,
    *open_sources.RULES,
    *msk_iam.RULES,
    *cutover.RULES,
    *filters.RULES,
    *heartbeats.RULES,
    *users.RULES,
    *workers.RULES,
    *resources.RULES,
    *overrides.RULES,
    *verification.RULES,
)
"""The rules for one mirror."""


def inconsistencies(settings: Settings | Draft) -> Iterator[Problem]:
    """Find the inconsistencies within one mirror."""
    return judged(RULES, typing.cast(Settings, settings))


def mismatches(drafts: Mapping[str, Settings | Draft]) -> Iterator[Problem]:
    """Find the inconsistencies between the mirrors of one stack, keyed by their names."""
    return mirrors.mismatches(typing.cast(Mapping[str, Settings], drafts))
