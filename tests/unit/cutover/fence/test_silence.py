"""The proof of the fence: records, markers and open transactions are told apart; silence takes its time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.acls import Acl, deny_write
from mirror.clients.records import Bounds, TopicPartition
from mirror.cutover.fence import prove
from mirror.cutover.fence.prove import QUIET_SECONDS, SILENT_SECONDS, ProveFence
from mirror.cutover.fence.silence import Ends, grown
from mirror.cutover.fence.transaction_log import Holder
from mirror.cutover.step import Options, World
from mirror.problems import CouldNotConnect, CouldNotRun
from tests.unit.support.made_up import settings

A, B = TopicPartition("orders", 0), TopicPartition("payments", 0)


def ends(at: float, a: int, b: int, *, stable: int | None = None) -> Ends:
    return Ends(at, {A: a, B: b}, {A: a if stable is None else stable, B: b})


def test_logs_that_grow_and_partitions_that_are_new() -> None:
    before = Ends(0.0, {A: 10}, {A: 10})
    assert grown(before, Ends(1.0, {A: 12, B: 3}, {})) == {A: (10, 12), B: (0, 3)}
    assert grown(before, before) == {}


def test_a_stable_offset_below_the_end_is_an_open_transaction() -> None:
    assert ends(0.0, 10, 5, stable=8).open == {A: 8}
    assert ends(0.0, 10, 5).open == {}


def test_a_clock_that_is_set_is_no_silence_and_a_topic_may_be_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bounds = {A: Bounds(0, 10)}
    cluster = SimpleNamespace(
        topics=lambda: {"orders": SimpleNamespace(partitions=1)},
        bounds=lambda partitions, level: {one: bounds[one] for one in partitions},
    )
    given = cast(World, SimpleNamespace(sides=lambda: SimpleNamespace(source=cluster)))
    clock = count(0.0, 3600.0)
    monkeypatch.setattr(time, "time", lambda: next(clock))
    first, second = (prove._ends(given, ["deleted-since", "orders"]) for _ in range(2))
    assert first.ends == {A: 10}
    assert second.at - first.at < QUIET_SECONDS


class Source:
    """What the source's logs are at each look, and the records in what they have grown by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looks: Iterator[Ends] = iter(())
        self.records: dict[TopicPartition, int] = {}
        monkeypatch.setattr(prove, "fenced_topics", lambda world: ["orders", "payments"])
        monkeypatch.setattr(prove, "_ends", lambda world, topics: next(self.looks))
        monkeypatch.setattr(prove, "_records", self._records)

    def _records(
        self, world: World, stretches: Mapping[TopicPartition, tuple[int, int]]
    ) -> dict[TopicPartition, int]:
        return {one: count for one, count in self.records.items() if one in stretches}


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    return Source(monkeypatch)


def world(fence: str = "strimzi", admin: Any = None, accepted: frozenset[str] = frozenset()) -> World:
    made = SimpleNamespace(
        settings=SimpleNamespace(fence=fence, mirror=settings().mirror),
        source_admin=admin,
        options=Options(accept_unfenced=accepted),
        sides=lambda: SimpleNamespace(source=SimpleNamespace(access=None)),
    )
    return cast(World, made)


def test_quiet_logs_are_proven_after_a_while(source: Source) -> None:
    step = ProveFence()
    source.looks = iter([ends(0.0, 10, 5), ends(1.0, 10, 5), ends(QUIET_SECONDS, 10, 5)])
    looks = [step.look(world()) for _ in range(3)]
    assert [one.state for one in looks] == ["waiting", "waiting", "done"]
    assert looks[2].text.endswith("nobody may write by the KafkaUsers")


def test_who_was_accepted_as_unfenced_is_named_in_the_proof(source: Source) -> None:
    step, given = ProveFence(), world(accepted=frozenset({"CN=admin"}))
    source.looks = iter([ends(0.0, 10, 5), ends(QUIET_SECONDS, 10, 5)])
    step.look(given)
    assert step.look(given).text.endswith("except who was accepted as unfenced: CN=admin")


def test_a_marker_is_no_record(source: Source) -> None:
    step = ProveFence()
    source.looks = iter([ends(0.0, 10, 5), ends(QUIET_SECONDS, 11, 5)])
    step.look(world())
    assert step.look(world()).state == "done"


def test_a_record_starts_the_silence_again(source: Source) -> None:
    step = ProveFence()
    source.records = {A: 1}
    source.looks = iter([ends(0.0, 10, 5), ends(5.0, 11, 5), ends(6.0, 11, 5), ends(7.0, 11, 5)])
    states = [step.look(world()) for _ in range(4)]
    assert [one.state for one in states] == ["waiting", "waiting", "waiting", "done"]
    assert states[1].text == "records still arrive: 1 record in orders"


def test_an_open_transaction_is_waited_for_and_named(source: Source) -> None:
    step = ProveFence()
    source.looks = iter([ends(0.0, 10, 5), ends(60.0, 10, 5, stable=8), ends(70.0, 11, 5)])
    step.look(world())
    waiting = step.look(world())
    assert waiting.state == "waiting"
    assert waiting.evidence["open-transactions"] == {"orders-0": 8}
    assert step.look(world()).state == "done"


def test_a_record_after_the_proof_stops_the_cutover(source: Source) -> None:
    step = ProveFence()
    source.looks = iter([ends(0.0, 10, 5), ends(5.0, 10, 5), ends(6.0, 10, 9)])
    step.look(world())
    assert step.look(world()).state == "done"
    source.records = {B: 4}
    late = step.look(world())
    assert (late.state, late.text) == ("blocked", "4 records in payments after the fence was proven")


