"""Which calls Connect gets, and in which order, is what Strimzi's own operator did."""

from typing import Any

import pytest

from lab.operator.mirror_maker2.connect_rest import Connect, NeverSettled
from lab.operator.mirror_maker2.connector_flow import ConnectorFlow, Outcome
from lab.operator.mirror_maker2.connectors import desired_connectors
from lab.operator.mirror_maker2.names import Names
from lab.operator.mirror_maker2.offsets import Offsets
from tests.unit.operator.fake_connect import FakeConnect

SOURCE, CHECKPOINT = "src->tgt.MirrorSourceConnector", "src->tgt.MirrorCheckpointConnector"
SOURCE_PATH = "/connectors/src%2D%3Etgt.MirrorSourceConnector"
CHECKPOINT_PATH = "/connectors/src%2D%3Etgt.MirrorCheckpointConnector"


@pytest.fixture
def fake() -> FakeConnect:
    return FakeConnect()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.operator.mirror_maker2.connect_rest.time.sleep", lambda seconds: None)


def reconcile(fake: FakeConnect, resource: dict[str, Any], removed: list[str] | None = None) -> Outcome:
    fake.calls.clear()
    connect = Connect(["http://connect"], conflict_seconds=10, transport=fake.transport)
    remove = (removed if removed is not None else []).extend
    offsets = Offsets(lambda name: None, lambda manifest: None, remove)
    flow = ConnectorFlow(connect, resource, remove, offsets)
    return flow.reconcile(desired_connectors(resource["spec"], Names("mm2", "dr")))


def of_connector(calls: list[str], path: str) -> list[str]:
    return [call for call in calls if path in call or call.startswith("POST /connectors ")]


def test_creation_then_nothing_to_do_as_observed(
    fake: FakeConnect, resource: dict[str, Any], rest_calls: list[str]
) -> None:
    """Strimzi works on its connectors side by side: what is compared is the order for each connector."""
    observed = [" ".join(line.split(" ", 2)[:2]) for line in rest_calls]
    again = [i for i, call in enumerate(observed) if call == "GET /connectors"]
    first, second = observed[: again[1]], observed[again[1] : again[2]]
    reconcile(fake, resource)
    created = list(fake.calls)
    reconcile(fake, resource)
    for path in (SOURCE_PATH, CHECKPOINT_PATH):
        for ours, theirs in ((created, first), (fake.calls, second)):
            assert [call for call in ours if path in call] == [call for call in theirs if path in call]
    assert created.count("POST /connectors") == 2
    assert fake.calls[0] == "GET /connectors"


def test_a_changed_configuration_is_put(fake: FakeConnect, resource: dict[str, Any]) -> None:
    reconcile(fake, resource)
    resource["spec"]["mirrors"][0]["topicsPattern"] = "other"
    reconcile(fake, resource)
    assert [call for call in fake.calls if SOURCE_PATH in call] == [
        f"GET {SOURCE_PATH}/config",
        f"PUT {SOURCE_PATH}/config",
        f"GET {SOURCE_PATH}/status",
        f"GET {SOURCE_PATH}/status",
        f"GET {SOURCE_PATH}/topics",
    ]
    assert fake.connectors[SOURCE]["topics"] == "other"


def test_the_body_of_a_put_has_the_name_and_that_of_a_post_has_not(
    fake: FakeConnect, resource: dict[str, Any]
) -> None:
    """AbstractConnectOperator.needsReconfiguring (1.2.0) adds the name to the map that is sent afterwards."""
    reconcile(fake, resource)
    assert "name" not in fake.bodies["POST /connectors"]["config"]
    resource["spec"]["mirrors"][0]["topicsPattern"] = "other"
    reconcile(fake, resource)
    put = fake.bodies[f"PUT {SOURCE_PATH}/config"]
    assert (put["name"], put["tasks.max"], put["topics"]) == (SOURCE, 3, "other")


