"""A round: one worker with many mirrors, each of which lacks one permission."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from tests.lab.rights import table
from tests.lab.rights.bench import Bench
from tests.lab.rights.flow import PATIENCE, Flow, running
from tests.lab.rights.mirrors import Mirror, settings_of
from tests.lab.rights.model import Right
from tests.lab.rights.outcomes import Outcomes
from tests.lab.rights.table import Key
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
