"""Rights without which a worker does not come up, or not rightly: each tried with a worker of its own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from confluent_kafka.admin import NewTopic

from tests.lab.rights import table
from tests.lab.rights.bench import Bench
from tests.lab.rights.flow import PATIENCE, Flow, failed, heard, running
from tests.lab.rights.mirrors import Mirror, settings_of
from tests.lab.rights.outcomes import Outcomes
from tests.lab.rights.table import Key
from tests.lab.rights.verifying import runs
from tests.lab.rights.worker import Worker
from tests.lab.support import kafka
from tests.lab.support.wait import until

RECORDS = 10
CONNECT_TOPICS = {
    table.CONFIGS: "configs_topic",
    table.OFFSETS: "offsets_topic",
    table.STATUS: "status_topic",
}


@dataclass(frozen=True)
class Trial:
    """One worker with one mirror, whose user goes without one right."""

    worker: Worker
    mirror: Mirror
    flow: Flow

    @property
    def source_connector(self) -> str:
        """Its name."""
        return self.mirror.names.source_connector

    def ready(self) -> None:
        """Wait until the worker is ready, and has the connectors."""
        until("a ready worker", lambda: self.worker.ready, seconds=PATIENCE)
        until("its connectors", lambda: not self.worker.create_connectors(self.mirror), seconds=PATIENCE)

    def works(self) -> None:
        """Wait until everything that a mirror does is done."""
        self.ready()
        until("running tasks", self._running, seconds=PATIENCE, every=2)
        self.flow.mirrored(RECORDS)
        self.flow.translated_past(0)
        # A rebalance of the group still passes through states that the check fails: verify looks again, too.
        until(
            "connectors-running to pass, where everything works",
            lambda: runs(self.worker, self.mirror),
            seconds=PATIENCE,
            every=2,
        )

    def _running(self) -> bool:
        for connector in self.mirror.connectors():
            if any(state == "FAILED" for state, _ in self.worker.tasks(connector.name).values()):
                self.worker.restart(connector.name)  # as Strimzi's autoRestart does
        return running(self.worker, self.mirror)


def own_keys() -> tuple[Key, ...]:
    """The rights that are tried here."""
    of_connect = {table.GROUP, table.LEADER, table.TASKS, *CONNECT_TOPICS}
    return tuple(key for key in table.BY_KEY if key[0] == "mirror" and key[1] in of_connect)


def attempt(bench: Bench, key: Key) -> Outcomes:
    """Start a worker without the right, see what breaks, give it back, see everything work."""
    outcomes = Outcomes()
    trial = _trial(bench, key)
    worker = trial.worker
    if key[2] == "DescribeConfigs":
        return _unnoticed(bench, trial, key, outcomes)
    worker.start()
    try:
        with outcomes.of("broken", key):
            _symptom(key)(trial)
            assert table.BY_KEY[key].found == "connectors-running"
            assert not runs(worker, trial.mirror), "the table says: connectors-running finds it"
        with outcomes.of("mended", key):
            bench.give_back(worker)
            if key[2] == "Create" or key[1] == table.GROUP or key[1:] == (table.STATUS, "Write"):
                # This worker has given up; a Pod's kubelet would start it again. One that could not write
                # a status writes it when it changes, and nothing restarts a connector without a status
                # (`AbstractHerder.buildRestartPlan`).
                worker.stop(kill=True)
                worker.start()
            trial.works()
    finally:
        worker.stop()
    return outcomes


def _trial(bench: Bench, key: Key) -> Trial:
    case = "-".join(word[:7] for word in re.sub(r"[^a-z ]", "", f"{key[1]} {key[2]}".lower()).split()[-2:])
    name, alias = bench.name(case), bench.name(case, "s")
    flow = Flow(bench, f"{alias}-orders", f"{alias}-readers")
    settings = settings_of(name, alias, topics=[flow.topic], groups=[flow.group])
    whole = Mirror(bench.regions, settings)
    without = {
        right
        for right in whole.target_rights
        if (table.resource(right, settings), right.operation) == (key[1], key[2])
    }
    assert len(without) == 1, f"{key} is not one right: {without}"
    mirror = Mirror(bench.regions, settings, frozenset(without))
    kafka.create_topic(bench.source, flow.topic)
    flow.produce(RECORDS)
    flow.commit(RECORDS)
    return Trial(bench.worker([mirror]), mirror, flow)


def _symptom(key: Key) -> Callable[[Trial], None]:
    user, resource, operation = key
    del user
    if operation == "Create":
        return lambda trial: _topic_never_made(trial, resource)
    return {
        (table.GROUP, "Read"): _may_not_join,
        (table.CONFIGS, "Read"): _waits_for_its_own_writes,
        (table.CONFIGS, "Write"): _cannot_write_as_leader,
        (table.OFFSETS, "Read"): _cannot_go_on,
        (table.OFFSETS, "Write"): _cannot_commit,
        (table.STATUS, "Read"): _has_no_status,
        (table.STATUS, "Write"): _has_no_status,
        (table.LEADER, "Write"): _cannot_lead,
        (table.TASKS, "Write"): _tasks_fail,
    }[resource, operation]


def _topic_never_made(trial: Trial, resource: str) -> None:
    topic = getattr(trial.mirror.names, CONNECT_TOPICS[resource])
    heard(trial.worker, rf"Could not look up partition metadata for topic '{topic}'")
    heard(trial.worker, "Uncaught exception in herder work thread, exiting")
    assert topic not in kafka.topics(trial.flow.bench.target)
    assert not trial.worker.ready


def _may_not_join(trial: Trial) -> None:
    heard(
        trial.worker,
        f"GroupAuthorizationException: Not authorized to access group: {trial.mirror.names.group_id}",
    )
    heard(trial.worker, "Uncaught exception in herder work thread, exiting")
    assert not trial.worker.ready


def _waits_for_its_own_writes(trial: Trial) -> None:
    heard(trial.worker, rf"Not authorized to access topics: \[{trial.mirror.names.configs_topic}\]")
    heard(trial.worker, "Failed to write session key to Kafka")
    assert not trial.worker.ready


def _cannot_write_as_leader(trial: Trial) -> None:
    heard(trial.worker, "Failed to write to config topic as leader")
    heard(trial.worker, rf"Not authorized to access topics: \[{trial.mirror.names.configs_topic}\]")
    assert not trial.worker.ready


def _cannot_lead(trial: Trial) -> None:
    heard(trial.worker, "Unable to claim write privileges for config topic. Will backoff")
    heard(trial.worker, "TransactionalIdAuthorizationException")
    assert not trial.worker.ready


def _tasks_fail(trial: Trial) -> None:
    trial.ready()
    for connector in trial.mirror.connectors():
        until(
            f"{connector.name} to fail",
            partial(failed, trial.worker, connector.name, "TransactionalIdAuthorizationException"),
            seconds=PATIENCE,
        )
    assert trial.flow.records() == 0


def _cannot_commit(trial: Trial) -> None:
    trial.ready()
    until(
        "the source task to fail",
        lambda: failed(trial.worker, trial.source_connector, trial.mirror.names.offsets_topic),
        seconds=PATIENCE,
    )
    assert trial.flow.records() == 0


def _has_no_status(trial: Trial) -> None:
    trial.ready()
    trial.flow.mirrored(RECORDS)
    trial.flow.translated_past(0)
    for connector in trial.mirror.connectors():
        assert not trial.worker.tasks(connector.name), "Connect knows a status that it cannot keep or read"


def _cannot_go_on(trial: Trial) -> None:
    """A new mirror has no position to read; the second start of its worker has one."""
    began = time.monotonic()
    trial.ready()
    healthy = time.monotonic() - began
    trial.flow.mirrored(RECORDS)
    trial.flow.translated_past(0)
    trial.worker.stop()
    trial.worker.start()
    heard(trial.worker, rf"Not authorized to access topics: \[{trial.mirror.names.offsets_topic}\]")
    deadline = time.monotonic() + 2 * healthy
    while time.monotonic() < deadline:
        assert not trial.worker.ready, "it got ready without the mirror's positions"
        time.sleep(1)


def _unnoticed(bench: Bench, trial: Trial, key: Key, outcomes: Outcomes) -> Outcomes:
    """A topic of Connect's that somebody made with a cleanup policy that deletes what Connect needs."""
    worker, topic = trial.worker, getattr(trial.mirror.names, CONNECT_TOPICS[key[1]])
    made = NewTopic(topic, 1, config={"cleanup.policy": "delete"})
    admin = kafka.administrator(bench.target)  # its futures end with it
    admin.create_topics([made])[topic].result(30)
    refused = f"Topic '{topic}' supplied via .* is required to have 'cleanup.policy=compact'"
    try:
        with outcomes.of("broken", key):
            worker.start()
            until("a worker that notices nothing", lambda: worker.ready, seconds=PATIENCE)
            assert not worker.said(refused)
            assert worker.said(f"Unable to use admin client to verify the cleanup policy of '{topic}'")
        worker.stop()
        with outcomes.of("mended", key):
            bench.give_back(worker)
            worker.start()
            heard(worker, refused)
            assert not worker.ready
    finally:
        worker.stop(kill=True)
    return outcomes
