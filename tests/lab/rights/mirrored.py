"""Rights on the mirrored topics and groups, and the verifier's rights.

One worker with three mirrors: one of many topics, each of which lacks another right; and one each for the two
rights without which a task fails or waits, and what else it has with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.lab.rights import table
from tests.lab.rights.bench import Bench
from tests.lab.rights.flow import PATIENCE, Flow, failed, heard, running
from tests.lab.rights.mirrors import Mirror, settings_of
from tests.lab.rights.model import Right
from tests.lab.rights.outcomes import Outcomes
from tests.lab.rights.rounds import CHOSEN, RECORDS, prepare
from tests.lab.rights.table import Key
from tests.lab.rights.verified import Verified
from tests.lab.rights.verifying import CHECKS, failing, runs
from tests.lab.rights.worker import Worker
from tests.lab.support.wait import until

TAKEN: Mapping[str, Key] = {
    "alter": ("mirror", table.TOPICS, "Alter"),
    "config": ("mirror", table.TOPICS, "AlterConfigs"),
    "read": ("mirror", table.TOPICS, "Read"),
    "group": ("mirror", table.GROUPS, "Read"),
    "unseen": ("source", table.TOPICS, "Read"),
    "ungrouped": ("source", table.GROUPS, "Describe"),
    "create": ("mirror", table.TOPICS, "Create"),
    "write": ("mirror", table.TOPICS, "Write"),
}
"""The right that is taken for this topic, or for its group, alone."""
APART: Mapping[str, tuple[str, ...]] = {
    "many": ("whole", "emptied", "alter", "config", "read", "group", "unseen", "ungrouped"),
    "uncreated": ("create", "beside"),
    "unwritten": ("write",),
}
"""Which mirror has which topics."""


@dataclass(frozen=True)
class Stage:
    """The worker, its mirrors, and a topic with a group for each right."""

    bench: Bench
    worker: Worker
    mirrors: Mapping[str, Mirror]
    flows: Mapping[str, Flow]

    @property
    def whole(self) -> Flow:
        """The topic that lacks nothing."""
        return self.flows["whole"]

    def of(self, label: str) -> Mirror:
        """The mirror that has the topic."""
        return next(self.mirrors[name] for name, labels in APART.items() if label in labels)


def attempt(bench: Bench) -> Outcomes:
    """Mirror all topics, see what breaks for each, give back, see all work; then verify, right by right."""
    outcomes = Outcomes()
    stage = _stage(bench)
    worker = stage.worker
    worker.start()
    try:
        until("a ready worker", lambda: worker.ready, seconds=PATIENCE)
        for mirror in stage.mirrors.values():
            until("connectors", lambda mirror=mirror: not worker.create_connectors(mirror), seconds=PATIENCE)  # type: ignore[misc]  # a lambda's default
        stage.whole.mirrored(RECORDS)
        stage.whole.translated_past(0)
        _broken(stage, outcomes)
        bench.give_back(worker)
        _mended(stage, outcomes)
        Verified.of(bench, worker, stage.mirrors["many"], stage.flows["emptied"]).try_each(outcomes)
    finally:
        worker.stop(kill=True)
    return outcomes


def _stage(bench: Bench) -> Stage:
    flows: dict[str, Flow] = {}
    mirrors = {}
    for name, labels in APART.items():
        alias = bench.name("mirrored", name)
        own = {label: Flow(bench, f"{alias}-{label}-topic", f"{alias}-{label}-group") for label in labels}
        flows |= own
        mirrors[name] = _mirror(bench, alias, own)
    for flow in flows.values():
        prepare(flow)
    return Stage(bench, bench.worker(list(mirrors.values())), mirrors, flows)


def _mirror(bench: Bench, alias: str, flows: Mapping[str, Flow]) -> Mirror:
    """A mirror of these topics, whose users go without what is taken for each."""
    settings = settings_of(
        bench.name("mirrored"),
        alias,
        topics=[flow.topic for flow in flows.values()],
        groups=[flow.group for flow in flows.values()],
        # Each copy of a configuration removes from the target what is a default on the source
        # (`MirrorSourceConnector.incrementalAlterConfigs`); the verifier's turn sets it there alone.
        topic_configs_exclude=["retention.ms"],
    )
    every = Mirror(bench.regions, settings)
    taken: dict[str, set[Right]] = {"mirror": set(), "source": set()}
    for label, flow in flows.items():
        if label in TAKEN:
            user, resource, operation = TAKEN[label]
            kind, on = ("topic", flow.topic) if resource == table.TOPICS else ("group", flow.group)
            right = Right(kind, on, "literal", operation)
            assert right in (every.source_rights if user == "source" else every.target_rights)
            taken[user].add(right)
    return Mirror(bench.regions, settings, frozenset(taken["mirror"]), frozenset(taken["source"]))


def _broken(stage: Stage, outcomes: Outcomes) -> None:
    flows, worker = stage.flows, stage.worker
    for label in ("whole", "alter"):
        flows[label].grow()
    for label in ("whole", "config"):
        flows[label].configure("east", *CHOSEN)
    until("the new partition", lambda: stage.whole.partitions() == 2, seconds=PATIENCE)
    until("the new configuration", lambda: stage.whole.configured(CHOSEN[0]) == CHOSEN[1], seconds=PATIENCE)
    # What lacks nothing of this is done before anybody looks what is not.
    for label in ("emptied", "alter", "config", "read", "group", "ungrouped"):
        flows[label].mirrored(RECORDS)
    for label in ("emptied", "alter", "config"):
        flows[label].translated_past(0)
    denied = r"\n.*TopicAuthorizationException"
    with outcomes.of("broken", TAKEN["create"]):
        heard(worker, rf"Could not create topic {flows['create'].topic}\.{denied}")
        # Its producer asks for the topic without end, and holds up the task (`KafkaProducer.waitOnMetadata`).
        heard(worker, rf"Producer clientId=.* The metadata response .*{flows['create'].topic}=UNKNOWN_TOPIC")
        assert not flows["create"].exists()
        flows["beside"].produce(RECORDS)
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
        connector = stage.of("write").names.source_connector
        until("its task to fail", lambda: failed(worker, connector, flows["write"].topic), seconds=PATIENCE)
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
    checks = (*CHECKS, "topic-configs-match")
    found = {name: failing(stage.worker, mirror, checks=checks) for name, mirror in stage.mirrors.items()}
    for label, key in TAKEN.items():
        with outcomes.of("broken", key):
            flow, check = stage.flows[label], table.BY_KEY[key].found
            findings = next(found[name] for name, labels in APART.items() if label in labels)
            if check in ("topics-present", "groups-translated", "topic-configs-match"):
                assert flow.topic in findings[check] or flow.group in findings[check]
            elif check == "connectors-running":
                assert not runs(stage.worker, stage.of(label))
            else:
                assert check.startswith("none")
                assert flow.topic not in str(findings)
                assert flow.group not in str(findings)
    with outcomes.of("broken", TAKEN["create"]):
        assert running(stage.worker, stage.of("create")), "a task that says so would be no silent failure"


def _mended(stage: Stage, outcomes: Outcomes) -> None:
    flows, worker = stage.flows, stage.worker

    def restarted() -> bool:
        for mirror in stage.mirrors.values():
            for connector in mirror.connectors():
                if any(state == "FAILED" for state, _ in worker.tasks(connector.name).values()):
                    worker.restart(connector.name)  # as Strimzi's autoRestart does
        return all(running(worker, mirror) for mirror in stage.mirrors.values())

    until("running tasks", restarted, seconds=PATIENCE, every=2)
    for label, flow in flows.items():
        if label != "beside":  # it got them before
            flow.produce(RECORDS)
        flow.commit(2 * RECORDS)
    for label in flows:
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
