"""connectors-running: what Strimzi and Connect say, with the way out, and what a look hands on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mirror.clients.topics import Topics
from mirror.verify.checks.connectors_running import CHECK, judge
from mirror.verify.reading import look as reading
from mirror.verify.reading.look import Look
from mirror.verify.reading.workers import workers
from mirror.verify.values.workers import Workers
from settings.names import Names
from tests.unit.support.made_up import ORDERS, settings
from tests.unit.verify.connectors import CHECKPOINT, SOURCE, TRACE, changed, connector, judged
from tests.unit.verify.test_connectors_without_tasks import OneSide, looked_at

SUBJECT = "KafkaMirrorMaker2 kafka/east-to-west"
READY = {"type": "Ready", "status": "True"}


def test_a_resource_that_is_paused_or_not_ready_says_what_to_do() -> None:
    paused = changed(conditions=[{"type": "ReconciliationPaused", "status": "True"}], connectors=[])
    [finding] = judged(paused).findings
    assert (finding.subject, finding.message) == (
        SUBJECT,
        "its reconciliation is paused: changes do not reach the connectors",
    )
    failed = changed(conditions=[{"type": "NotReady", "status": "True", "reason": "Gone"}], connectors=[])
    [finding] = judged(failed).findings
    assert (finding.subject, finding.message) == (SUBJECT, "NotReady, Gone: ")
    assert finding.remedy == "correct the cause that the message names; the operator tries again"


def test_a_warning_without_a_message_is_a_fact() -> None:
    warning = {"type": "Warning", "status": "True", "reason": "Deprecated"}
    assert judged(changed(conditions=[READY, warning])).facts["warnings"] == ["Deprecated: "]


def test_several_findings_are_counted() -> None:
    failed = [connector(CHECKPOINT, "FAILED", ()), connector(SOURCE, tasks=("FAILED", "FAILED"))]
    result = judged(changed(connectors=failed))
    assert len(result.findings) == 3
    assert result.summary == "3 connectors, tasks or resources are not running as they should"


def test_a_paused_task_of_a_connector_that_runs_is_resumed_as_the_connector_is() -> None:
    """Connect shows it for a moment, after somebody has resumed the connector."""
    [finding] = judged(
        changed(connectors=[connector(CHECKPOINT), connector(SOURCE, tasks=("PAUSED",))])
    ).findings
    assert finding.subject == f"{SOURCE}, task 0"
    assert "Strimzi resumes it within minutes" in finding.remedy


def test_an_idle_checkpoint_connector_is_restarted_by_its_name() -> None:
    resource = changed(connectors=[connector(CHECKPOINT, tasks=()), connector(SOURCE)])
    [finding] = judged(resource, groups_match=True).findings
    assert f"'strimzi.io/restart-connector={CHECKPOINT}'" in finding.remedy
    assert judge(resource, Names.of(settings()), topics_match=True).passed, "nobody has asked for groups"
    stopped = changed(connectors=[connector(CHECKPOINT), connector(SOURCE, "STOPPED", ())])
    [finding] = judge(stopped, Names.of(settings()), topics_match=True).findings
    assert "Strimzi resumes it" in finding.remedy, "a mirror is declared to run"


def test_a_task_that_failed_without_a_trace_has_no_known_cause() -> None:
    [finding] = judged(
        changed(connectors=[connector(CHECKPOINT), connector(SOURCE, tasks=("FAILED",))])
    ).findings
    assert finding.message == "it is FAILED"
    assert finding.remedy.startswith("read the trace, and remove the cause; then restart it: `kubectl")
    traced = connector(SOURCE)
    traced["tasks"] = [{"id": 0, "state": "FAILED", "trace": TRACE}]
    [finding] = judged(changed(connectors=[connector(CHECKPOINT), traced])).findings
    assert "TopicAuthorizationException" in finding.message


@pytest.mark.parametrize(
    "mirrors",
    [
        [],
        [{"source": {"alias": "north"}}],
        [{"source": {"alias": "east"}}],
        [{"source": {"alias": "east"}, "sourceConnector": {}}],
    ],
)
def test_a_resource_that_declares_no_state_declares_to_run(mirrors: list[Any]) -> None:
    resource = changed(connectors=[connector(CHECKPOINT), connector(SOURCE, "STOPPED", ())])
    resource["spec"] = {"mirrors": mirrors}
    [finding] = judged(resource).findings
    assert "Strimzi resumes it" in finding.remedy


def test_a_look_hands_on_what_the_stack_file_declares_and_whether_groups_match() -> None:
    paused = changed(connectors=[connector(CHECKPOINT), connector(SOURCE, "PAUSED", ())])
    given = settings(state="paused")
    session = SimpleNamespace(settings=given, names=Names.of(given))
    found = Look(session, ())  # type: ignore[arg-type]
    found.give(reading.resource, paused)  # type: ignore[arg-type]
    found.give(reading.topics, Topics({}, {}, {ORDERS.topic: ORDERS.topic}))
    found.give(workers, Workers("east-to-west", "west", 1))
    [finding] = CHECK.judge(found).findings
    assert finding.remedy == "set `mirror.state: running` in the stack file and deploy"
    idle = changed(connectors=[connector(CHECKPOINT, tasks=()), connector(SOURCE)])
    [finding] = looked_at(idle, OneSide({ORDERS: 7})).findings
    assert (finding.subject, "no group is translated" in finding.message) == (CHECKPOINT, True)
