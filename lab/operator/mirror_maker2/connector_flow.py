"""Bringing the connectors of one Connect cluster to what is declared, in Strimzi's order of calls.

KafkaMirrorMaker2AssemblyOperator.reconcileConnectors, AbstractConnectOperator.maybeCreateOrUpdateConnector.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.operator.failures import Failure, no_stack_trace
from lab.operator.mirror_maker2 import annotations, auto_restart
from lab.operator.mirror_maker2.connect_rest import Connect, ConnectError
from lab.operator.mirror_maker2.connectors import Connector
from lab.operator.mirror_maker2.offsets import Offsets
from lab.operator.status import Condition, warning

log = logging.getLogger(__name__)

RemoveAnnotations = Callable[[Sequence[str]], None]


@dataclass(slots=True)
class Outcome:
    """What goes into the status of the KafkaMirrorMaker2."""

    connectors: list[dict[str, Any]] = field(default_factory=list)
    auto_restarts: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[Condition] = field(default_factory=list)
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class ConnectorFlow:
    """Makes the connectors of one Connect cluster what the KafkaMirrorMaker2 declares."""

    connect: Connect
    resource: Mapping[str, Any]
    remove_annotations: RemoveAnnotations
    offsets: Offsets

    def reconcile(self, desired: Sequence[Connector]) -> Outcome:
        """Never fails: what failed first is the outcome's `failure`; the other connectors are still done."""
        outcome = Outcome()
        try:
            current = self.connect.list_connectors()
        except ConnectError as error:
            outcome.failure = error.seen
            return outcome
        except Failure as failure:
            outcome.failure = failure
            return outcome
        wanted = {connector.name for connector in desired}
        for name in [name for name in current if name not in wanted]:
            self._guarded(outcome, lambda name=name: self._delete(name))  # type: ignore[misc]
        found: dict[str, dict[str, str] | None] = {}
        for connector in desired:
            self._guarded(outcome, lambda connector=connector: self._apply(connector, found, outcome))  # type: ignore[misc]
        outcome.connectors.sort(key=lambda status: str(status["name"]))
        outcome.auto_restarts.sort(key=lambda status: str(status["connectorName"]))
        if outcome.failure is None and any(_state(status) == "FAILED" for status in outcome.connectors):
            outcome.failure = no_stack_trace("One or more connectors are in FAILED state")
        return outcome

    def _guarded(self, outcome: Outcome, action: Callable[[], None]) -> None:
        try:
            action()
        except ConnectError as error:
            log.warning("%s", error.message)
            outcome.failure = outcome.failure or error.seen
        except Failure as failure:
            log.warning("%s", failure.message)
            outcome.failure = outcome.failure or failure

    def _delete(self, name: str) -> None:
        log.info("deleting connector %s", name)
        self.connect.delete(name)

    def _apply(self, connector: Connector, found: dict[str, dict[str, str] | None], outcome: Outcome) -> None:
        """Create or update one connector.

        `found` are the configurations that Connect has returned in this pass. Strimzi works on all connectors
        side by side and reads each one's configuration first. So of two connectors with one name, both are
        created (the second one is refused for ever), or both are compared with the same configuration.
        """
        warnings: list[Condition] = []
        restarted: dict[str, Any] | None = None
        name = connector.name
        if name not in found:
            found[name] = self.connect.config(name)
        current = found[name]
        if current is None:
            log.info("creating connector %s", name)
            self.connect.create(connector.creation)
            status, restarted = self._auto_restart(connector, self.connect.status_with_backoff(name))
        elif current == connector.expected:
            self._set_state(connector, self.connect.status(name))
            warnings += self.offsets.manage(self.connect, self.resource, connector)
            warnings += self._restarts_asked_for(name)
            status, restarted = self._auto_restart(connector, self.connect.status_with_backoff(name))
        else:
            log.info("updating connector %s", name)
            self.connect.update(name, connector.replacement)
            self._set_state(connector, self.connect.status_with_backoff(name))
            status = self.connect.status(name)
        self.connect.topics(name)
        outcome.connectors.append(status)
        outcome.warnings += warnings
        if restarted is not None:
            outcome.auto_restarts.append(restarted)

    def _set_state(self, connector: Connector, status: Mapping[str, Any]) -> None:
        """Pause, stop or resume where the connector is in another settled state than the declared one."""
        state, wanted = _state(status), (connector.state or "running").upper()
        if state is None:
            raise no_stack_trace("JSON response lacked $.connector.state")
        if state == "FAILED" and wanted == "PAUSED":
            raise no_stack_trace(f"Connector {connector.name} cannot be paused since it is in failed state.")
        if state not in ("RUNNING", "PAUSED", "STOPPED", "FAILED") or state == wanted:
            return
        if state == "FAILED" and wanted == "RUNNING":
            return
        action = {"RUNNING": "resume", "PAUSED": "pause", "STOPPED": "stop"}[wanted]
        log.info("%s connector %s", action, connector.name)
        self.connect.set_state(connector.name, action)

    def _restarts_asked_for(self, connector: str) -> list[Condition]:
        given, warnings = annotations.of(self.resource), []
        try:
            restart = annotations.restart(given, connector)
        except ValueError as invalid:
            restart = None
            warnings.append(warning("RestartConnector", str(invalid)))
        if restart is not None:
            log.info("restarting connector %s: %s", connector, restart)
            message = self._attempt(
                lambda: self.connect.restart(connector, restart.include_tasks, restart.only_failed),
                annotations.RESTART,
            )
            if message is not None:
                warnings.append(
                    warning("RestartConnector", f"Failed to restart connector {connector}. {message}")
                )
        task = annotations.restart_task(given, connector)
        if task is not None:
            log.info("restarting task %s:%d", connector, task)
            message = self._attempt(
                lambda: self.connect.restart_task(connector, task), annotations.RESTART_TASK
            )
            if message is not None:
                text = f"Failed to restart connector task {connector}:{task}. {message}"
                warnings.append(warning("RestartConnectorTask", text))
        return warnings

    def _attempt(self, action: Callable[[], object], annotation: str) -> str | None:
        """Do it and remove the annotation that asked for it; the message if it failed."""
        try:
            action()
        except ConnectError as error:
            return error.seen.message
        except Failure as failure:
            return failure.message
        self.remove_annotations([annotation])
        return None

    def _auto_restart(
        self, connector: Connector, status: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The status to report, and what to remember of restarts."""
        given = connector.auto_restart
        if given is None or not given.get("enabled", True):
            return status, None
        remembered = (self.resource.get("status") or {}).get("autoRestartStatuses") or []
        previous = next((r for r in remembered if r.get("connectorName") == connector.name), None)
        if not auto_restart.has_failed(status):
            return status, None if auto_restart.is_over(previous) else previous
        if not auto_restart.is_due(previous, given.get("maxRestarts")):
            return status, previous
        log.info("auto-restarting connector %s", connector.name)
        try:
            after = self.connect.restart(connector.name, include_tasks=True, only_failed=True)
        except Failure as failure:
            log.warning("auto-restart of connector %s failed: %s", connector.name, failure.message)
            after = None
        return after or status, auto_restart.incremented(previous, connector.name)


def _state(status: Mapping[str, Any]) -> str | None:
    state = (status.get("connector") or {}).get("state")
    return state if isinstance(state, str) else None
