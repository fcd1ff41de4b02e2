"""connectors-running: what Strimzi's status says, judged piece by piece."""

from __future__ import annotations

import json
from typing import Any

import pytest

from manifests.metadata import STATES_BEFORE
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR
from mirror.verify.remedies import AFTER_PROMOTION
from tests.unit.verify.connectors import CHECKPOINT, HEALTHY, SOURCE, changed, connector, judged


def test_a_healthy_mirror_passes() -> None:
    result = judged(HEALTHY)
    assert result.passed
    assert result.summary == "2 connectors and 2 tasks RUNNING"


def test_not_ready_is_a_condition_of_its_own_with_status_true() -> None:
    condition = {
        "type": "NotReady",
        "status": "True",
        "reason": "InvalidResourceException",
        "message": "no\nsecret",
    }
    result = judged(changed(conditions=[condition], connectors=[]))
    assert [finding.message for finding in result.findings] == [
        "NotReady, InvalidResourceException: no secret"
    ]


def test_no_status_means_no_operator() -> None:
    result = judged({"metadata": HEALTHY["metadata"]})
    assert "no operator" in result.findings[0].message


def test_paused_reconciliation_is_found() -> None:
    result = judged(changed(conditions=[{"type": "ReconciliationPaused", "status": "True"}], connectors=None))
    assert [finding.remedy for finding in result.findings] == [
        "remove the annotation strimzi.io/pause-reconciliation"
    ]


def test_a_generation_not_observed_yet_is_found() -> None:
    result = judged(changed(observedGeneration=2))
    [finding] = result.findings
    assert finding.subject == "KafkaMirrorMaker2 kafka/east-to-west"
    assert finding.message == "the operator has acted on generation 2, the newest is 3"
    assert finding.remedy.startswith("wait; if it lasts")
    assert result.facts["reconciling"]
    assert not judged(HEALTHY).facts["reconciling"]
    rolling = [connector(SOURCE, tasks=("FAILED",)), connector(CHECKPOINT)]
    assert not judged(changed(observedGeneration=2, connectors=rolling)).facts["reconciling"], "and more"


@pytest.mark.parametrize("absent", [SOURCE, CHECKPOINT])
def test_each_connector_must_be_there(absent: str) -> None:
    left = [one for one in HEALTHY["status"]["connectors"] if one["name"] != absent]
    result = judged(changed(connectors=left))
    [finding] = result.findings
    [other] = left
    assert finding.subject == absent
    assert finding.message == f"Connect runs no such connector; it runs: {other['name']}"
    assert finding.remedy == "wait for the operator, or look at its log"


def test_a_mirror_without_a_connector_says_so_for_both() -> None:
    findings = judged(changed(connectors=None)).findings
    assert [one.subject for one in findings] == [SOURCE, CHECKPOINT]
    assert {one.message for one in findings} == {"Connect runs no such connector; it runs: none"}


def test_a_paused_connector_is_one_finding_whatever_its_tasks_say() -> None:
    paused = connector(SOURCE, "PAUSED", ("PAUSED", "PAUSED"))
    result = judged(changed(connectors=[connector(CHECKPOINT), paused]))
    assert [finding.message for finding in result.findings] == ["it is PAUSED"]
    assert "Strimzi resumes it" in result.findings[0].remedy


@pytest.mark.parametrize("field", [{"state": "stopped"}, {"state": "paused"}, {"pause": True}])
def test_a_connector_that_somebody_stopped_in_the_resource_is_not_left_to_pulumi(field: Any) -> None:
    """`pulumi up` compares with its state: it does not notice the change, and the mirror stays stopped."""
    stopped = changed(connectors=[connector(CHECKPOINT), connector(SOURCE, "STOPPED", ())])
    stopped["spec"] = {"mirrors": [{"source": {"alias": "east"}, "sourceConnector": field}]}
    [finding] = judged(stopped).findings
    assert "outside Pulumi" in finding.remedy
    assert "ci changed-by" in finding.remedy
    assert "deploy" not in finding.remedy
    stopped["spec"]["mirrors"][0]["sourceConnector"] = {"state": "running"}
    [finding] = judged(stopped).findings
    assert "Strimzi resumes it" in finding.remedy


@pytest.mark.parametrize(
    ("before", "move"), [({"source connector": "running"}, "failover"), ({"x": "y"}, "cutover")]
)
def test_a_connector_that_a_move_has_stopped_is_not_to_be_deployed(before: Any, move: str) -> None:
    """`pulumi up` is refused then, and nobody may start the mirror in the middle of a failover."""
    resource = changed(connectors=[connector(CHECKPOINT), connector(SOURCE, "STOPPED", ())])
    resource["metadata"] |= {"annotations": {STATES_BEFORE: json.dumps(before)}}
    [finding] = judged(resource).findings
    assert f"a {move} is in progress" in finding.remedy
    assert f"`region-mirror {move} rollback`" in finding.remedy


