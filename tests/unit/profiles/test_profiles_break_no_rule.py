"""No profile sets what a stack file would have to ask permission for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from settings.model import Overrides
from settings.no_loss import breaches
from settings.profiles import tuning
from tests.unit.settings.sample import settings


@pytest.mark.parametrize("profile", ["balanced", "throughput", "low-latency", "wan"])
@pytest.mark.parametrize("exactly_once", [True, False])
@pytest.mark.parametrize("record_bytes", [1, 1024, 5_000_000])
def test_as_overrides_the_values_would_be_let_through(
    profile: str, exactly_once: bool, record_bytes: int
) -> None:
    given = settings(
        mirror__profile=profile,
        mirror__exactly_once=exactly_once,
        mirror__expected_record_bytes=record_bytes,
        mirror__expected_partitions=5000,
    )
    tuned = tuning(given)
    same = Overrides(tuned.source_connector, tuned.checkpoint_connector, tuned.worker)
    assert not breaches(replace(given, mirror=replace(given.mirror, config=same)))


def test_what_breaks_a_rule_would_be_found() -> None:
    given = settings()
    wrong = Overrides(source_connector={"producer.override.acks": "1"})
    assert breaches(replace(given, mirror=replace(given.mirror, config=wrong)))
