"""Quarantine topics keep every record, and are created with the partitions of the source topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any, ClassVar

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import NewTopic

from mirror.clients.records import ConfigValue, Topic, Unread
from mirror.clients.topics import Topics
from mirror.cutover.recovery import topics as module
from mirror.cutover.recovery.topics import create, exclusions, largest_batch, largest_record, quarantine
from mirror.problems import CouldNotRun


class Admin:
    """Creates each topic, or fails with a code."""

    made: ClassVar[list[dict[str, Any]]] = []
    created: ClassVar[list[NewTopic]] = []
    fails: ClassVar[dict[str, int]] = {}

    def __init__(self, config: dict[str, Any]) -> None:
        Admin.made.append(config)

    def create_topics(self, new: list[NewTopic], **seconds: float) -> dict[str, Future[None]]:
        assert new, "Kafka refuses to create no topics"
        assert seconds == {"request_timeout": 30.0, "operation_timeout": 30.0}
        Admin.created.extend(new)
        answers: dict[str, Future[None]] = {one.topic: Future() for one in new}
        for name, answer in answers.items():
            if name in Admin.fails:
                answer.set_exception(KafkaException(KafkaError(Admin.fails[name], "refused\nby policy")))
            else:
                answer.set_result(None)
        return answers


@pytest.fixture(autouse=True)
def admin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AdminClient", Admin)
    for name, empty in (("made", []), ("created", []), ("fails", {})):
        monkeypatch.setattr(Admin, name, empty)


def made(wanted: Mapping[str, int], largest: Mapping[str, str] | None = None, **there: int) -> None:
    target = {f"{name}.recovered": Topic(f"{name}.recovered", count, 3) for name, count in there.items()}
    create({"bootstrap.servers": "w:9092"}, "west", Topics({}, target, {}), wanted, largest or {}, {})


def unfit(name: str, matched: Mapping[str, str], config: Mapping[str, str] | Unread) -> str:
    there = Topics({}, {name: Topic(name, 1, 3)}, matched)
    with pytest.raises(CouldNotRun) as caught:
        create({}, "west", there, {name: 1}, {}, {name: config})
    assert caught.value.tried == f"writing to topic {name} on west"
    return f"{caught.value.happened}. {caught.value.way_out}"


def test_records_are_kept_for_ever_whatever_their_keys_and_timestamps() -> None:
    made({quarantine("orders"): 12, quarantine("payments"): 1}, {"payments.recovered": "5000000"})
    orders, payments = Admin.created
    assert (orders.topic, orders.num_partitions, orders.replication_factor) == ("orders.recovered", 12, -1)
    kept = {
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "cleanup.policy": "delete",
        "message.timestamp.type": "CreateTime",
    }
    assert orders.config == kept
    assert payments.config == {**kept, "max.message.bytes": "5000000"}
    assert Admin.made == [
        {"bootstrap.servers": "w:9092", "client.id": "region-mirror-recover", "log_level": 0}
    ]


def test_a_quarantine_topic_has_as_many_replicas_as_the_copy() -> None:
    """The cluster's default may be one, and the old region's log is deleted where it was restored."""
    target = {"orders": Topic("orders", 12, 3)}
    wanted = {"orders.recovered": 12, "gone.recovered": 1}
    create({}, "west", Topics({}, target, {}), wanted, {}, {})
    assert [one.replication_factor for one in Admin.created] == [3, -1]


def test_a_quarantined_record_has_more_headers_than_the_source_topic_may_take() -> None:
    assert largest_record({"max.message.bytes": "1000"}) == "5096"
    assert [largest_record(one) for one in ({}, {"max.message.bytes": "?"}, Unread("no"), None)] == [""] * 4


def test_a_batch_is_no_larger_than_the_smallest_topic_takes() -> None:
    """The broker refuses it else, at each attempt: librdkafka does not divide a batch."""
    assert largest_batch([]) == 1_000_000
    small, large = {"max.message.bytes": "20000"}, {"max.message.bytes": "5000000"}
    assert largest_batch([large, Unread("no"), {}]) == 1_000_000
    assert largest_batch([large, small]) == 20_000
    assert largest_batch([{"max.message.bytes": "0"}]) == 1, "librdkafka takes no smaller one"


def test_a_topic_that_is_there_is_used_if_it_has_the_partitions() -> None:
    made({"orders.recovered": 12}, orders=12)
    made({"orders.recovered": 12}, orders=13)
    assert not Admin.made, "no login where nothing is created"
    made({"orders.recovered": 12, "payments.recovered": 1}, orders=12)
    assert [one.topic for one in Admin.created] == ["payments.recovered"]


def test_a_topic_with_too_few_partitions_is_refused_before_anything_is_created() -> None:
    with pytest.raises(CouldNotRun) as caught:
        made({"payments.recovered": 1, "orders.recovered": 12}, orders=11)
    assert not Admin.created
    assert caught.value.tried == "writing to topic orders.recovered on west"
    assert caught.value.happened == "it has 11 partitions, and the source topic has 12"
    assert "--alter --topic orders.recovered --partitions 12" in caught.value.way_out


def test_a_refusal_says_how_to_go_on() -> None:
    Admin.fails["orders.recovered"] = KafkaError.TOPIC_AUTHORIZATION_FAILED
    with pytest.raises(CouldNotRun) as caught:
        made({"orders.recovered": 1})
    assert caught.value.tried == "creating topic orders.recovered on west"
    assert caught.value.happened == "refused by policy"
    assert "--target-admin-config FILE" in caught.value.way_out


def test_a_topic_that_would_delete_records_again_is_refused() -> None:
    """Else a record that is older than the retention would be deleted at once, and count as recovered."""
    kept = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}
    said = unfit("orders.recovered", {}, {**kept, "retention.ms": "604800000"})
    assert "it has retention.ms=604800000" in said
    assert "--add-config retention.ms=-1`" in said
    said = unfit("orders.recovered", {}, {**kept, "cleanup.policy": "compact", "retention.bytes": "9"})
    assert "it has retention.bytes=9, cleanup.policy=compact" in said
    assert "--add-config retention.bytes=-1,cleanup.policy=delete`" in said
    fit = Topics({}, {"orders.recovered": Topic("orders.recovered", 1, 3)}, {})
    create({}, "west", fit, {"orders.recovered": 1}, {}, {"orders.recovered": kept})
    assert not Admin.created


@pytest.mark.parametrize("seen", [True, False])
def test_one_that_the_verifier_may_not_see_is_asked_for_with_the_login_that_writes(
    seen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`mirror.topics: [orders]` covers no `orders.recovered`. One with a retention took the records all the
    same: Kafka deleted them at once, and they counted as recovered.
    """
    name = "orders.recovered"
    Admin.fails[name] = KafkaError.TOPIC_ALREADY_EXISTS
    answers: dict[str, Any] = {}

    def read(admin: object, names: Sequence[str]) -> dict[str, Any]:
        assert isinstance(admin, Admin), "with the login that writes"
        return {one: answers[one] for one in names}

    monkeypatch.setattr(module, "config_values", read)
    there = Topics({}, {name: Topic(name, 1, 3)} if seen else {}, {})
    configs: dict[str, Mapping[str, str] | Unread] = {name: Unread("not authorized")} if seen else {}

    def write() -> None:
        create({}, "west", there, {name: 1}, {}, configs)

    answers[name] = {"retention.ms": ConfigValue("-1", 1)}
    write()
    answers[name] = {"retention.ms": ConfigValue("604800000", 1)}
    with pytest.raises(CouldNotRun, match=r"it has retention[.]ms=604800000"):
        write()
    answers[name] = Unread("not authorized")
    with pytest.raises(CouldNotRun, match="could not be read: not authorized") as refused:
        write()
    assert "--target-admin-config FILE" in refused.value.way_out
    assert refused.value.tried == f"writing to topic {name} on west"