def test_a_pause_that_the_stack_declares_is_said_so() -> None:
    paused = connector(SOURCE, "PAUSED", ("PAUSED",))
    result = judged(changed(connectors=[connector(CHECKPOINT), paused]), state="paused")
    assert "mirror.state: running" in result.findings[0].remedy


def test_what_connect_has_not_assigned_needs_patience_and_a_restart_only_if_it_lasts() -> None:
    for state in ("UNASSIGNED", "RESTARTING"):
        [finding] = judged(changed(connectors=[connector(CHECKPOINT), connector(SOURCE, state)])).findings
        assert (finding.subject, finding.message) == (SOURCE, f"it is {state}")
        assert finding.remedy.startswith("wait for Connect to assign it")
        assert f"'strimzi.io/restart-connector={SOURCE}'" in finding.remedy


def test_connectors_that_a_promotion_has_stopped_are_not_to_be_started() -> None:
    stopped = connector(SOURCE, "STOPPED", ())
    [finding] = judged(changed(connectors=[connector(CHECKPOINT), stopped]), state="promoted").findings
    assert finding.remedy == AFTER_PROMOTION


def test_the_facts_hold_states_and_warnings() -> None:
    warning = {"type": "Warning", "status": "True", "reason": "Deprecated", "message": "a field\nis old"}
    ready = {"type": "Ready", "status": "True"}
    result = judged(
        changed(conditions=[ready, warning], connectors=[connector(CHECKPOINT), connector(SOURCE, tasks=())])
    )
    assert result.name == "connectors-running"
    assert result.facts == {
        "reconciling": False,
        "connectors": [
            {"name": CHECKPOINT, "state": "RUNNING", "tasks": ["RUNNING"]},
            {"name": SOURCE, "state": "RUNNING", "tasks": []},
        ],
        "warnings": ["Deprecated: a field is old"],
    }
    assert result.summary == "1 connector, task or resource is not running as it should"
    [finding] = result.findings
    assert (finding.subject, finding.message) == (
        SOURCE,
        "no task is running, so nothing is mirrored (source topics match)",
    )
    assert "Describe and Read on the topics" in finding.remedy


def test_a_resource_that_no_operator_has_made_ready() -> None:
    false = {"type": "Ready", "status": "False"}
    other = {"type": "Other", "status": "True"}
    subject = "KafkaMirrorMaker2 kafka/east-to-west"
    [finding] = judged(changed(conditions=[false], connectors=[])).findings
    assert (finding.subject, finding.message) == (
        subject,
        "it has no status yet: no operator has looked at it",
    )
    assert finding.remedy == "check that the Cluster Operator runs and watches this namespace"
    [finding] = judged(changed(conditions=[other])).findings
    assert (finding.subject, finding.message) == (subject, "it is not Ready")
    assert finding.remedy == "look at the Cluster Operator's log"


def test_a_mirror_that_is_stopped_on_purpose_is_one_finding_without_a_word_on_acls() -> None:
    stopped = connector(SOURCE, "STOPPED", ())
    [finding] = judged(changed(connectors=[connector(CHECKPOINT), stopped]), state="stopped").findings
    assert finding.message == "it is STOPPED"
    assert "mirror.state: running" in finding.remedy
    assert "ACL" not in finding.remedy


@pytest.mark.parametrize(("stopped", "move"), [(SOURCE, "failover"), (CHECKPOINT, "cutover")])
def test_a_move_in_progress_is_named_as_what_has_stopped_it(stopped: str, move: str) -> None:
    """`pulumi up`, which the remedy advised, is refused then; it would undo half of the move."""
    other = connector(SOURCE if stopped == CHECKPOINT else CHECKPOINT)
    resource = changed(connectors=[connector(stopped, "STOPPED", ()), other])
    before = {SOURCE_CONNECTOR: "running"} if move == "failover" else {CHECKPOINT_CONNECTOR: "running"}
    resource["metadata"] = {**resource["metadata"], "annotations": {STATES_BEFORE: json.dumps(before)}}
    [finding] = judged(resource).findings
    assert finding.message == "it is STOPPED"
    assert finding.remedy == (
        f"a {move} is in progress, which has stopped it: complete it with `region-mirror {move}`, or undo it "
        f"with `region-mirror {move} rollback`"
    )


def test_a_connector_that_is_not_the_mirrors_is_not_counted_as_running() -> None:
    """As heartbeats, which older resources have, or those of another flow of the same resource."""
    other = connector("north->west.MirrorSourceConnector", "PAUSED", ("PAUSED", "PAUSED"))
    result = judged(changed(connectors=[*HEALTHY["status"]["connectors"], other]))
    assert result.passed
    assert result.summary == (
        "2 connectors and 2 tasks RUNNING; not judged: north->west.MirrorSourceConnector (PAUSED)"
    )