def test_without_acls_only_a_long_silence_counts(source: Source) -> None:
    step = ProveFence()
    source.looks = iter([ends(0.0, 10, 5), ends(SILENT_SECONDS - 1, 10, 5), ends(SILENT_SECONDS, 10, 5)])
    looks = [step.look(world("manual")) for _ in range(3)]
    assert [one.state for one in looks] == ["waiting", "waiting", "done"]
    assert looks[2].evidence["proof"] == "silence"


def test_who_may_still_write_by_kafkas_acls_is_named(source: Source) -> None:
    allow = Acl("TOPIC", "orders", "LITERAL", "User:ann", "*", "WRITE", "ALLOW")
    acls = {allow}
    admin = SimpleNamespace(acls=lambda access: SimpleNamespace(of_topics=lambda: frozenset(acls)))
    source.looks = iter([ends(0.0, 10, 5)] * 3)
    step = ProveFence()
    assert step.look(world(admin=admin)).text == "by Kafka's ACLs may write: User:ann to orders"
    assert "may write" not in step.look(world(admin=admin, accepted=frozenset({"ann"}))).text
    acls.add(deny_write("orders"))
    assert "may write" not in step.look(world(admin=admin)).text


def test_who_may_write_again_after_the_proof_stops_the_cutover(source: Source) -> None:
    """Later steps go on while this one waits: the promotion would come before the producer is noticed."""
    acls: set[Acl] = set()
    admin = SimpleNamespace(acls=lambda access: SimpleNamespace(of_topics=lambda: frozenset(acls)))
    source.looks = iter([ends(0.0, 10, 5), ends(5.0, 10, 5), ends(9.0, 11, 5)])
    step = ProveFence()
    step.look(world(admin=admin))
    assert step.look(world(admin=admin)).state == "done"
    acls.add(Acl("TOPIC", "orders", "LITERAL", "User:ann", "*", "WRITE", "ALLOW"))
    opened = step.look(world(admin=admin))
    assert (opened.state, opened.evidence["writers"]) == ("blocked", {"User:ann": ["orders"]})
    assert opened.text == "by Kafka's ACLs may write after the fence was proven: User:ann to orders"
    acls.clear()
    source.records = {A: 1}
    late = step.look(world(admin=admin))
    assert (late.state, late.text) == ("blocked", "1 record in orders after the fence was proven")


def test_records_that_could_not_be_read_are_read_by_the_next_look(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = ProveFence()
    source.looks = iter([ends(0.0, 10, 5), ends(1.0, 11, 5), ends(5.0, 11, 5)])
    source.records = {A: 1}
    step.look(world())
    with monkeypatch.context() as away:

        def refused(world: World, stretches: object) -> dict[TopicPartition, int]:
            raise CouldNotConnect("reading", "no answer", "wait")

        away.setattr(prove, "_records", refused)
        with pytest.raises(CouldNotConnect):
            step.look(world())
    assert step.look(world()).text == "records still arrive: 1 record in orders"


def test_who_holds_a_transaction_is_read_once_and_named(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def read(_: object, among: object) -> list[Holder]:
        asked.append(among)
        return [Holder("it's mine", 4000, frozenset({TopicPartition("orders", 0)}), 0)]

    monkeypatch.setattr("mirror.cutover.fence.transactions.read", read)
    seconds = (1.0, 2.0, 3.0)
    source.looks = iter([ends(0.0, 10, 5), *(ends(at, 10, 5, stable=8) for at in seconds)])
    step = ProveFence()
    step.look(world())
    step.look(world())
    assert asked == [], "most transactions end by themselves before the next look"
    verdicts = [step.look(world()), step.look(world())]
    assert len(asked) == 1
    for one in verdicts:
        assert "orders-0, held by it's mine (producer id 4000, since 00:00:00 UTC)" in one.text
        assert """--abort-transaction 'it'"'"'s mine'""" in one.remedy
        assert one.evidence["transactional-ids"] == ["it's mine"]


def test_without_the_administrators_login_the_remedy_says_how_to_find_the_id(source: Source) -> None:
    source.looks = iter([ends(0.0, 10, 5), *(ends(at, 10, 5, stable=8) for at in (1.0, 2.0))])
    step = ProveFence()
    step.look(world())
    assert step.look(world()).remedy == ""
    verdict = step.look(world())
    assert "held by" not in verdict.text
    assert "--source-admin-config FILE" in verdict.remedy
    assert "kafka-transactions.sh describe-producers --topic orders --partition 0" in verdict.remedy


def test_a_named_transaction_is_aborted_once(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror.cutover.fence.transactions.read", lambda *_: [])
    aborted: list[str] = []
    admin = SimpleNamespace(
        acls=lambda access: SimpleNamespace(of_topics=frozenset),
        abort=lambda one, access: aborted.append(one),
    )
    named = cast(Any, world(admin=admin))
    named.options = Options(abort_transactions=frozenset({"payments-1"}))
    source.looks = iter([ends(0.0, 10, 5), ends(1.0, 10, 5, stable=8), ends(2.0, 10, 5, stable=8)])
    step = ProveFence()
    step.look(named)
    assert step.look(named).state == "todo"
    step.do(named, cast(Any, None))
    assert step.look(named).state == "waiting"
    assert aborted == ["payments-1"]


def test_aborting_needs_the_login_of_the_administrator(source: Source) -> None:
    with pytest.raises(CouldNotRun, match="login of the source's administrator is missing"):
        ProveFence().do(world(), cast(Any, None))
