"""What the KafkaMirrorMaker2 says of one connector: the declared state, and what Connect runs. Pure.

A connector is at rest once Strimzi has observed the newest generation of the resource and Connect's own
answer in `status.connectors` has the state STOPPED without tasks: a task that still ends may still write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from manifests.strimzi.resource import ConnectorName, read_mirror_maker2
from mirror.cutover.step import Verdict
from mirror.problems import one_line
from mirror.text.numbers import counted

STOPPED = "stopped"
RUNNING = "running"
_AT_REST = ("PAUSED", "STOPPED")


@dataclass(frozen=True, slots=True)
class ConnectorState:
    """One connector. `name` is Connect's; `declared` is the resource's `state`, None for no such connector in
    the resource; `state` is Connect's, None where the status has none."""

    name: str
    declared: str | None
    state: str | None
    tasks: tuple[str, ...]
    observed: bool
    """Whether the status is about the newest generation of the resource."""
    condition: str = ""
    """Why the operator does not act on the resource; empty where it does."""

    @property
    def at_rest(self) -> bool:
        """Whether Connect has paused or stopped it."""
        return self.state in _AT_REST

    @property
    def stopped(self) -> bool:
        """Whether it is declared stopped, and Connect has ended all of its tasks."""
        return self.is_in(STOPPED) and not self.tasks

    @property
    def without_tasks(self) -> bool:
        """Whether Strimzi has told Connect to stop it, and Connect has no task of it left.

        Such a connector copies nothing, although Connect may not report it as stopped for a while: its own
        thread first waits for requests to a cluster that does not answer (`Scheduler.close`).
        """
        told = self.observed and self.declared == STOPPED and not self.condition
        return told and self.state is not None and not self.tasks

    def is_in(self, state: str) -> bool:
        """Whether this state (`running`, `paused`, `stopped`) is declared, observed and Connect's own."""
        return self.observed and self.declared == state and self.state == state.upper()

    @property
    def failed(self) -> tuple[str, ...]:
        """The connector and tasks in another state than RUNNING, where it is declared to run."""
        if self.declared != RUNNING:
            return ()
        found = [] if self.state in (None, "RUNNING") else [f"{self.name} ({self.state})"]
        tasks = enumerate(self.tasks)
        return (*found, *(f"{self.name} task {one} ({state})" for one, state in tasks if state != "RUNNING"))


def connector_state(
    resource: Mapping[str, Any], alias: str, connector: ConnectorName, name: str
) -> ConnectorState:
    """Read one connector of the flow from the source `alias`; `name` is the one that Connect knows it by."""
    flow = read_mirror_maker2(resource).flows.get(alias)
    declared: str | None = None
    if flow is not None and connector not in flow.undeclared:
        # Strimzi runs a connector without a declared state.
        declared = str(flow.connectors[connector].get("state") or RUNNING)
    status = resource.get("status") or {}
    found = next((one for one in status.get("connectors") or [] if one.get("name") == name), None)
    state = None if found is None else (found.get("connector") or {}).get("state")
    tasks = () if found is None else tuple(str(one.get("state")) for one in found.get("tasks") or [])
    generation = (resource.get("metadata") or {}).get("generation")
    observed = generation is not None and generation == status.get("observedGeneration")
    return ConnectorState(name, declared, state, tasks, observed, _condition(status))


def stopping(states: Sequence[ConnectorState], what: str) -> Verdict:
    """Whether these connectors have stopped. `what` names them: "the checkpoint connector"."""
    evidence = {
        one.name: {"declared": one.declared, "state": one.state, "tasks": list(one.tasks)} for one in states
    }
    if running := [one for one in states if one.declared not in (None, STOPPED)]:
        names = " and ".join(one.name for one in running)
        return Verdict(
            "todo", f"{names} {'is' if len(running) == 1 else 'are'} declared to run", evidence=evidence
        )
    if ending := [one for one in states if one.declared is not None and not one.stopped]:
        paused = next((one.condition for one in ending if one.condition), "")
        if "ReconciliationPaused" in paused:
            return Verdict(
                "blocked",
                "the reconciliation of the KafkaMirrorMaker2 is paused, so Strimzi does not stop "
                "its connectors",
                "remove the annotation strimzi.io/pause-reconciliation from it",
                evidence,
            )
        said = ", ".join(
            f"{one.name} is {one.state or 'unknown'} with {counted(len(one.tasks), 'task')}" for one in ending
        )
        return Verdict(
            "waiting",
            f"Strimzi has not stopped {what} yet: {said}{f' ({paused})' if paused else ''}",
            evidence=evidence,
            remaining=len(ending),
        )
    return Verdict("done", f"{what} is stopped", evidence=evidence, remaining=0)


def _condition(status: Mapping[str, Any]) -> str:
    for one in status.get("conditions") or []:
        if one.get("type") in ("ReconciliationPaused", "NotReady") and one.get("status") == "True":
            return one_line(" ".join(filter(None, (one.get("type"), one.get("reason"), one.get("message")))))
    return ""
