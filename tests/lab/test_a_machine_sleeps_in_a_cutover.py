"""The machine of an operator sleeps in a cutover. Where nobody else acts meanwhile, the cutover goes on when
the machine wakes; where another operator has rolled it back, it promotes nothing.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from subprocess import Popen

import pytest

from mirror.cutover.lease import SECONDS
from mirror.mm2.phase import PROMOTED, REPLICATE, phase_of
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.command import Ran
from tests.lab.support.cutovers import cutover, started, up_to
from tests.lab.support.lab import Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until

OLD = 20


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror with one topic, and a user that writes."""
    with own_mirror(regions, "asleep") as made, ExitStack() as undo:
        kafka.create_topic(regions.kafka("east"), made.topic())
        made.produce(*(f"old {number}" for number in range(OLD)))
        rules = [Acl("topic", made.topic(), "literal", ("Describe", "Write"))]
        regions.make_user("east", writer(made), "scram-sha-512", rules)
        undo.callback(regions.remove_user, "east", writer(made))
        made.stack.up().ok()
        yield made


def writer(mirror: OwnMirror) -> str:
    return f"{mirror.name}-writer"


def phase(mirror: OwnMirror) -> str:
    there = mirror.regions.mirror_resource(mirror.name)
    return phase_of({"metadata": {"annotations": there.metadata.annotations}})


def rolled_back(mirror: OwnMirror) -> Ran | None:
    """Another operator rolls back, who has to wait until the Lease has expired."""
    ran = cutover(mirror, "rollback", "--yes")
    return None if "runs a cutover" in ran.stderr else ran


def wakes(process: Popen[str]) -> str:
    """What the command says once its machine is awake again, up to its end."""
    process.send_signal(signal.SIGCONT)
    assert process.stdout is not None
    said = process.stdout.read()
    process.wait(120)
    return said


def test_another_operator_rolls_back_meanwhile(mirror: OwnMirror, regions: Regions) -> None:
    with started(mirror) as process:
        up_to(process, "acting", "promote")
        process.send_signal(signal.SIGSTOP)
        ran = until("the rollback", lambda: rolled_back(mirror), seconds=120, every=5)
        assert "is proven again" in ran.ok().stdout
        said = wakes(process)
    assert process.returncode != 0, said
    assert phase(mirror) == REPLICATE
    kafka.produce(regions.scram("east", writer(mirror)), mirror.topic(), ["goes on"])
    assert "is proven again" in cutover(mirror, "rollback", "--yes").ok().stdout


def test_it_goes_on_where_nobody_has_acted(mirror: OwnMirror) -> None:
    with started(mirror) as process:
        up_to(process, "done", "drain")
        process.send_signal(signal.SIGSTOP)
        time.sleep(SECONDS + 15)
        said = wakes(process)
    assert process.returncode == 0, said
    assert phase(mirror) == PROMOTED
    assert mirror.copied()[:OLD] == [f"old {number}".encode() for number in range(OLD)]
