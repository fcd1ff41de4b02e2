"""Permissions that a running worker needs: many mirrors in one worker, each without one of them."""

from __future__ import annotations

from functools import partial

from tests.lab.rights import table
from tests.lab.rights.bench import Bench
from tests.lab.rights.flow import PATIENCE, heard, running
from tests.lab.rights.outcomes import Outcomes
from tests.lab.rights.rounds import RECORDS, Case, Round
from tests.lab.rights.symptoms import SYNCS, checkpoints_unwritten, syncs_not_described, topics_never_made
from tests.lab.rights.table import Key
from tests.lab.rights.verifying import failing
from tests.lab.rights.worker import Worker
from tests.lab.support import kafka
from tests.lab.support.wait import until

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
    # On a busy machine the task may look at the group for the first time only now.
    stood = unmade.flow.translated_past(0)
    for case in three:
        _synced(here, case)
        case.flow.commit(case.produced)
    reached = whole.flow.translated_past(first)
    with here.outcomes.of("broken", keys[0]):
        assert unmade.mirror.names.checkpoints_topic not in kafka.topics(here.bench.target)
        assert running(worker, unmade.mirror), "a task that says so would be no silent failure"
        # Not compared with `first`: its own first translation may come from an earlier offset sync.
        assert stood < reached
        stands = unmade.flow.translated()
        assert stands == stood, f"translated to {stands}, no longer the first translation, {stood}"
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
