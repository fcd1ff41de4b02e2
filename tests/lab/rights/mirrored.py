"""Rights on the mirrored topics and groups: one mirror of many topics; and the verifier's rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.lab.rights import table
from tests.lab.rights.bench import Bench
from tests.lab.rights.flow import PATIENCE, Flow, failed, heard, running
from tests.lab.rights.mirrors import Mirror, settings_of
from tests.lab.rights.model import Right
from tests.lab.rights.outcomes import Outcomes
from tests.lab.rights.running import CHOSEN, RECORDS, prepare
from tests.lab.rights.table import Key
from tests.lab.rights.verified import Verified
from tests.lab.rights.verifying import failing, runs
from tests.lab.rights.worker import Worker
from tests.lab.support.wait import until

TAKEN: Mapping[str, Key] = {
    "create": ("mirror", table.TOPICS, "Create"),
    "alter": ("mirror", table.TOPICS, "Alter"),
    "config": ("mirror", table.TOPICS, "AlterConfigs"),
    "read": ("mirror", table.TOPICS, "Read"),
    "write": ("mirror", table.TOPICS, "Write"),
    "group": ("mirror", table.GROUPS, "Read"),
    "unseen": ("source", table.TOPICS, "Read"),
    "ungrouped": ("source", table.GROUPS, "Describe"),
}
"""The right that is taken for this topic, or for its group, alone."""


@dataclass(frozen=True)
class Stage:
    """The worker, its one mirror, and a topic with a group for each right."""

    bench: Bench
    worker: Worker
    mirror: Mirror
    flows: Mapping[str, Flow]

    @property
    def whole(self) -> Flow:
        """The topic that lacks nothing."""
        return self.flows["whole"]


def attempt(bench: Bench) -> Outcomes:
    """Mirror all topics, see what breaks for each, give back, see all work; then verify, right by right."""
    outcomes = Outcomes()
    stage = _stage(bench)
    worker = stage.worker
    worker.start()
    try:
        until("a ready worker", lambda: worker.ready, seconds=PATIENCE)
        until("connectors", lambda: not worker.create_connectors(stage.mirror), seconds=PATIENCE)
        stage.whole.mirrored(RECORDS)
        stage.whole.translated_past(0)
        _broken(stage, outcomes)
        bench.give_back(worker)
        _mended(stage, outcomes)
        Verified.of(bench, worker, stage.mirror, stage.flows["emptied"]).try_each(outcomes)
    finally:
        worker.stop(kill=True)
    return outcomes


def _stage(bench: Bench) -> Stage:
    name, alias = bench.name("mirrored"), bench.name("mirrored", "s")
    flows = {
        label: Flow(bench, f"{alias}-{label}-topic", f"{alias}-{label}-group")
        for label in ("whole", "emptied", *TAKEN)
    }
    settings = settings_of(
        name,
        alias,
        topics=[flow.topic for flow in flows.values()],
        groups=[flow.group for flow in flows.values()],
        # Each copy of a configuration removes from the target what is a default on the source
        # (`MirrorSourceConnector.incrementalAlterConfigs`); the verifier's turn sets it there alone.
        topic_configs_exclude=["retention.ms"],
    )
    every = Mirror(bench.regions, settings)
    taken: dict[str, set[Right]] = {"mirror": set(), "source": set()}
    for label, (user, resource, operation) in TAKEN.items():
        name = flows[label].topic if resource == table.TOPICS else flows[label].group
        kind = "topic" if resource == table.TOPICS else "group"
        right = Right(kind, name, "literal", operation)
        assert right in (every.source_rights if user == "source" else every.target_rights)
        taken[user].add(right)
    mirror = Mirror(bench.regions, settings, frozenset(taken["mirror"]), frozenset(taken["source"]))
    for flow in flows.values():
        prepare(flow)
    return Stage(bench, bench.worker([mirror]), mirror, flows)


def _broken(stage: Stage, outcomes: Outcomes) -> None:
    flows, worker = stage.flows, stage.worker
    source = stage.mirror.names.source_connector
    for label in ("whole", "alter"):
        flows[label].grow()
    for label in ("whole", "config"):
        flows[label].configure("east", *CHOSEN)
    until("the new partition", lambda: stage.whole.partitions() == 2, seconds=PATIENCE)
    until("the new configuration", lambda: stage.whole.configured(CHOSEN[0]) == CHOSEN[1], seconds=PATIENCE)
    denied = r"\n.*TopicAuthorizationException"
    with outcomes.of("broken", TAKEN["create"]):
        heard(worker, rf"Could not create topic {flows['create'].topic}\.{denied}")
        assert not flows["create"].exists()
    with outcomes.of("broken", TAKEN["alter"]):
        heard(worker, rf"Could not create topic-partitions for {flows['alter'].topic}\.{denied}")
        assert flows["alter"].partitions() == 1
    with outcomes.of("broken", TAKEN["config"]):
        # MM2 says so of every topic, with or without a reason.
        heard(worker, rf"Could not alter configuration of topic {flows['config'].topic}\.{denied}")
        assert flows["config"].configured(CHOSEN[0]) != CHOSEN[1]
    with outcomes.of("broken", TAKEN["read"]):
        heard(worker, rf"Unable to sync offsets for consumer group {flows['read'].group}\.{denied}")
        assert flows["read"].translated() < 0
    with outcomes.of("broken", TAKEN["write"]):
        until("its task to fail", lambda: failed(worker, source, flows["write"].topic), seconds=PATIENCE)
        assert flows["write"].records() == 0
    with outcomes.of("broken", TAKEN["group"]):
        heard(worker, rf"Unable to sync offsets for consumer group {flows['group'].group}\.\n.*GroupAuth")
        assert flows["group"].translated() < 0
    with outcomes.of("broken", TAKEN["unseen"]):
        assert not flows["unseen"].exists()
        assert not worker.said(rf"(ERROR|WARN).*{flows['unseen'].topic}"), "it is not seen, so nothing fails"
    with outcomes.of("broken", TAKEN["ungrouped"]):
        assert flows["ungrouped"].exists()
        assert flows["ungrouped"].translated() < 0
    _found(stage, outcomes)


def _found(stage: Stage, outcomes: Outcomes) -> None:
    """What the table says that verification finds of it."""
    findings, flows = failing(stage.worker, stage.mirror), stage.flows
    for label, key in TAKEN.items():
        with outcomes.of("broken", key):
            flow, check = flows[label], table.BY_KEY[key].found
            if check in ("topics-present", "groups-translated"):
                assert flow.topic in findings[check] or flow.group in findings[check]
            elif check == "connectors-running":
                assert not runs(stage.worker, stage.mirror)
            else:
                assert check.startswith("none")
                assert flow.topic not in str(findings)
                assert flow.group not in str(findings)


def _mended(stage: Stage, outcomes: Outcomes) -> None:
    flows, worker = stage.flows, stage.worker

    def restarted() -> bool:
        for connector in stage.mirror.connectors():
            if any(state == "FAILED" for state, _ in worker.tasks(connector.name).values()):
                worker.restart(connector.name)  # as Strimzi's autoRestart does
        return running(worker, stage.mirror)

    until("running tasks", restarted, seconds=PATIENCE, every=2)
    for flow in flows.values():
        flow.produce(RECORDS)
        flow.commit(2 * RECORDS)
    for label in ("whole", "emptied", *TAKEN):
        with outcomes.of("mended", *([TAKEN[label]] if label in TAKEN else [])):
            flows[label].mirrored(2 * RECORDS)
            flows[label].translated_past(0)
    with outcomes.of("mended", TAKEN["alter"]):
        until("the new partition", lambda: flows["alter"].partitions() == 2, seconds=PATIENCE)
    with outcomes.of("mended", TAKEN["config"]):
        until(
            "the new configuration",
            lambda: flows["config"].configured(CHOSEN[0]) == CHOSEN[1],
            seconds=PATIENCE,
        )
