"""Rights that a running worker's connectors need: many mirrors in one worker, each without one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.lab.rights import table
from tests.lab.rights.bench import Bench
from tests.lab.rights.flow import PATIENCE, Flow, failed, heard, running
from tests.lab.rights.mirrors import Mirror, settings_of
from tests.lab.rights.model import Right
from tests.lab.rights.outcomes import Outcomes
from tests.lab.rights.table import Key
from tests.lab.rights.verifying import failing, runs
from tests.lab.rights.worker import Worker
from tests.lab.support import kafka
from tests.lab.support.wait import until

RECORDS = 10
CHOSEN = ("max.message.bytes", "1000001")
"""A topic's configuration that a test changes on the source."""


@dataclass
class Case:
    """One mirror, and the right that it goes without."""

    key: Key | None
    mirror: Mirror
    flow: Flow
    produced: int = RECORDS


@dataclass
class Round:
    """One worker, its cases, and what was seen of them."""

    bench: Bench
    name: str
    exactly_once: bool
    outcomes: Outcomes = field(default_factory=Outcomes)
    cases: dict[str, Case] = field(default_factory=dict)
    calmed: list[Mirror] = field(default_factory=list)

    def add(self, label: str, key: Key | None, location: str) -> Case:
        """One more mirror."""
        alias = self.bench.name(self.name, label)
        flow = Flow(self.bench, f"{alias}-orders", f"{alias}-readers")
        settings = settings_of(
            self.bench.name(self.name),
            alias,
            topics=[flow.topic],
            groups=[flow.group],
            exactly_once=self.exactly_once,
            location=location,
        )
        mirror = without(Mirror(self.bench.regions, settings), key)
        case = self.cases[label] = Case(key, mirror, flow)
        return case

    def begin(self) -> Worker:
        """Make topics and groups, start the worker, create all connectors."""
        for case in self.cases.values():
            prepare(case.flow)
        worker = self.bench.worker([case.mirror for case in self.cases.values()])
        worker.start()
        until("a ready worker", lambda: worker.ready, seconds=PATIENCE)
        for case in self.cases.values():
            until("connectors", lambda case=case: not worker.create_connectors(case.mirror), seconds=PATIENCE)  # type: ignore[misc]  # a lambda's default
        return worker

    def more(self, case: Case) -> None:
        """Ten more records."""
        case.flow.produce(RECORDS)
        case.produced += RECORDS

    def whole(self, worker: Worker) -> None:
        """The mirrors that lack nothing do everything."""
        for case in self.cases.values():
            if case.key is None:
                case.flow.mirrored(case.produced, exactly=self.exactly_once)
                case.flow.translated_past(0)
                until("running tasks", partial(running, worker, case.mirror), seconds=PATIENCE)

    def calm(self, worker: Worker, case: Case) -> None:
        """Give back one mirror's rights: clients that may not read or write what they are to tell so again
        and again, without a pause (`KafkaBasedLog.WorkThread`, `TransactionManager`), and hold up the others.
        """
        self.calmed.append(case.mirror)
        self.bench.give_back(worker, self.calmed)

    def mend(self, worker: Worker, labels: set[str]) -> None:
        """Give back every right; start anew what Connect does not look at again by itself."""
        self.bench.give_back(worker)
        for label in labels:
            for connector in self.cases[label].mirror.connectors():
                worker.restart(connector.name, only_failed=False)

    def healed(self, worker: Worker, case: Case, *, of: Key | None = None) -> None:
        """New records arrive, none is lost or doubled, and the group follows to the end."""
        with self.outcomes.of("mended", *((of or case.key,) if of or case.key else ())):
            case.flow.mirrored(case.produced, exactly=self.exactly_once)
            before = case.flow.translated()
            self.more(case)
            case.flow.mirrored(case.produced, exactly=self.exactly_once)
            case.flow.commit(case.produced)
            case.flow.translated_past(before)
            until("running tasks", lambda: running(worker, case.mirror), seconds=PATIENCE)


def without(mirror: Mirror, key: Key | None) -> Mirror:
    """The mirror without the one right of this kind."""
    if key is None:
        return mirror
    given = mirror.source_rights if key[0] == "source" else mirror.target_rights
    taken = frozenset(r for r in given if (table.resource(r, mirror.settings), r.operation) == key[1:])
    assert len(taken) == 1, f"{key} is not one right: {sorted(map(str, taken))}"
    return lacking(mirror, taken, on_source=key[0] == "source")


