"""The baseline is read from the source in bulk, and found again in the ConfigMap beside the mirror."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mirror.clients.records import Bounds, ConfigValue, Topic, TopicPartition, Unread
from mirror.clients.topics import Topics
from mirror.problems import CouldNotConnect, CouldNotRead, NotThere
from mirror.start.baseline import AnotherCluster, Taking, read
from mirror.verify.baseline import Baseline, TopicThen
from mirror.verify.reading import source_state
from mirror.verify.reading.configs import source_configs
from mirror.verify.reading.look import Look, Session, resource, sides, topics
from mirror.verify.reading.parts import Committed, committed, lags
from mirror.verify.register import reads_of
from tests.unit.support.made_up import NOW, record, settings, window_of

TAKEN = Baseline("2026-11-01T00:00:00+00:00", "c", {"orders": TopicThen("id-1", 2, (5, 7))}, ("billing",))


class Source:
    """A cluster of two topics, one of them mirrored, that counts what it is asked."""

    cluster_id = "c"
    access = SimpleNamespace(describe=lambda: "east as mirror-source")

    def __init__(self) -> None:
        self.ids: dict[str, str | Unread] = {"orders": "id-1"}
        self.ends: dict[int, Bounds | Unread] = {0: Bounds(5, 9), 1: Bounds(7, 7)}
        self.asked: list[str] = []
        self.error: Exception | None = None

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def topics(self) -> dict[str, Topic]:
        self.asked.append("topics")
        if self.error:
            raise self.error
        return {"orders": Topic("orders", 2, 1), "secret": Topic("secret", 1, 1)}

    def topic_ids(self, names: Any) -> dict[str, str | Unread]:
        self.asked.append(f"ids of {sorted(names)}")
        return self.ids

    def bounds(self, partitions: Any) -> dict[TopicPartition, Bounds | Unread]:
        self.asked.append("bounds")
        return {one: self.ends[one.partition] for one in partitions}

    def groups(self) -> list[str]:
        return ["billing", "console-consumer-1"]


def at_noon() -> datetime:
    return datetime(2026, 11, 1, tzinfo=UTC)


def test_it_is_read_with_one_question_of_each_kind() -> None:
    source = Source()
    assert read(settings(), source, at_noon) == TAKEN  # type: ignore[arg-type]
    assert source.asked == ["topics", "ids of ['orders']", "bounds"]


def test_a_begin_that_cannot_be_read_is_unknown_and_an_id_that_cannot_ends_it() -> None:
    source = Source()
    source.ends[1] = Unread("no leader")
    assert read(settings(), source, at_noon).topics["orders"].begins == (5, -1)  # type: ignore[arg-type]
    source.ids["orders"] = Unread("Topic authorization failed")
    with pytest.raises(CouldNotRead, match="authorization failed"):
        read(settings(), source, at_noon)  # type: ignore[arg-type]


@pytest.fixture
def taking(monkeypatch: pytest.MonkeyPatch) -> tuple[Taking, Source]:
    made, source = Taking.__new__(Taking), Source()
    made._settings = settings()
    monkeypatch.setattr(made, "_source", lambda: source)
    monkeypatch.setattr("mirror.start.baseline.GRACE_SECONDS", 0.0)
    return made, source


def test_a_preview_asks_for_the_topics_alone(taking: tuple[Taking, Source]) -> None:
    made, source = taking
    assert not made.lacks_something(TAKEN)
    assert made.lacks_something(Baseline("", ""))
    assert source.asked == ["topics"] * 2


def test_what_is_known_is_kept(taking: tuple[Taking, Source]) -> None:
    made, source = taking
    source.ids["orders"] = "id-2"
    assert made.take(TAKEN).topics == TAKEN.topics
    assert made.take(None).topics["orders"].id == "id-2"


def test_another_cluster_is_refused_at_once_while_the_mirror_is_to_run(
    taking: tuple[Taking, Source],
) -> None:
    """MM2 would go on at the positions of the former cluster, and mix the records of both."""
    made, source = taking
    source.cluster_id = "anew"
    for look in (made.lacks_something, made.take):
        with pytest.raises(AnotherCluster, match="it is Kafka cluster anew, and was c"):
            look(TAKEN)


def test_a_mirror_at_rest_is_deployed_and_keeps_its_baseline(taking: tuple[Taking, Source]) -> None:
    made, source = taking
    source.cluster_id = "anew"
    made._settings = replace(settings(), mirror=replace(settings().mirror, state="stopped"))
    assert not made.lacks_something(Baseline("then", "c"))
    assert made.take(TAKEN) == TAKEN


def test_a_cluster_without_an_id_is_no_other_one(taking: tuple[Taking, Source]) -> None:
    made, source = taking
    source.cluster_id = ""
    assert not made.lacks_something(TAKEN)
    assert made.take(TAKEN).topics == TAKEN.topics


def test_a_source_out_of_reach_is_said(taking: tuple[Taking, Source]) -> None:
    made, source = taking
    source.error = CouldNotConnect("connecting", "refused", "wait")
    with pytest.raises(CouldNotConnect):
        made.take(None)


def look(content: dict[str, bytes] | NotThere) -> Look:
    one = Look(Session(settings(), Path(), ExitStack()), reads_of(["source-unbroken"]), NOW)

    def config_map(namespace: str, name: str) -> dict[str, bytes]:
        assert (namespace, name) == ("kafka", "east-to-west-baseline")
        if isinstance(content, NotThere):
            raise content
        return content

    kubernetes = SimpleNamespace(config_map=config_map)
    one.session._deployed = SimpleNamespace(kubernetes=kubernetes)  # type: ignore[assignment]
    nothing: Mapping[str, Any] = {}
    one.give(resource, nothing)
    return one


def test_it_is_found_beside_the_mirror() -> None:
    assert look({"baseline": TAKEN.encode(), "about": b"x"}).of(source_state.baseline) == TAKEN


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (NotThere("reading", "it does not exist", "check"), "there is none"),
        ({"about": b"not taken: no answer in time"}, "not taken: no answer in time"),
        ({"baseline": b"junk"}, "it is damaged"),
    ],
)
def test_without_one_there_is_no_judgement_but_a_way_out(
    content: dict[str, bytes] | NotThere, said: str
) -> None:
    with pytest.raises(CouldNotRead, match=said) as failed:
        look(content).of(source_state.baseline)
    assert "pulumi up" in failed.value.way_out


def now_of(one: Look, **read: Any) -> Any:
    one.give(topics, Topics({"orders": Topic("orders", 2, 1)}, {}, {"orders": "orders"}, source_cluster="c"))
    one.give(sides, SimpleNamespace(source=Source()))  # type: ignore[arg-type]
    one.give(committed, Committed({TopicPartition("orders", 0): 8}, at=NOW))
    late = [record(9, "a", age=50)]
    behind = SimpleNamespace(partition=TopicPartition("orders", 0), window=window_of(late, 9, 10))
    one.give(lags, read.get("lags", [behind]))
    one.give(source_configs, read.get("configs", {"orders": kept_for("100000")}))
    return one.of(source_state.source_now)


def kept_for(milliseconds: str, policy: str = "delete") -> dict[str, ConfigValue]:
    return {"retention.ms": ConfigValue(milliseconds, 1), "cleanup.policy": ConfigValue(policy, 1)}


def test_the_source_is_read_with_the_age_of_what_is_not_mirrored() -> None:
    now = now_of(look({"baseline": TAKEN.encode()}))
    assert now.ids == {"orders": "id-1"}
    assert [(str(one.partition), one.position, one.bounds) for one in now.partitions] == [
        ("orders-0", 8, Bounds(5, 9)),
        ("orders-1", None, Bounds(7, 7)),
    ]
    (risk,) = now.risks
    assert (round(risk.age_seconds), risk.retention_seconds) == (50, 100.0)


@pytest.mark.parametrize(
    "unknown",
    [
        {"configs": {"orders": kept_for("-1")}},
        {"configs": {"orders": kept_for("100000", "compact")}},
        {"configs": {"orders": Unread("refused")}},
        {"configs": CouldNotRead("asking", "refused", "x")},
        {"lags": CouldNotRead("reading", "refused", "x")},
    ],
)
def test_where_retention_is_not_known_nothing_is_told(unknown: dict[str, Any]) -> None:
    assert now_of(look({"baseline": TAKEN.encode()}), **unknown).risks == ()
