"""The rules between settings: each is sound by itself, but they do not go together.

A rule is a function of the settings that yields problems. It is judged although other settings are broken: a
`Draft` stands for the settings then, and ends a rule that needs a broken one.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping

from settings.consistency import (
    clusters,
    credentials,
    heartbeats,
    mirrors,
    overrides,
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
    *heartbeats.RULES,
    *users.RULES,
    *workers.RULES,
    *overrides.RULES,
    *verification.RULES,
)
"""What is judged of one mirror."""


def inconsistencies(settings: Settings | Draft) -> Iterator[Problem]:
    """Find what does not go together in one mirror."""
    return judged(RULES, typing.cast(Settings, settings))


def mismatches(drafts: Mapping[str, Settings | Draft]) -> Iterator[Problem]:
    """Find what does not go together between the mirrors of one stack, keyed by their names."""
    return mirrors.mismatches(typing.cast(Mapping[str, Settings], drafts))