def lacking(mirror: Mirror, taken: frozenset[Right], *, on_source: bool) -> Mirror:
    """The mirror without these rights."""
    if on_source:
        return Mirror(mirror.regions, mirror.settings, source_without=taken)
    return Mirror(mirror.regions, mirror.settings, without=taken)


def prepare(flow: Flow) -> None:
    """A topic with records, all read by the group."""
    kafka.create_topic(flow.bench.source, flow.topic)
    flow.produce(RECORDS)
    flow.commit(RECORDS)


Symptom = Callable[[Worker, Case], None]


def syncs_never_made(worker: Worker, case: Case) -> None:
    """Everything says RUNNING; no group is translated."""
    topic = case.mirror.names.offset_syncs_topic
    heard(worker, rf"Could not look up partition metadata for topic '{topic}'")
    region = case.mirror.settings.mirror.offset_syncs_topic_location
    config = case.flow.bench.source if region == "source" else case.flow.bench.target
    assert topic not in kafka.topics(config)
    unseen(worker, case)


def syncs_unread(worker: Worker, case: Case) -> None:
    """Everything says RUNNING; no group is translated."""
    heard(worker, rf"Not authorized to read from partition {case.mirror.names.offset_syncs_topic}-0")
    unseen(worker, case)


def syncs_unwritten(worker: Worker, case: Case) -> None:
    """Everything says RUNNING; no group is translated.

    On the source it is the only right to write at all, and no producer may begin without one (KIP-679).
    """
    topic, alias = case.mirror.names.offset_syncs_topic, case.mirror.settings.source.alias
    if case.mirror.settings.mirror.offset_syncs_topic_location == "source":
        heard(worker, rf"{alias}.*offset-syncs-source-producer.* error state due to .*AuthorizationException")
    else:
        heard(worker, rf"Failure sending offset sync\.\n.*TopicAuthorizationException.*{topic}")
    unseen(worker, case)


def unseen(worker: Worker, case: Case) -> None:
    """Silently without a translation."""
    assert running(worker, case.mirror), "a task that says so would be no silent failure"
    assert case.flow.translated() < 0
    assert case.flow.group in failing(worker, case.mirror).get("groups-translated", "")


def checkpoints_unwritten(worker: Worker, case: Case) -> None:
    """The task says so."""
    name, topic = case.mirror.names.checkpoint_connector, case.mirror.names.checkpoints_topic
    until("its task to fail", lambda: failed(worker, name, topic), seconds=PATIENCE)
    assert not runs(worker, case.mirror), "the table says: connectors-running finds it"


def topics_never_made(worker: Worker, case: Case) -> None:
    """One unreadable configuration, and no topic is made."""
    heard(
        worker, rf"TopicAuthorizationException occurred while trying to describe configs.*{case.flow.topic}"
    )
    assert not case.flow.exists()
    assert case.flow.topic in failing(worker, case.mirror).get("topics-present", "")


def syncs_not_described(worker: Worker, case: Case) -> None:
    """MM2 needs it for nothing; verification looks with this user."""
    topic = case.mirror.names.offset_syncs_topic
    assert topic in failing(worker, case.mirror, checks=["internal-topics-safe"])["internal-topics-safe"]


SYNCS: dict[str, Symptom] = {"Read": syncs_unread, "Write": syncs_unwritten, "Create": syncs_never_made}
"""The noisy ones first: see `Round.calm`."""


OWN: frozenset[Key] = frozenset(
    [
        ("source", table.TOPICS, "DescribeConfigs"),
        *(("mirror", topic, operation) for topic in (table.CHECKPOINTS, table.SYNCS) for operation in SYNCS),
    ]
)
"""What `own_topics` tries."""
DESCRIBED: Key = ("source", table.SYNCS, "DescribeConfigs")
AT_THE_SOURCE: frozenset[Key] = frozenset(
    ("source", table.SYNCS, operation) for operation in SYNCS
) | frozenset({DESCRIBED})
"""What `at_the_source` tries."""


def at_the_source(bench: Bench) -> Outcomes:
    """At least once, offset syncs on the source: the rights that the source user needs there."""
    here = Round(bench, "atsource", exactly_once=False)
    here.add("whole", None, "source")
    here.add("another", None, "target")
    for operation in SYNCS:
        here.add(operation.lower(), ("source", table.SYNCS, operation), "source")
    described = here.add("described", DESCRIBED, "source")
    worker = here.begin()
    try:
        here.whole(worker)
        for operation, symptom in SYNCS.items():
            case = here.cases[operation.lower()]
            with here.outcomes.of("broken", ("source", table.SYNCS, operation)):
                symptom(worker, case)
            here.calm(worker, case)
        with here.outcomes.of("broken", DESCRIBED):
            syncs_not_described(worker, described)
        here.mend(worker, {operation.lower() for operation in SYNCS})
        for case in here.cases.values():
            here.healed(worker, case)
    finally:
        worker.stop(kill=True)
    return here.outcomes


