"""A copy with a longer retention on purpose, where the source has its broker's: nothing is deleted sooner."""

from __future__ import annotations

import pytest

from mirror.clients.records import ConfigValue
from mirror.verify.values.topic_config import CopyRules, config_differences

TOPIC, FILE = 1, 4
DAY, WEEK = "86400000", "604800000"


@pytest.mark.parametrize(
    ("name", "source", "copy", "fails"),
    [
        ("retention.ms", DAY, WEEK, False),
        ("retention.ms", DAY, "-1", False),
        ("retention.bytes", "1000", "2000", False),
        ("retention.ms", WEEK, DAY, True),
        ("retention.ms", "-1", WEEK, True),
        ("retention.bytes", "-1", "1000", True),
        ("segment.bytes", "1000", "2000", True),
    ],
)
def test_a_retention_that_keeps_more_is_reported(name: str, source: str, copy: str, fails: bool) -> None:
    """It failed the check until the property was left out for every topic, also where a copy keeps less."""
    here, there = {name: ConfigValue(source, FILE)}, {name: ConfigValue(copy, TOPIC)}
    (one,) = config_differences(here, there, CopyRules(()))
    assert (one.reason is None, one.stays) == (fails, fails)


def test_one_that_mm2_sets_back_fails_as_before() -> None:
    here, there = {"retention.ms": ConfigValue(DAY, TOPIC)}, {"retention.ms": ConfigValue(WEEK, TOPIC)}
    (one,) = config_differences(here, there, CopyRules(()))
    assert (one.reason, one.stays) == (None, False)
