"""no-loss-rules: what somebody has changed in the resource, past Pulumi, fails the verification."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mirror.verify.checks.no_loss_rules import CHECK, judge
from mirror.verify.reading.look import Look, Session
from policy.examples import CHECKPOINT_CONFIG, MIRROR, REMOVED, SOURCE_CONFIG, WORKER, sound
from settings.no_loss import RULES
from tests.unit.settings.sample import settings

SOURCE_STATE = (*MIRROR, "sourceConnector", "state")
SYNC_STATE = (*MIRROR, "checkpointConnector", "state")


def test_a_sound_mirror_passes() -> None:
    result = judge(sound(), "east")
    assert result.passed, result.findings
    assert result.summary == f"the deployed mirror keeps all {len(RULES)} no-loss rules"


@pytest.mark.parametrize(
    ("where", "value", "rule", "told"),
    [
        ((*SOURCE_CONFIG, "errors.tolerance"), "all", "errors-tolerance", "is 'all'"),
        ((*SOURCE_CONFIG, "transforms"), "drop", "records-unchanged", "is 'drop'"),
        ((*CHECKPOINT_CONFIG, "enabled"), False, "connectors-enabled", "is 'False'"),
        ((*WORKER, "producer.acks"), "1", "acks-all", "is '1'"),
        (
            (*SOURCE_CONFIG, "source.consumer.isolation.level"),
            REMOVED,
            "read-committed",
            "is 'read_uncommitted' by Kafka's default",
        ),
        (
            (*CHECKPOINT_CONFIG, "replication.policy.class"),
            REMOVED,
            "replication-policy-agrees",
            "in the checkpoint connector",
        ),
    ],
)
def test_a_field_that_was_added_past_pulumi_fails(where: Any, value: Any, rule: str, told: str) -> None:
    """No preview shows it, and the mirror was PROVEN until it lost a record."""
    result = judge(sound((where, value)), "east")
    [finding] = result.findings
    assert where[-1] in finding.subject
    assert told in finding.message
    assert f"against the stack file and rule {rule}" in finding.message
    assert "`kubectl edit -n kafka kafkamirrormaker2 east-to-west`" in finding.remedy
    assert result.summary == f"the deployed mirror keeps {len(RULES) - 1} of {len(RULES)} no-loss rules"


def test_what_the_stack_file_allows_passes_and_is_said() -> None:
    broken = sound(((*SOURCE_CONFIG, "errors.tolerance"), "all"))
    result = judge(broken, "east", ("errors-tolerance",))
    assert result.passed
    assert result.summary.endswith("; the stack file allows it to break errors-tolerance")


def test_an_idempotent_producer_keeps_the_order_with_five_requests_in_flight() -> None:
    """Loading allows it without exactly-once: the deployed mirror was judged without its idempotence."""
    producer = (*SOURCE_CONFIG, "producer.override.max.in.flight.requests.per.connection")
    at_least_once = (
        ((*WORKER, "exactly.once.source.support"), REMOVED),
        ((*SOURCE_CONFIG, "exactly.once.support"), REMOVED),
    )
    idempotent = ((*SOURCE_CONFIG, "producer.override.enable.idempotence"), True)
    assert judge(sound(*at_least_once, (producer, "5"), idempotent), "east").passed
    assert not judge(sound(*at_least_once, (producer, "6"), idempotent), "east").passed
    assert not judge(sound(*at_least_once, (producer, "5")), "east").passed


def test_a_mirror_of_another_source_is_not_ours() -> None:
    [finding] = judge(sound(), "north").findings
    assert finding.message == "the KafkaMirrorMaker2 mirrors east, and not north"


def test_a_promoted_mirror_copies_nothing() -> None:
    broken = sound(
        ((*SOURCE_CONFIG, "errors.tolerance"), "all"), (SOURCE_STATE, "stopped"), (SYNC_STATE, "stopped")
    )
    result = judge(broken, "east", phase="promoted")
    assert result.passed
    assert result.summary == "the mirror is promoted: it copies nothing any more"


@pytest.mark.parametrize("state", [None, "running", "paused"])
def test_a_promoted_mirror_that_somebody_runs_again_fails(state: Any) -> None:
    """The check passed it, and said that it copies nothing any more."""
    result = judge(sound((SOURCE_STATE, state), (SYNC_STATE, "stopped")), "east", phase="promoted")
    [finding] = result.findings
    assert finding.subject == "sourceConnector.state"
    assert "although the mirror is promoted" in finding.message
    assert "kubectl edit -n kafka kafkamirrormaker2 east-to-west" in finding.remedy


@pytest.mark.parametrize(
    ("value", "told"),
    [(REMOVED, "is 'disabled' by Kafka's default in the"), ("disabled", "is 'disabled'")],
)
@pytest.mark.parametrize("connector", [REMOVED, "required"])
def test_a_mirror_that_lost_exactly_once_fails_where_the_stack_file_asks_for_it(
    value: Any, told: str, connector: Any
) -> None:
    """Where each half agreed with the other all rules were kept, and records came twice after a crash."""
    worker, source = (*WORKER, "exactly.once.source.support"), (*SOURCE_CONFIG, "exactly.once.support")
    without = sound((worker, value), (source, connector))
    assert judge(without, "east").passed == (connector is REMOVED)
    [finding] = judge(without, "east", exactly_once=True).findings
    assert finding.subject == "target.config.exactly.once.source.support"
    assert finding.message.startswith(told)
    assert judge(sound(), "east", exactly_once=True).passed


def test_a_move_may_be_completed_whose_stack_file_says_promoted_already() -> None:
    """Both its step `prove` and a rollback failed, because the source connector still has to run."""
    for resource, passes in ((sound(), True), (sound(((*SOURCE_CONFIG, "errors.tolerance"), "all")), False)):
        look = Look(Session(settings(mirror__phase="promoted"), Path(), ExitStack()), CHECK.reads)
        look.give(CHECK.reads[0], resource)
        assert CHECK.judge(look).passed is passes


@pytest.mark.parametrize(
    ("where", "rule"),
    [
        ((*SOURCE_CONFIG, "refresh.topics.interval.seconds"), "new-topics-mirrored"),
        ((*SOURCE_CONFIG, "sync.topic.configs.interval.seconds"), "topic-configs-synced"),
        ((*CHECKPOINT_CONFIG, "emit.checkpoints.interval.seconds"), "group-offsets-synced"),
        ((*CHECKPOINT_CONFIG, "sync.group.offsets.interval.seconds"), "group-offsets-synced"),
        ((*CHECKPOINT_CONFIG, "refresh.groups.interval.seconds"), "group-offsets-synced"),
    ],
)
@pytest.mark.parametrize("value", [-1, -1.0, "-600"])
def test_a_negative_interval_turns_off_what_the_rule_asks_for(where: Any, rule: str, value: Any) -> None:
    """MM2 schedules nothing then, as with the property `...enabled: false`, and the rule was kept."""
    [finding] = judge(sound((where, value)), "east").findings
    assert f"against the stack file and rule {rule}" in finding.message
    assert judge(sound((where, 5)), "east").passed