def test_a_mirrored_topic_of_this_name_is_no_quarantine() -> None:
    matched = {"orders": "orders", "orders.recovered": "orders.recovered"}
    said = unfit("orders.recovered", matched, {})
    assert "it is a mirrored topic" in said
    assert said.endswith("write to the topics themselves: `--to topic --conflicts-to topic`")


def test_only_quarantine_topics_are_left_out_of_the_way_back() -> None:
    """A topic of clients may be named alike: what they write to it since the promotion has to go home."""

    def left_out(*target: str, matched: Mapping[str, str]) -> list[str]:
        return exclusions(Topics({}, {name: Topic(name, 1, 3) for name in target}, matched))

    orders = {"orders": "orders"}
    assert left_out("orders", matched=orders) == [".*[.]recovered"]
    assert left_out("orders", "orders.recovered", matched=orders) == [".*[.]recovered"]
    jobs = {"orders": "orders", "jobs.recovered": "jobs.recovered"}
    assert left_out("orders", "orders.recovered", "jobs.recovered", matched=jobs) == ["orders\\.recovered"]
    prefixed = {"orders": "east.orders"}
    assert left_out("jobs.recovered", "east.orders.recovered", matched=prefixed) == [
        "east\\.orders\\.recovered"
    ]
    both = {"orders": "orders", "orders.recovered": "orders.recovered"}
    assert left_out("orders", "orders.recovered", matched=both) == [], "never a mirrored topic"
