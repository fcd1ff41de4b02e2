"""The journal: written at once, read by the next run, bounded, and refused where it cannot be read."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.events import Event
from mirror.cutover.journal import ConfigMapJournal, bounded
from mirror.cutover.step import Verdict
from mirror.problems import CouldNotConnect, CouldNotRun
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi

PATH = "/api/v1/namespaces/kafka/configmaps/east-to-west-cutover"


def journal(api: MemoryApi) -> ConfigMapJournal:
    return ConfigMapJournal(cast(Kubernetes, api), settings())


def test_reading_it_writes_nothing() -> None:
    api = MemoryApi()
    assert journal(api).kept("fence", "acls") is None
    assert api.writes == []


def test_the_next_run_finds_what_was_kept() -> None:
    api = MemoryApi()
    journal(api).keep("fence", "acls", [["topic", "orders"]])
    again = journal(api)
    assert again.kept("fence", "acls") == [["topic", "orders"]]
    again.forget("fence", "acls")
    assert journal(api).kept("fence", "acls") is None
    assert api.objects[PATH]["metadata"]["annotations"] == {"region-mirror/mirror": "east-to-west"}


def test_keeping_the_same_again_writes_nothing() -> None:
    api = MemoryApi()
    one = journal(api)
    one.keep("fence", "acls", [1])
    writes = len(api.writes)
    one.keep("fence", "acls", [1])
    assert len(api.writes) == writes


def test_it_keeps_what_changes_something_and_who_did_it() -> None:
    api = MemoryApi()
    one = journal(api)
    one.record(Event("looked", 0.0, "waits", "drain"), "ann@host/1")
    one.record(Event("done", 0.0, "everything is mirrored", "drain"), "ann@host/1")
    [event] = journal(api).events
    assert (event["step"], event["by"]) == ("drain", "ann@host/1")


def test_the_oldest_events_are_dropped_and_nothing_that_an_undo_needs() -> None:
    content: dict[str, Any] = {
        "version": 1,
        "kept": {"fence": {"acls": ["x" * 100]}},
        "events": [{"text": "y" * 100, "number": number} for number in range(100)],
    }
    shorter = json.loads(bounded(content, 1000))
    assert shorter["kept"] == content["kept"]
    assert 0 < len(shorter["events"]) < 100
    assert shorter["events"][-1]["number"] == 99
    with pytest.raises(CouldNotRun, match="what must be put back needs more than 10 bytes"):
        bounded(content, 10)


def test_no_move_of_a_large_estate_ends_because_its_journal_is_full() -> None:
    """2,000 groups on 60 partitions each: `move-groups` was refused behind the fence, and the way out was to
    move fewer topics."""
    api = MemoryApi()
    one = journal(api)
    one.keep("fence", "acls", [["topic", f"orders-{number}"] for number in range(5_000)])
    ends = {f"orders-{number}": [number] for number in range(5_000)}
    one.keep("promote", "target-ends", ends)
    offsets = {f"orders-{topic}": {str(number): 1_000_000 for number in range(12)} for topic in range(5)}
    one.keep("move-groups", "offsets-before", {f"billing-{number}": offsets for number in range(2_000)})
    one.record(Event("done", 0.0, "moved", "move-groups"), "ann@host/1")
    again = journal(api)
    assert len(again.kept("fence", "acls")) == 5_000
    assert again.kept("promote", "target-ends") == ends
    assert again.kept("move-groups", "offsets-before") == {}, "a rollback leaves them: none skips a record"


def test_what_is_expendable_goes_in_its_order_and_only_where_it_must() -> None:
    values = {"promote": {"groups": {"a": 1}, "target-ends": {"orders": [5]}}, "fence": {"acls": ["x" * 60]}}
    content: dict[str, Any] = {"version": 1, "kept": values, "events": []}
    whole = len(bounded(content))
    assert json.loads(bounded(content, whole))["kept"] == values
    one_less = json.loads(bounded(content, whole - 1))["kept"]
    assert one_less == {**values, "promote": {"groups": {}, "target-ends": {"orders": [5]}}}
    assert json.loads(bounded(content, whole - 8))["kept"]["promote"] == {"groups": {}, "target-ends": {}}
    with pytest.raises(CouldNotRun, match="what must be put back needs more than"):
        bounded(content, whole - 40)


def test_an_event_with_much_evidence_drives_out_no_other() -> None:
    """The drain of 30,000 partitions tells the position of each."""
    api = MemoryApi()
    one = journal(api)
    one.record(Event("done", 0.0, "fenced", "fence"), "ann@host/1")
    positions = {f"commerce.orders-{number}": number for number in range(50_000)}
    seen = Verdict("done", "every record is mirrored", evidence={"positions": positions}, remaining=0)
    one.record(Event("done", 1.0, "every record is mirrored", "drain", seen), "ann@host/1")
    first, second = journal(api).events
    assert first["step"] == "fence"
    assert second["verdict"] == {"state": "done", "text": "every record is mirrored", "remaining": 0}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"journal.json": json.dumps({"version": 2})}, "it has version 2, this release reads version 1"),
        ({"journal.json": "{"}, "it is damaged"),
        ({}, "it is damaged"),
    ],
)
def test_a_journal_that_it_cannot_read_is_refused(data: dict[str, str], told: str) -> None:
    api = MemoryApi()
    api.put(PATH, {"metadata": {"name": "east-to-west-cutover"}, "data": data})
    with pytest.raises(CouldNotRun, match=told):
        journal(api)


def test_nobody_is_told_to_delete_what_only_the_journal_has() -> None:
    """The way out was to delete it, which "loses its history only": also the ends at the promotion."""
    api = MemoryApi()
    api.put(PATH, {"metadata": {"name": "east-to-west-cutover"}, "data": {"journal.json": "{"}})
    with pytest.raises(CouldNotRun) as refused:
        journal(api)
    assert "history only" not in refused.value.way_out
    assert "does not know what it has to put back" in refused.value.way_out
    assert "before anybody deletes it" in refused.value.way_out


def test_a_journal_that_somebody_deletes_meanwhile_is_written_again_as_a_whole() -> None:
    """A prune, or a person: the run ended behind the fence, and its rollback knew nothing of what to undo."""
    api = MemoryApi()
    one = journal(api)
    one.keep("fence", "acls", [1])
    del api.objects[PATH]
    one.record(Event("done", 0.0, "fenced", "fence"), "ann@host/1")
    again = journal(api)
    assert again.kept("fence", "acls") == [1]
    assert len(again.events) == 1
    one.keep("move-groups", "offsets-before", {})
    assert journal(api).kept("fence", "acls") == [1]


def test_a_value_that_could_not_be_written_is_written_by_the_next_try() -> None:
    """The engine tries a step again; the second try must not take the value for one that is kept."""
    api = MemoryApi()
    one = journal(api)
    api.dead = True
    for _ in range(2):
        with pytest.raises(CouldNotConnect):
            one.keep("fence", "acls", [1])
    api.dead = False
    one.keep("fence", "acls", [1])
    assert journal(api).kept("fence", "acls") == [1]


def test_an_event_that_could_not_be_written_is_written_with_the_next_one() -> None:
    api = MemoryApi()
    one = journal(api)
    api.dead = True
    with pytest.raises(CouldNotConnect):
        one.record(Event("acting", 0.0, "stops writers", "fence"), "ann@host/1")
    api.dead = False
    one.record(Event("done", 1.0, "fenced", "fence"), "ann@host/1")
    assert [event["event"] for event in journal(api).events] == ["acting", "done"]


def test_it_knows_which_steps_have_acted() -> None:
    """A journal that begins with a rollback was lost, or no cutover has run."""
    api = MemoryApi()
    one = journal(api)
    one.record(Event("undoing", 0.0, "undoing fence", "fence"), "ann@host/1")
    assert not journal(api).knows("fence")
    one.record(Event("done", 1.0, "fenced", "fence-source"), "ann@host/1")
    assert journal(api).knows("fence", "fence-source")


def test_who_slept_does_not_overwrite_what_another_operator_has_written() -> None:
    """Without the ends at the promotion and the fence's ACLs neither `reverse` nor `reopen` is exact."""
    api = MemoryApi()
    journal(api).keep("stop-mirror", "states", {"source connector": "running"})
    slept, other = journal(api), journal(api)
    other.keep("promote", "target-ends", {"orders": [5]})
    with pytest.raises(CouldNotRun, match="another operator has written to it since"):
        slept.record(Event("undo-failed", 0.0, "the lease is lost", "stop-mirror"), "ann@host/1")
    assert journal(api).kept("promote", "target-ends") == {"orders": [5]}
    first, second = journal(MemoryApi()), journal(api := MemoryApi())
    first._kubernetes = cast(Kubernetes, api)
    second.keep("fence", "acls", [1])
    with pytest.raises(CouldNotRun, match="another operator has written"):
        first.keep("fence", "acls", [2])


def test_an_answer_that_was_lost_and_a_label_are_no_other_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    api = MemoryApi()
    one = journal(api)
    one.keep("fence", "acls", [1])
    real = api.request

    def lost(*given: Any, **more: Any) -> dict[str, Any]:
        real(*given, **more)
        raise CouldNotConnect("reaching it", "the connection was closed", "try again")

    with monkeypatch.context() as patch:
        patch.setattr(api, "request", lost)
        with pytest.raises(CouldNotConnect):
            one.keep("fence", "acls", [2])
    one.keep("fence", "acls", [3])
    api.request("PATCH", PATH, "", verb="patch", body={"metadata": {"labels": {"team": "payments"}}})
    one.keep("fence", "acls", [4])
    assert journal(api).kept("fence", "acls") == [4]
