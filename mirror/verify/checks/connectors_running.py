"""connectors-running: the KafkaMirrorMaker2 is Ready and observed, each connector and task RUNNING.

Strimzi's status (facts: KafkaMirrorMaker2Status, StatusUtils): there is never `Ready` with status False: a
failure is a condition of type `NotReady` with status True. `Ready` says nothing of tasks: only connectors in
state FAILED make it NotReady. `status.connectors` holds Connect's own answers to GET /status, as of the last
reconciliation: while the operator is down it stays as it is, and nobody makes a worker's pod anew. So where
all is RUNNING, or a change waits for the operator, Connect's group on the target has to have a member.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from manifests.strimzi.resource import (
    CHECKPOINT_CONNECTOR,
    SOURCE_CONNECTOR,
    ConnectorName,
    read_mirror_maker2,
)
from mirror.mm2.phase import AT_REST, move_in_progress
from mirror.problems import CouldNotRun, Finding, one_line
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.reading.look import Look, resource, topics
from mirror.verify.reading.parts import groups_to_translate
from mirror.verify.reading.workers import workers
from mirror.verify.remedies import AFTER_PROMOTION
from mirror.verify.report import CheckResult
from mirror.verify.values import restarts
from mirror.verify.values.workers import NOT_ASKED, Workers
from settings.names import Names

NAME = "connectors-running"
_NOT_FOR_TASKS = ("PAUSED", "STOPPED")
"""States of a connector that explain those of its tasks, or that it has none (STOPPED, KIP-875)."""
_CHANGED = (
    "the stack file says running, but the KafkaMirrorMaker2 does not: somebody has changed it outside Pulumi "
    "(`region-mirror ci changed-by` says who and when), which `pulumi up` does not notice. Set its `state` "
    "there to running (`kubectl edit`)"
)
_OPERATOR = (
    "the KafkaMirrorMaker2 says running: Strimzi resumes it within minutes (its full reconciliation); if it "
    "lasts, check that the Cluster Operator runs, and look at its log"
)


def judge(
    resource: Mapping[str, Any],
    names: Names,
    *,
    topics_match: bool,
    groups_match: bool = False,
    declared_state: str = "running",
    workers: Workers = NOT_ASKED,
) -> CheckResult:
    """`topics_match`: whether any source topic matches, that is, whether there is work for a task of the
    source connector. `groups_match`: whether any matched group has a commit on such a topic, which is work
    for a task of the checkpoint connector (`MirrorCheckpointConnector.findConsumerGroups`).

    `declared_state` decides whether the connectors run (`Look.declared_state`): verification proves a running
    mirror all the same.
    """
    status = resource.get("status") or {}
    findings = _conditions(resource, status)
    of_resource = bool(findings)
    connectors = {one.get("name"): one for one in status.get("connectors") or []}
    tasks = 0
    kinds = {names.source_connector: SOURCE_CONNECTOR, names.checkpoint_connector: CHECKPOINT_CONNECTOR}
    for name, kind in kinds.items():
        connector = connectors.get(name)
        if connector is None:
            # While the resource is NotReady, Strimzi empties the list: one cause, one finding.
            if not of_resource:
                message = (
                    f"Connect runs no such connector; it runs: {', '.join(map(str, connectors)) or 'none'}"
                )
                findings.append(Finding(name, message, "wait for the operator, or look at its log"))
            continue
        tasks += len(connector.get("tasks") or [])
        findings += _connector(resource, name, connector, _resumes(resource, name, kind, declared_state))
        if _idle(connector):
            if name == names.source_connector and topics_match:
                findings.append(Finding(name, *restarts.NOTHING_MIRRORED))
            if name == names.checkpoint_connector and groups_match:
                message, remedy = restarts.NOTHING_TRANSLATED
                findings.append(Finding(name, message, f"{remedy}: {restarts.restart(resource, name)}"))
    waits = len(findings) == 1 and _unobserved(resource)
    if not findings or (waits and connectors):  # the operator has listed none of a mirror that it never made
        findings += workers.findings()
    facts: dict[str, Any] = {
        "reconciling": waits and len(findings) == 1,
        "connectors": [
            {
                "name": name,
                "state": (one.get("connector") or {}).get("state"),
                "tasks": [task.get("state") for task in one.get("tasks") or []],
            }
            for name, one in connectors.items()
        ],
        "warnings": [
            f"{one.get('reason')}: {one_line(one.get('message', ''))}"
            for one in status.get("conditions") or []
            if one.get("type") == "Warning"
        ],
    }
    summary = (
        f"{counted(len(kinds), 'connector')} and {counted(tasks, 'task')} RUNNING"
        if not findings
        else "1 connector, task or resource is not running as it should"
        if len(findings) == 1
        else f"{len(findings)} connectors, tasks or resources are not running as they should"
    )
    others = [f"{one['name']} ({one['state']})" for one in facts["connectors"] if one["name"] not in kinds]
    if others:
        summary += f"; not judged: {few(others)}"
    return CheckResult.of(NAME, summary + workers.aside, findings, facts)


def _conditions(resource: Mapping[str, Any], status: Mapping[str, Any]) -> list[Finding]:
    metadata = resource.get("metadata") or {}
    subject = f"KafkaMirrorMaker2 {metadata.get('namespace')}/{metadata.get('name')}"
    conditions = {
        one.get("type"): one for one in status.get("conditions") or [] if one.get("status") == "True"
    }
    if not conditions:
        message = "it has no status yet: no operator has looked at it"
        return [Finding(subject, message, "check that the Cluster Operator runs and watches this namespace")]
    if "ReconciliationPaused" in conditions:
        message = "its reconciliation is paused: changes do not reach the connectors"
        return [Finding(subject, message, "remove the annotation strimzi.io/pause-reconciliation")]
    findings = []
    if (failure := conditions.get("NotReady")) is not None:
        message = f"NotReady, {failure.get('reason')}: {one_line(failure.get('message', ''))}"
        findings.append(
            Finding(subject, message, "correct the cause that the message names; the operator tries again")
        )
    elif "Ready" not in conditions:
        findings.append(Finding(subject, "it is not Ready", "look at the Cluster Operator's log"))
    if _unobserved(resource):
        message = (
            f"the operator has acted on generation {status.get('observedGeneration')}, the newest is "
            f"{metadata.get('generation')}"
        )
        findings.append(Finding(subject, message, "wait; if it lasts, look at the Cluster Operator's log"))
    return findings


def _unobserved(resource: Mapping[str, Any]) -> bool:
    """Whether the operator has not finished the newest change. It says so last, after it has rolled the
    workers one by one, which takes a minute each.
    """
    status = resource.get("status") or {}
    return (resource.get("metadata") or {}).get("generation") != status.get("observedGeneration")


def _idle(connector: Mapping[str, Any]) -> bool:
    """Whether the connector has no task, although its state does not explain that."""
    state = (connector.get("connector") or {}).get("state")
    return not connector.get("tasks") and state not in _NOT_FOR_TASKS


def _connector(
    resource: Mapping[str, Any], name: str, connector: Mapping[str, Any], resumes: str
) -> list[Finding]:
    own = connector.get("connector") or {}
    findings = []
    if own.get("state") != "RUNNING":
        findings.append(_not_running(name, own, resumes, restarts.restart(resource, name)))
        if own.get("state") in _NOT_FOR_TASKS:
            return findings  # one cause, one finding
    for task in connector.get("tasks") or []:
        if task.get("state") != "RUNNING":
            number = task.get("id")
            again = restarts.restart(resource, name, number)
            findings.append(_not_running(f"{name}, task {number}", task, resumes, again))
    return findings


def _resumes(resource: Mapping[str, Any], name: str, kind: ConnectorName, declared_state: str) -> str:
    """What resumes a connector that is PAUSED or STOPPED, or that nothing may."""
    if declared_state in AT_REST:
        return AFTER_PROMOTION
    if move := move_in_progress(resource):
        return (
            f"a {move} is in progress, which has stopped it: complete it with `region-mirror {move}`, or "
            f"undo it with `region-mirror {move} rollback`"
        )
    if declared_state != "running":
        return "set `mirror.state: running` in the stack file and deploy"
    flow = read_mirror_maker2(resource).flows.get(name.partition("->")[0])
    declared = flow.connectors.get(kind, {}) if flow else {}
    # `pause` is v1beta2's older field for the same.
    return _CHANGED if declared.get("pause") or declared.get("state", "running") != "running" else _OPERATOR


def _not_running(subject: str, one: Mapping[str, Any], resumes: str, again: str) -> Finding:
    state = one.get("state")
    trace = restarts.first_line(one.get("trace"))
    message = f"it is {state}" + (f": {trace}" if trace else "")
    if state in _NOT_FOR_TASKS:
        remedy = resumes
    elif state in ("UNASSIGNED", "RESTARTING"):
        # A worker's last word may reach Connect's status topic after it has lost the connector to another.
        remedy = (
            "wait for Connect to assign it; if it lasts, check that a worker runs. It may run, and Connect "
            f"show an older state, which a worker that lost it wrote after an outage: {again} corrects that"
        )
    else:
        remedy = restarts.after_failure(str(one.get("trace") or ""), again)
    return Finding(subject, message, remedy)


def of(look: Look) -> CheckResult:
    """Judge one look; the groups are read only where the checkpoint connector has no task, the workers only
    where all else passes, or waits for the operator, which may roll them or be down. What is wrong without
    the groups is reported, also where they cannot be read.

    Raises CouldNotRun where the resource, the topics, or the groups and workers that it needs cannot be read.
    """
    judged = partial(
        judge,
        look.resource,
        look.names,
        topics_match=bool(look.topics.matched),
        declared_state=look.declared_state,
    )
    connectors = (look.resource.get("status") or {}).get("connectors") or []
    groups_match, unread = False, None
    if any(one.get("name") == look.names.checkpoint_connector and _idle(one) for one in connectors):
        try:
            groups_match = bool(look.of(groups_to_translate))
        except CouldNotRun as error:
            unread = error
    result = judged(groups_match=groups_match)
    if not result.passed and not (result.facts["reconciling"] and connectors):
        return result
    if unread is not None and result.passed:
        raise unread
    return judged(groups_match=groups_match, workers=look.of(workers))


CHECK = Check(
    NAME,
    "every connector and task runs",
    reads=(resource, topics, groups_to_translate, workers),
    judge=of,
)
