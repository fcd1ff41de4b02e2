"""Topics and groups that a stack file lists by name, although MM2 leaves them out."""

from __future__ import annotations

import pytest

from settings.load import load
from settings.problems import SettingsError
from tests.unit.settings.sample import raw, settings


def refused(**changes: object) -> list[str]:
    with pytest.raises(SettingsError) as error:
        load(raw(**changes))
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize(
    ("topic", "rule"),
    [
        ("__orders", "MM2 always leaves out topics that match __.*"),
        (r"audit\.replica", r"MM2 always leaves out topics that match .*\.replica"),
        (r"^mm2-x\.internal$", r"MM2 always leaves out topics that match mm2.*\.internal"),
        (r"west\.checkpoints\.internal", "MM2 takes it for one of its internal topics"),
        (r"(__a|__b)", "MM2 always leaves out topics that match __.*"),
    ],
)
def test_a_listed_topic_that_never_matches(topic: str, rule: str) -> None:
    (problem,) = refused(mirror__topics=["orders", topic])
    assert problem == (
        f"mirror.topics[1] = {topic!r}: can never match: {rule}. Remove it: MM2 mirrors no topic of this name"
    )


def test_a_listed_group_that_never_matches() -> None:
    (problem,) = refused(mirror__groups=["connect-orders-s3"])
    assert problem == (
        "mirror.groups[0] = 'connect-orders-s3': can never match: MM2 always leaves out groups that match "
        "connect-.*. Remove it, and set the group's offsets on the target by hand before its consumers start "
        "there"
    )


def test_a_name_that_only_old_workers_leave_out() -> None:
    (problem,) = refused(mirror__topics=["payments-internal"], workers__version="3.9.0")
    assert "workers of Kafka 3.9.0 take each topic that ends in .internal or -internal" in problem
    assert problem.endswith("Set workers.version to 4.0.0 or newer, or remove the topic")
    assert settings(mirror__topics=["payments-internal"], workers__version="4.0.0")
    assert settings(mirror__topics=["payments-internal"])
    (problem,) = refused(
        mirror__topics=["payments_internal"],
        mirror__replication_policy_separator="_",
        workers__version="3.9.0",
    )
    assert "take each topic that ends in .internal or -internal or _internal for" in problem


@pytest.mark.parametrize("topic", ["__.*", "audit.replica|audit", "(__a|b)", "orders", ".*"])
def test_patterns_that_match_something_are_taken(topic: str) -> None:
    assert settings(mirror__topics=[topic]).mirror.topics == (topic,)
