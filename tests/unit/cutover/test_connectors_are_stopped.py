"""The connectors in the KafkaMirrorMaker2: when they are stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from manifests.strimzi.resource import CHECKPOINT_CONNECTOR
from mirror.cutover.connectors.judge import ConnectorState, connector_state, stopping
from tests.unit.cutover.connectors import CHECKPOINTS, resource


def seen(of: dict[str, Any]) -> ConnectorState:
    return connector_state(of, "east", CHECKPOINT_CONNECTOR, CHECKPOINTS)


def verdict(of: dict[str, Any]) -> tuple[str, str]:
    found = stopping([seen(of)], "the checkpoint connector")
    return found.state, found.text


def test_a_connector_that_is_declared_to_run_is_to_stop() -> None:
    assert verdict(resource())[0] == "todo"
    assert verdict(resource(None))[0] == "todo"  # Strimzi runs it


def test_a_declaration_is_not_enough() -> None:
    state, text = verdict(resource("stopped"))
    assert (state, text) == (
        "waiting",
        f"Strimzi has not stopped the checkpoint connector yet: {CHECKPOINTS} is RUNNING with 1 task",
    )
    old = resource("stopped", "STOPPED", 0)
    old["metadata"]["generation"] = 4
    assert verdict(old)[0] == "waiting"
    assert verdict(resource("stopped", "STOPPED", 1))[0] == "waiting"


def test_a_paused_reconciliation_stops_nothing() -> None:
    of = resource("stopped")
    of["status"]["conditions"] = [{"type": "ReconciliationPaused", "status": "True"}]
    found = stopping([seen(of)], "the checkpoint connector")
    assert found.state == "blocked"
    assert "strimzi.io/pause-reconciliation" in found.remedy


def test_it_is_stopped_without_tasks_or_if_it_is_not_declared() -> None:
    assert verdict(resource("stopped", "STOPPED", 0)) == ("done", "the checkpoint connector is stopped")
    without = resource()
    del without["spec"]["mirrors"][1]["checkpointConnector"]
    assert verdict(without)[0] == "done"


NOT_READY = {"type": "NotReady", "status": "True", "reason": "ConnectRestException", "message": "no\n answer"}


def test_what_strimzi_says_is_read_from_the_status() -> None:
    assert seen(resource()) == ConnectorState(CHECKPOINTS, "running", "RUNNING", ("RUNNING",), True)
    of = resource("stopped", "STOPPED", 2)
    of["status"]["connectors"].insert(0, {"name": "east->west.MirrorSourceConnector"})
    of["status"]["conditions"] = [{"type": "Ready", "status": "True"}, {**NOT_READY, "status": "False"}]
    of["metadata"]["generation"] = 4
    assert seen(of) == ConnectorState(CHECKPOINTS, "stopped", "STOPPED", ("RUNNING", "RUNNING"), False)
    of["status"]["conditions"].append(NOT_READY)
    assert seen(of).condition == "NotReady ConnectRestException no answer"
    del of["status"]
    assert seen(of) == ConnectorState(CHECKPOINTS, "stopped", None, (), False)
    of["metadata"] = {}
    assert not seen(of).observed, "neither side names a generation"


def test_a_mirror_from_another_source_declares_no_connector_of_this_one() -> None:
    other = connector_state(
        resource(), "south", CHECKPOINT_CONNECTOR, "south->west.MirrorCheckpointConnector"
    )
    assert other.declared is None
    assert other.state is None


def a(declared: str | None, state: str | None, *tasks: str, **more: Any) -> ConnectorState:
    return ConnectorState(CHECKPOINTS, declared, state, tasks, **{"observed": True, **more})


def test_stopped_needs_the_declaration_and_connects_own_word_of_the_newest_generation() -> None:
    assert a("stopped", "STOPPED").stopped
    for other in (
        a("stopped", "STOPPED", "RUNNING"),
        a("stopped", "RUNNING"),
        a("running", "STOPPED"),
        a("stopped", "STOPPED", observed=False),
    ):
        assert not other.stopped
    assert a("running", "RUNNING", "RUNNING").is_in("running")
    assert a("running", "PAUSED").at_rest
    assert a("running", "STOPPED").at_rest
    assert not a("stopped", "RUNNING").at_rest


def test_without_tasks_nothing_is_copied_though_connect_may_not_have_confirmed_it() -> None:
    assert a("stopped", "RUNNING").without_tasks
    for other in (
        a("stopped", "RUNNING", "RUNNING"),
        a("stopped", None),
        a("running", "RUNNING"),
        a("stopped", "RUNNING", observed=False),
        a("stopped", "RUNNING", condition="NotReady"),
    ):
        assert not other.without_tasks


def test_failures_are_named_with_their_task() -> None:
    failed = a("running", "FAILED", "RUNNING", "FAILED").failed
    assert failed == (f"{CHECKPOINTS} (FAILED)", f"{CHECKPOINTS} task 1 (FAILED)")
    assert a("running", None, "RUNNING").failed == ()
    assert a("running", "RUNNING", "RUNNING").failed == ()
    assert a("stopped", "FAILED", "FAILED").failed == ()


def test_the_verdicts_hold_what_was_seen() -> None:
    first, second = a("running", "RUNNING", "RUNNING"), replace(a("running", "RUNNING"), name="source")
    evidence = {"declared": "running", "state": "RUNNING", "tasks": ["RUNNING"]}
    assert stopping([first], "it").to_json() == {
        "state": "todo",
        "text": f"{CHECKPOINTS} is declared to run",
        "evidence": {CHECKPOINTS: evidence},
    }
    assert stopping([first, second], "they").text == f"{CHECKPOINTS} and source are declared to run"
    paused = stopping([replace(first, declared="paused")], "it")
    assert paused.state == "todo", "a paused connector keeps its tasks"
    ending = a("stopped", None, condition="NotReady no answer")
    assert stopping([ending], "it").to_json() == {
        "state": "waiting",
        "text": f"Strimzi has not stopped it yet: {CHECKPOINTS} is unknown with 0 tasks (NotReady no answer)",
        "remaining": 1,
        "evidence": {CHECKPOINTS: {"declared": "stopped", "state": None, "tasks": []}},
    }
    done = stopping([a("stopped", "STOPPED"), replace(a(None, None), name="source")], "it")
    assert done.to_json() == {
        "state": "done",
        "text": "it is stopped",
        "remaining": 0,
        "evidence": {
            CHECKPOINTS: {"declared": "stopped", "state": "STOPPED", "tasks": []},
            "source": {"declared": None, "state": None, "tasks": []},
        },
    }


def test_a_paused_reconciliation_is_named_with_what_was_seen() -> None:
    ending = a("stopped", "RUNNING", "RUNNING", condition="ReconciliationPaused")
    verdict = stopping([ending], "it").to_json()
    assert verdict["state"] == "blocked"
    assert verdict["text"].startswith("the reconciliation of the KafkaMirrorMaker2 is paused")
    assert verdict["evidence"] == {
        CHECKPOINTS: {"declared": "stopped", "state": "RUNNING", "tasks": ["RUNNING"]}
    }
