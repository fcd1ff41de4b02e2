"""What `status` saw is kept beside the mirror; nothing that looks ever fails for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from mirror.clients.kubernetes import Kubernetes
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.last_look import keeper
from mirror.last_look.keeper import Keeper
from mirror.last_look.record import LastLook, OffsetLook, PartitionLook, decode
from mirror.last_look.store import LastLookStore
from mirror.last_look.take import take
from mirror.problems import CouldNotRead
from mirror.status.snapshot import GroupSeen, OffsetSeen, PartitionSeen, Snapshot, Waiting
from tests.unit.support.made_up import NOW, ORDERS, settings
from tests.unit.support.memory_api import MemoryApi

OTHER = TopicPartition("orders", 1)
PATH = "/api/v1/namespaces/kafka/configmaps/east-to-west-last-look"


def partition(end: int, waiting: Waiting | Unread, one: TopicPartition = ORDERS) -> PartitionSeen:
    return PartitionSeen(one, 7, Bounds(0, end), waiting)


def snapshot(*partitions: PartitionSeen, at: float = NOW, **more: Any) -> Snapshot:
    return Snapshot("east-to-west", "east", "west", at, 0.5, 30.0, partitions, **more)


def group(committed: int, translated: int | None) -> GroupSeen:
    bounds = Bounds(0, 10)
    return GroupSeen("billing", [OffsetSeen(ORDERS, committed, translated, 7, bounds, bounds)])


class Deaf:
    """A Kubernetes API that permits nothing."""

    where = "https://deaf"

    def request(self, *arguments: object, **more: object) -> dict[str, Any]:
        raise CouldNotRead("changing ConfigMap", "forbidden", "grant it")


def store(api: object) -> LastLookStore:
    return LastLookStore(cast(Kubernetes, api), settings())


def test_it_has_what_a_failover_needs() -> None:
    seen = snapshot(
        partition(10, Waiting(2, True, 8, int(NOW * 1000) - 50)),
        partition(30, Unread("no leader"), OTHER),
        groups=[group(9, 6)],
    )
    made = take(seen, "verify")
    assert made is not None
    assert made.partitions[ORDERS] == PartitionLook(10, 7, 2, int(NOW * 1000) - 50)
    assert made.partitions[OTHER].behind == 22, "every offset behind counts where records were not read"
    assert made.groups["billing"].offsets == {ORDERS: OffsetLook(9, 6)}
    assert made.groups["billing"].state == "behind"


def test_a_source_that_does_not_answer_replaces_nothing() -> None:
    silent = PartitionSeen(ORDERS, 7, Unread("no answer"), Unread("no answer"))
    assert take(snapshot(silent), "verify") is None
    api = MemoryApi()
    kept = store(api)
    assert kept.keep(snapshot(partition(10, Waiting(0))), "verify") == ""
    assert kept.keep(snapshot(silent, at=NOW + 60), "verify") == ""
    found = kept.read()
    assert found is not None
    assert found.at == NOW


def test_records_behind_a_hanging_transaction_are_missing_on_the_target() -> None:
    """Others have committed them. A failover told that 0 records were missing."""
    seen = partition(10, Waiting(2, True, 8, int(NOW * 1000) - 50))._replace(held=90)
    made = take(snapshot(seen), "exporter")
    assert made is not None
    assert made.partitions[ORDERS] == PartitionLook(100, 7, 92, int(NOW * 1000) - 50)
    idle = take(snapshot(partition(8, Waiting(0))._replace(held=90)), "exporter")
    assert idle is not None
    assert (idle.behind, idle.unaged) == (90, 1)


SILENT = PartitionSeen(OTHER, 7, Unread("no leader"), Unread("no leader"))


def both(before: PartitionSeen, after: PartitionSeen) -> LastLook:
    """A look that read both partitions, and half a minute later one that read only the first."""
    whole = take(snapshot(partition(10, Waiting(0)), before), "exporter")
    half = take(snapshot(partition(310, Waiting(0)), after, at=NOW + 30), "exporter", whole)
    assert half is not None
    assert half.unread == 1
    assert decode(half.encode()).partitions == half.partitions
    return half


def test_a_partition_that_was_not_read_stays_as_it_was() -> None:
    """The brokers of a region that is lost die one after the other; the last look is of the last of them."""
    oldest = int(NOW * 1000) - 4000
    half = both(partition(30, Waiting(22, True, 8, oldest), OTHER), SILENT)
    assert half.partitions[OTHER] == PartitionLook(30, 7, 22, oldest)
    assert half.behind == 22
    assert half.at - half.covered_until == 34
    moved_on = both(partition(30, Waiting(22, True, 8, oldest), OTHER), SILENT._replace(position=19))
    assert moved_on.partitions[OTHER] == PartitionLook(30, 19, 10, oldest)


def test_a_partition_that_was_not_read_is_covered_until_it_was() -> None:
    half = both(partition(8, Waiting(0), OTHER), SILENT)
    assert (half.behind, half.unaged) == (0, 0)
    assert half.covered_until == NOW
    third = take(snapshot(partition(310, Waiting(0)), SILENT, at=NOW + 60), "exporter", half)
    assert third is not None
    assert third.covered_until == NOW, "not the look before, which did not read it either"
    unaged = both(partition(30, Waiting(22, False), OTHER), SILENT)
    assert unaged.unaged == 1


def test_a_partition_that_is_read_again_has_not_grown_by_all_that_it_holds() -> None:
    whole = take(snapshot(partition(10, Waiting(0)), partition(8_000, Waiting(0), OTHER)), "exporter")
    half = take(snapshot(partition(310, Waiting(0)), SILENT, at=NOW + 30), "exporter", whole)
    assert half is not None
    assert half.appended == {"orders": 10.0}
    stalled = take(snapshot(partition(310, Waiting(0)), SILENT, at=NOW + 60), "exporter", half)
    assert stalled is not None
    assert stalled.appended == {"orders": 10.0}, "what the other partition takes is unknown"
    again = snapshot(partition(310, Waiting(0)), partition(8_060, Waiting(0), OTHER), at=NOW + 90)
    third = take(again, "exporter", stalled)
    assert third is not None
    assert third.appended == {"orders": 2.0}


def test_groups_that_could_not_be_read_stay_as_they_were() -> None:
    before = take(snapshot(partition(10, Waiting(0)), groups=[group(9, 6)]), "verify")
    seen = snapshot(partition(20, Waiting(0)), at=NOW + 30, problems=("listing the groups: refused",))
    after = take(seen, "verify", before)
    assert after is not None
    assert before is not None
    assert after.groups == before.groups
    assert after.problems == ("listing the groups: refused",)


def test_one_group_that_could_not_be_read_stays_as_it_was() -> None:
    """Without offsets a failover would place it nowhere, and its consumers would skip what is mirrored."""
    away = GroupSeen("billing", unread="the coordinator does not answer")
    before = take(snapshot(partition(10, Waiting(0)), groups=[group(9, 6)]), "verify")
    after = take(snapshot(partition(20, Waiting(0)), at=NOW + 30, groups=[away]), "verify", before)
    assert after is not None
    assert after.groups["billing"].offsets == {ORDERS: OffsetLook(9, 6)}
    assert after.groups["billing"].state == "unreadable"
    first = take(snapshot(partition(20, Waiting(0)), groups=[away]), "verify")
    assert first is not None
    assert first.groups["billing"].dropped, "a failover must ask where it was"


def test_a_group_rests_that_committed_nothing_since_the_look_before() -> None:
    def look(at: float, committed: int, before: LastLook | None = None) -> LastLook:
        seen = snapshot(partition(10, Waiting(0)), at=at, groups=[group(committed, 3)])
        taken = take(seen, "verify", before)
        assert taken is not None
        return taken

    first = look(NOW, 4)
    assert not first.groups["billing"].rested, "nothing is known of the time before"
    assert not look(NOW + 9, 4, first).groups["billing"].rested, "clients commit every 5 seconds"
    second = look(NOW + 10, 4, first)
    assert second.groups["billing"].rested
    assert look(NOW + 11, 4, second).groups["billing"].rested
    assert not look(NOW + 60, 5, second).groups["billing"].rested
    assert decode(second.encode()) == second
    unread = snapshot(partition(10, Waiting(0)), at=NOW + 60, problems=["the groups: no answer"])
    carried = take(unread, "verify", second)
    assert carried is not None
    assert not carried.groups["billing"].rested, "it may have committed since"


def test_a_topic_grows_by_offsets_a_second() -> None:
    before = take(snapshot(partition(10, Waiting(0))), "verify")
    after = take(snapshot(partition(310, Waiting(0)), at=NOW + 30), "verify", before)
    assert after is not None
    assert after.appended == {"orders": 10.0}


def test_the_config_map_is_made_where_the_stack_has_declared_none() -> None:
    api = MemoryApi()
    assert store(api).keep(snapshot(partition(10, Waiting(0))), "status --watch") == ""
    assert api.objects[PATH]["data"]["about"] == (
        "1 partition and 0 groups of east, seen by status --watch: up to 0 records were not on west yet"
    )
    found = store(api).read()
    assert found is not None
    assert found.by == "status --watch"


def test_an_empty_config_map_has_no_look_yet() -> None:
    api = MemoryApi()
    api.put(PATH, {"metadata": {"name": "east-to-west-last-look"}})
    assert store(api).read() is None
    assert store(api).keep(snapshot(partition(10, Waiting(0))), "verify") == ""


def test_looks_that_follow_at_once_are_not_written() -> None:
    api = MemoryApi()
    kept = store(api)
    for second in range(25):
        assert kept.keep(snapshot(partition(10 + second, Waiting(0)), at=NOW + second), "status") == ""
    assert len(api.writes) == 3


def test_a_clock_that_was_set_back_does_not_end_the_writing() -> None:
    """The last look stayed as it was for as long as the clock had been ahead."""
    api = MemoryApi()
    kept = store(api)
    for at in (NOW + 3600, NOW):
        assert kept.keep(snapshot(partition(10, Waiting(0)), at=at), "exporter") == ""
    assert kept.last is not None
    assert kept.last.at == NOW


def test_a_refusal_is_told_and_not_raised() -> None:
    reason = store(Deaf()).keep(snapshot(partition(10, Waiting(0))), "verify")
    assert reason == "the last look was not kept: changing ConfigMap: forbidden"
    api = MemoryApi()
    api.put(PATH, {"metadata": {}, "binaryData": {"last-look": "bm90aGluZw=="}})
    kept = store(api)
    told = kept.keep(snapshot(partition(10, Waiting(0))), "verify")
    assert told.startswith("the last look has no rates: "), "a damaged one is replaced, and that is said"
    assert kept.read() is not None


def test_a_login_that_was_renewed_is_taken_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An exporter runs for weeks: the kubeconfig's token expires, and somebody has written a new one."""
    opened: list[object] = [Deaf(), MemoryApi()]
    monkeypatch.setattr(keeper, "connect", lambda target, root: opened.pop(0))
    said: list[str] = []
    keep = Keeper(settings(), tmp_path, "exporter", said.append)
    keep(snapshot(partition(10, Waiting(0))))
    assert said == ["east-to-west: the last look was not kept: changing ConfigMap: forbidden"]
    keep(snapshot(partition(12, Waiting(0)), at=NOW + 30))
    last = keep.last()
    assert last is not None
    assert last.at == NOW + 30
    assert not opened
