"""The verifier's rights: taken away one by one, a check fails, or the look for leftovers refuses to judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from confluent_kafka import TopicPartition

from mirror.clients.sides import Sides
from mirror.problems import CouldNotRead
from mirror.start.leftovers.judge import Leftovers
from mirror.start.leftovers.read import look
from settings.acls import verifier_acls
from tests.lab.rights import table
from tests.lab.rights.bench import Bench
from tests.lab.rights.flow import PATIENCE, Flow
from tests.lab.rights.mirrors import Mirror
from tests.lab.rights.model import Right, rights
from tests.lab.rights.outcomes import Outcomes
from tests.lab.rights.table import Key
from tests.lab.rights.users import User
from tests.lab.rights.verifying import CHECKS, failing
from tests.lab.rights.worker import Worker
from tests.lab.support import kafka
from tests.lab.support.wait import until

CHECKED: Mapping[Key, frozenset[str]] = {
    ("verifier", table.OFFSETS, "Read"): frozenset({"lag", "tail-matches", "groups-translated"}),
    ("verifier", table.CHECKPOINTS, "Read"): frozenset({"groups-translated"}),
    ("verifier", table.SYNCS, "Read"): frozenset({"groups-translated"}),
    ("verifier", table.GROUPS, "Describe"): frozenset({"groups-translated"}),
    ("verifier", table.TOPICS, "Read"): frozenset({"topics-present"}),
    ("verifier", table.TOPICS, "DescribeConfigs"): frozenset({"tail-matches"}),
    **{
        ("verifier", topic, "DescribeConfigs"): frozenset({"internal-topics-safe"})
        for topic in (table.CONFIGS, table.OFFSETS, table.STATUS, table.CHECKPOINTS, table.SYNCS)
    },
}
"""Rights without which these checks fail."""

LOOKED_FOR: Mapping[Key, str] = {
    ("verifier", table.GROUP, "Describe"): "group {0.group_id}",
    ("verifier", table.CONFIGS, "Describe"): "topic {0.configs_topic}",
    ("verifier", table.OFFSETS, "Read"): "topic {0.offsets_topic}",
    ("verifier", table.STATUS, "Describe"): "topic {0.status_topic}",
    ("verifier", table.CHECKPOINTS, "Read"): "topic {0.checkpoints_topic}",
    ("verifier", table.SYNCS, "Read"): "topic {0.offset_syncs_topic}",
    ("verifier", table.TOPICS, "Read"): "topic",
}
"""Rights without which nobody can say whether anything is left, and what is named then."""

KEYS: frozenset[Key] = frozenset({*CHECKED, *LOOKED_FOR})


@dataclass(frozen=True)
class Verified:
    """A mirror that lacks nothing, and a topic of it that stands for its topics and groups."""

    bench: Bench
    worker: Worker
    mirror: Mirror
    flow: Flow
    verifier: User

    @classmethod
    def of(cls, bench: Bench, worker: Worker, mirror: Mirror, flow: Flow) -> Verified:
        """With a verifier of its own."""
        return cls(bench, worker, mirror, flow, User.create(bench.regions, "west", bench.name("verifier")))

    def try_each(self, outcomes: Outcomes) -> None:
        """Take away and give back, right by right."""
        _empty_by_retention(self.flow)
        every = rights(verifier_acls(self.mirror.settings))
        # With everything, before and after: what fails in between fails for want of the right.
        with outcomes.of("broken", *KEYS):
            until("a verifier that finds nothing", lambda: not self._findings(every), seconds=PATIENCE)
            self._sees_all(every)
        for key in KEYS:
            with outcomes.of("broken", key):
                self._lacks(every - self._first_of(key, every), key)
        with outcomes.of("mended", *KEYS):
            until("a verifier that finds nothing", lambda: not self._findings(every), seconds=PATIENCE)
            self._sees_all(every)

    def _lacks(self, given: frozenset[Right], key: Key) -> None:
        findings = self._findings(given)
        silent = CHECKED.get(key, frozenset()) - findings.keys()
        assert not silent, f"{silent} pass without {key}; found: {findings}"
        if key not in LOOKED_FOR:
            return
        what = LOOKED_FOR[key].format(self.mirror.names)
        told = self._refusal(given)
        assert told.startswith("refused: "), f"without {key} this was told: {told}"
        assert what in told

    def _refusal(self, given: frozenset[Right]) -> str:
        """Why nobody can say what is left; what was said instead, where somebody did. (What `pytest.raises`
        raises is no Exception, and would end the whole experiment.)
        """
        try:
            return repr(self._left(given))
        except CouldNotRead as refusal:
            return f"refused: {refusal}"

    def _sees_all(self, given: frozenset[Right]) -> None:
        found, names = self._left(given), self.mirror.names
        assert found.members == 1, found
        assert {held.topic for held in found.on_target} == {
            names.configs_topic,
            names.offsets_topic,
            names.status_topic,
            names.checkpoints_topic,
            names.offset_syncs_topic,
        }
        assert found.copies, found
        assert found.positions, found

    def _findings(self, given: frozenset[Right]) -> dict[str, str]:
        self.verifier.give(given)
        access = self.verifier.access(self.mirror.settings.target.alias)
        return failing(self.worker, self.mirror, access, (*CHECKS, "internal-topics-safe"))

    def _left(self, given: frozenset[Right]) -> Leftovers:
        """What a first deployment under the same names would be told."""
        self.verifier.give(given)
        settings = self.mirror.settings
        source = self.worker.readers[settings.source.alias].access(settings.source.alias)
        with Sides(source, self.verifier.access(settings.target.alias)) as sides:
            return look(settings, sides, None)[0]

    def _first_of(self, key: Key, every: frozenset[Right]) -> frozenset[Right]:
        """One right of this kind: on the topic that retention has emptied, or its group."""
        kind = [r for r in every if (table.resource(r, self.mirror.settings), r.operation) == key[1:]]
        chosen = (self.flow.topic, self.flow.group)
        return frozenset(kind if len(kind) == 1 else [r for r in kind if r.name in chosen])


def _empty_by_retention(flow: Flow) -> None:
    """The topic's copy as retention would leave it; this mirror leaves out that configuration."""
    flow.configure("west", "retention.ms", "1000")
    admin = kafka.administrator(flow.bench.target)
    everything = TopicPartition(flow.topic, 0, -1)
    admin.delete_records([everything])[everything].result(30)