def test_surplus_connectors_are_deleted(fake: FakeConnect, resource: dict[str, Any]) -> None:
    fake.connectors["heartbeat"] = {}
    reconcile(fake, resource)
    assert "DELETE /connectors/heartbeat" in fake.calls
    assert (
        fake.calls[fake.calls.index("DELETE /connectors/heartbeat") + 1] == "GET /connectors/heartbeat/status"
    )
    assert fake.connectors.keys() == {SOURCE, CHECKPOINT}


@pytest.mark.parametrize(
    ("current", "declared", "action"),
    [
        ("RUNNING", "paused", "pause"),
        ("RUNNING", "stopped", "stop"),
        ("PAUSED", None, "resume"),
        ("PAUSED", "stopped", "stop"),
        ("STOPPED", "running", "resume"),
        ("STOPPED", "paused", "pause"),
        ("FAILED", "stopped", "stop"),
        ("FAILED", "running", None),
        ("RUNNING", None, None),
        ("UNASSIGNED", "paused", None),
        ("RESTARTING", "stopped", None),
    ],
)
def test_states(
    fake: FakeConnect, resource: dict[str, Any], current: str, declared: str | None, action: str | None
) -> None:
    reconcile(fake, resource)
    fake.states[SOURCE] = current
    resource["spec"]["mirrors"][0]["sourceConnector"]["state"] = declared
    resource["spec"]["mirrors"][0]["sourceConnector"]["autoRestart"] = None
    reconcile(fake, resource)
    puts = [call for call in fake.calls if call.startswith(f"PUT {SOURCE_PATH}")]
    assert puts == ([f"PUT {SOURCE_PATH}/{action}"] if action else [])


def test_a_failed_connector_cannot_be_paused(fake: FakeConnect, resource: dict[str, Any]) -> None:
    reconcile(fake, resource)
    fake.states[CHECKPOINT] = "FAILED"
    outcome = reconcile(fake, resource)
    assert outcome.failure is not None
    assert outcome.failure.message == f"Connector {CHECKPOINT} cannot be paused since it is in failed state."
    assert [status["name"] for status in outcome.connectors] == [SOURCE]


def test_a_failed_connector_is_a_failure_a_failed_task_is_none(
    fake: FakeConnect, resource: dict[str, Any]
) -> None:
    resource["spec"]["mirrors"][0]["sourceConnector"]["autoRestart"] = None
    reconcile(fake, resource)
    fake.failed_tasks[SOURCE] = [1]
    assert reconcile(fake, resource).failure is None
    fake.states[SOURCE] = "FAILED"
    failure = reconcile(fake, resource).failure
    assert failure is not None
    assert (failure.reason, failure.message) == (
        "NoStackTraceThrowable",
        "One or more connectors are in FAILED state",
    )


def test_failed_tasks_are_restarted_once_until_the_next_is_due(
    fake: FakeConnect, resource: dict[str, Any]
) -> None:
    reconcile(fake, resource)
    fake.failed_tasks[SOURCE] = [0]
    outcome = reconcile(fake, resource)
    restart = f"POST {SOURCE_PATH}/restart?includeTasks=true&onlyFailed=true"
    assert restart in fake.calls
    assert [(s["connectorName"], s["count"]) for s in outcome.auto_restarts] == [(SOURCE, 1)]
    resource["status"] = {"autoRestartStatuses": outcome.auto_restarts}
    again = reconcile(fake, resource)
    assert restart not in fake.calls
    assert again.auto_restarts == outcome.auto_restarts


def test_without_auto_restart_nothing_is_restarted(fake: FakeConnect, resource: dict[str, Any]) -> None:
    resource["spec"]["mirrors"][0]["sourceConnector"]["autoRestart"] = {"enabled": False}
    reconcile(fake, resource)
    fake.failed_tasks[SOURCE] = [0]
    assert reconcile(fake, resource).auto_restarts == []
    assert not [call for call in fake.calls if "restart" in call]


