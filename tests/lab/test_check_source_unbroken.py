"""A source that is not what the mirror took up fails source-unbroken, and nothing else.

The mirror is the tests' own: what has gone cannot be mended, only taken as it is, with a new baseline.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from manifests.baseline import KEY
from mirror.estate.connection import connect
from mirror.verify.baseline import Baseline, decode
from settings.names import Names
from tests.lab.support import kafka
from tests.lab.support.lab import NAMESPACE, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until

FIVE = ("a", "b", "c", "d", "e")
PATIENCE = 300.0
"""A task may fail where its topic goes; Strimzi's operator starts it again, with pauses that grow."""


@pytest.fixture(scope="module")
def own(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror of three topics."""
    with own_mirror(regions, "unbroken") as made:
        for suffix in ("overtaken", "gone", "anew"):
            kafka.create_topic(regions.kafka("east"), made.topic(suffix))
            made.produce(*FIVE, suffix=suffix)
        made.stack.up().ok()
        yield made


def fails_alone(own: OwnMirror, *said: str) -> None:
    """Wait until nothing else is found, and look for the words of the finding."""

    def alone() -> bool:
        return own.stack.failed_checks() == {"source-unbroken"}

    until("source-unbroken alone to fail", alone, seconds=PATIENCE, every=2)
    (check,) = json.loads(own.stack.verify("--json", "--check", "source-unbroken").stdout)["checks"]
    for words in said:
        assert words in json.dumps(check["findings"])


def proven(own: OwnMirror) -> None:
    until("a proven mirror", lambda: not own.stack.failed_checks(), seconds=PATIENCE, every=2)


def baseline(own: OwnMirror) -> Baseline:
    """What lies in the ConfigMap beside the mirror."""
    (settings,) = own.stack.settings()
    name = Names.of(settings).baseline_config_map
    return decode(connect(settings.target, own.stack.project).config_map(NAMESPACE, name)[KEY])


@contextmanager
def stopped(own: OwnMirror) -> Iterator[None]:
    """The source connector, while it has no tasks."""
    declared = own.regions.mirror_resource(own.name).spec["mirrors"]
    without = copy.deepcopy(declared)
    without[0]["sourceConnector"]["state"] = "stopped"
    own.regions.patch_mirror(own.name, {"mirrors": without})
    try:
        until("a stopped connector", lambda: "STOPPED" in own.stack.verify().output, seconds=90, every=2)
        yield
    finally:
        own.regions.patch_mirror(own.name, {"mirrors": declared})


def test_the_baseline_is_kept_and_a_second_preview_changes_nothing(own: OwnMirror) -> None:
    kept = baseline(own)
    assert kept.topics.keys() == {own.topic(one) for one in ("overtaken", "gone", "anew")}
    assert all(one.id and one.begins == (0,) for one in kept.topics.values())
    own.stack.preview("--expect-no-changes").ok()


def test_a_topic_that_enters_is_added_at_the_next_up(own: OwnMirror) -> None:
    before = baseline(own)
    kafka.create_topic(own.regions.kafka("east"), own.topic("later"))
    preview = own.stack.preview().ok()
    changed = [line for line in preview.stdout.splitlines() if line.strip().startswith("~ ")]
    assert any("Baseline" in line for line in changed), preview.output
    own.stack.up().ok()
    after = baseline(own)
    assert after.topics.keys() - before.topics.keys() == {own.topic("later")}
    assert after.topics.items() > before.topics.items()
    own.stack.preview("--expect-no-changes").ok()
    proven(own)


def test_records_that_went_before_they_were_mirrored_are_counted(own: OwnMirror) -> None:
    topic = own.topic("overtaken")
    with stopped(own):
        own.produce("f", "g", "h", suffix="overtaken")
        kafka.delete_records(own.regions.kafka("east"), topic, 8)
    fails_alone(own, f"{topic}-0", "3 offsets were deleted on the source before they were mirrored")
    # The next record that is mirrored hides the gap: nothing but the content tells of it then.
    own.produce("i", suffix="overtaken")
    until("the copy", lambda: own.copied("overtaken")[-1:] == [b"i"], seconds=90)
    assert b"g" not in own.copied("overtaken")
    proven(own)


def test_a_deleted_topic_and_one_made_anew_are_named_until_a_new_baseline(own: OwnMirror) -> None:
    east, gone, anew = own.regions.kafka("east"), own.topic("gone"), own.topic("anew")
    former = baseline(own).topics[anew].id
    former_records = kafka.read(east, anew)
    kafka.delete_topic(east, gone)
    kafka.delete_topic(east, anew)
    until("both to be gone", lambda: not {gone, anew} & kafka.topics(east), seconds=120)
    with stopped(own):  # a consumer that meets the new log while it is shorter begins it anew
        kafka.create_topic(east, anew)
        # With the same records again, so that no content tells: MM2 goes on where it was in the old one.
        kafka.reproduce(east, anew, former_records)
    own.produce("6", "7", "8", suffix="anew")
    fails_alone(own, f"{gone}", "is not there any more", f"{anew}", "deleted and created again", former)
    # An `up` alone takes nothing back: what the baseline has it keeps.
    own.stack.preview("--expect-no-changes").ok()
    own.stack.new_baseline().ok()
    taken = baseline(own)
    assert gone not in taken.topics
    assert taken.topics[anew].id != former
    proven(own)