def own_topics(bench: Bench) -> Outcomes:
    """Exactly once, offset syncs on the target: the rights on MM2's own topics, and on configurations."""
    here = Round(bench, "own", exactly_once=True)
    whole = here.add("whole", None, "target")
    here.add("other", None, "source")
    for operation in SYNCS:
        here.add(f"s-{operation.lower()}", ("mirror", table.SYNCS, operation), "target")
        here.add(f"c-{operation.lower()}", ("mirror", table.CHECKPOINTS, operation), "target")
    configs = here.add("configs", ("source", table.TOPICS, "DescribeConfigs"), "target")
    unmade, unread, unwritten = (here.cases[f"c-{name}"] for name in ("create", "read", "write"))
    worker = here.begin()
    try:
        here.whole(worker)
        for operation, symptom in SYNCS.items():
            case = here.cases[f"s-{operation.lower()}"]
            with here.outcomes.of("broken", ("mirror", table.SYNCS, operation)):
                symptom(worker, case)
            here.calm(worker, case)
        with here.outcomes.of("broken", ("mirror", table.CHECKPOINTS, "Write")):
            checkpoints_unwritten(worker, unwritten)
        with here.outcomes.of("broken", ("source", table.TOPICS, "DescribeConfigs")):
            topics_never_made(worker, configs)
        _restarted(here, worker, whole, unmade, unread)
        here.mend(worker, here.cases.keys() - {"whole", "other", "configs"})
        for case in here.cases.values():
            here.healed(worker, case)
    finally:
        worker.stop(kill=True)
    return here.outcomes


def _restarted(here: Round, worker: Worker, whole: Case, unmade: Case, unread: Case) -> None:
    """Offset syncs, and a group between the last two of them when the task is started anew.

    With its checkpoints the task goes on; without, only what is at or after the newest sync is translated
    (`OffsetSyncStore.initializationMustReadToEnd`).
    """
    keys: tuple[Key, Key] = (("mirror", table.CHECKPOINTS, "Create"), ("mirror", table.CHECKPOINTS, "Read"))
    three = (whole, unmade, unread)
    first = whole.flow.translated()
    for case in three:
        _synced(here, case)
        case.flow.commit(case.produced)
    reached = whole.flow.translated_past(first)
    with here.outcomes.of("broken", keys[0]):
        assert unmade.mirror.names.checkpoints_topic not in kafka.topics(here.bench.target)
        assert running(worker, unmade.mirror), "a task that says so would be no silent failure"
        # Not compared with `first`: its own first translation may come from an earlier offset sync.
        stands = unmade.flow.translated()
        assert stands < reached, f"translated to {stands}, no longer the first translation"
        found = failing(worker, unmade.mirror).get("groups-translated", "")
        assert unmade.mirror.names.checkpoints_topic in found, "the table says: groups-translated finds it"
    with here.outcomes.of("broken", keys[1]):
        unread.flow.translated_past(first)
    for case in (whole, unread):
        _synced(here, case)
        _synced(here, case)
    # Not sooner: the first translation may be followed by a more exact one.
    before = unread.flow.translated()
    for case in (whole, unread):
        worker.restart(case.mirror.names.checkpoint_connector, only_failed=False)
    for case in (whole, unread):
        until("a task after its restart", partial(running, worker, case.mirror), seconds=PATIENCE)
        case.flow.commit(case.produced - RECORDS // 2)
    whole.flow.translated_past(reached)
    with here.outcomes.of("broken", keys[1]):
        heard(worker, f"Not authorized to access checkpoints topic {unread.mirror.names.checkpoints_topic}")
        assert running(worker, unread.mirror), "a task that says so would be no silent failure"
        assert unread.flow.translated() == before, "translated although it may not read its checkpoints"
        assert "groups-translated" not in failing(worker, unread.mirror), "the table says: no check"


def _synced(here: Round, case: Case) -> None:
    """More records on the target, with an offset sync of the last of them."""
    syncs = case.mirror.names.offset_syncs_topic
    before = len(kafka.read(here.bench.target, syncs))
    here.more(case)
    case.flow.mirrored(case.produced)
    until("an offset sync", lambda: len(kafka.read(here.bench.target, syncs)) > before, seconds=PATIENCE)