def test_a_refused_configuration_fails_but_the_other_connector_is_done(
    fake: FakeConnect, resource: dict[str, Any]
) -> None:
    refusal = (400, {"error_code": 400, "message": "Connector configuration is invalid"})
    reconcile(fake, resource)
    resource["spec"]["mirrors"][0]["topicsPattern"] = "("
    fake.answers["PUT", f"{SOURCE_PATH}/config"] = [refusal]
    outcome = reconcile(fake, resource)
    assert outcome.failure is not None
    assert outcome.failure.reason == "CompletionException"
    assert outcome.failure.message == (
        "io.strimzi.operator.cluster.operator.assembly.ConnectRestException: "
        f"PUT /connectors/{SOURCE}/config returned 400 (400): Connector configuration is invalid"
    )
    assert [status["name"] for status in outcome.connectors] == [CHECKPOINT]


def test_conflicts_are_retried(fake: FakeConnect, resource: dict[str, Any]) -> None:
    conflict = (409, {"message": "Cannot complete request because of a conflicting operation"})
    fake.answers["POST", "/connectors"] = [conflict] * 3
    fake.answers["GET", f"{SOURCE_PATH}/config"] = [conflict] * 2
    assert reconcile(fake, resource).failure is None
    assert fake.connectors.keys() == {SOURCE, CHECKPOINT}


def test_a_conflict_that_never_settles_ends_without_an_outcome(
    fake: FakeConnect, resource: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two mirrors with one source alias: Strimzi goes on for ever and writes no status."""
    clock = iter(range(10_000))
    monkeypatch.setattr("lab.operator.mirror_maker2.connect_rest.time.monotonic", lambda: next(clock))
    fake.answers["POST", "/connectors"] = [(409, {"message": "already exists"})] * 1000
    with pytest.raises(NeverSettled):
        reconcile(fake, resource)


def test_restart_annotation(fake: FakeConnect, resource: dict[str, Any]) -> None:
    reconcile(fake, resource)
    resource["metadata"]["annotations"] = {
        "strimzi.io/restart-connector": f"{SOURCE}:includeTasks,onlyFailed"
    }
    removed: list[str] = []
    assert reconcile(fake, resource, removed).warnings == []
    assert f"POST {SOURCE_PATH}/restart?includeTasks=true&onlyFailed=true" in fake.calls
    assert removed == ["strimzi.io/restart-connector"]


def test_an_invalid_restart_annotation_is_a_warning(fake: FakeConnect, resource: dict[str, Any]) -> None:
    reconcile(fake, resource)
    resource["metadata"]["annotations"] = {"strimzi.io/restart-connector": f"{SOURCE}:everything"}
    removed: list[str] = []
    outcome = reconcile(fake, resource, removed)
    assert [(w["type"], w["reason"], w["message"]) for w in outcome.warnings] == [
        ("Warning", "RestartConnector", "Invalid annotation format")
    ]
    assert removed == []


def test_restart_task_annotation_that_fails_stays(fake: FakeConnect, resource: dict[str, Any]) -> None:
    reconcile(fake, resource)
    resource["metadata"]["annotations"] = {"strimzi.io/restart-connector-task": f"{SOURCE}:7"}
    fake.answers["POST", f"{SOURCE_PATH}/tasks/7/restart"] = [(404, {"message": "Unknown task"})]
    removed: list[str] = []
    outcome = reconcile(fake, resource, removed)
    assert outcome.warnings[0]["reason"] == "RestartConnectorTask"
    assert outcome.warnings[0]["message"].startswith(f"Failed to restart connector task {SOURCE}:7. ")
    assert removed == []


def test_nobody_answers(resource: dict[str, Any]) -> None:
    outcome = ConnectorFlow(
        Connect([]), resource, lambda keys: None, Offsets(lambda n: None, lambda m: None, lambda keys: None)
    ).reconcile([])
    assert outcome.failure is not None
    assert (outcome.failure.reason, outcome.failure.message) == (
        "CompletionException",
        "java.net.ConnectException",
    )
