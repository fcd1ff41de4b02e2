"""What an earlier mirror left under the same names is found before a new one is deployed; nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from lightkube.core.exceptions import ApiError

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until

RECORDS = [b"a", b"b", b"c"]


@pytest.fixture(scope="module")
def destroyed(regions: Regions) -> Iterator[OwnMirror]:
    """A mirror that was deployed, copied three records, and was taken down again."""
    with own_mirror(regions, "left") as mirror:
        kafka.create_topic(regions.kafka("east"), mirror.topic())
        mirror.produce("a", "b", "c")
        mirror.stack.up().ok()
        mirror.stack.destroy().ok()
        yield mirror


def adopt(config: dict[str, Any]) -> None:
    config["mirror"]["leftovers"] = "adopt"


def forget(mirror: OwnMirror, kind: str) -> None:
    """Take the resources of a kind out of the stack's state, and all that depends on them off them."""
    state = json.loads(mirror.stack.state())
    every = state["deployment"]["resources"]
    gone = {one["urn"] for one in every if one["type"].endswith(f":{kind}")}
    assert len(gone) == 2, gone  # the component, and the custom resource in it
    kept = [one for one in every if one["urn"] not in gone]
    for one in kept:
        one["dependencies"] = [urn for urn in one.get("dependencies") or [] if urn not in gone]
    state["deployment"]["resources"] = kept
    file = mirror.stack.project / "state.json"
    file.write_text(json.dumps(state))
    mirror.stack.pulumi("stack", "import", "--file", str(file), "--stack", mirror.stack.name).ok()


def not_deployed(mirror: OwnMirror) -> None:
    with pytest.raises(ApiError) as gone:
        mirror.regions.mirror_resource(mirror.name)
    assert gone.value.status.code == 404


def test_a_new_mirror_is_not_deployed_on_them(destroyed: OwnMirror) -> None:
    refused = destroyed.stack.up()
    assert refused.code != 0, refused.output
    for topic in (f"__{destroyed.name}-config", f"__{destroyed.name}-offset", destroyed.copy()):
        assert f"--delete --topic {topic}\n" in refused.output
        assert f"{topic} " in refused.output
    assert "MM2 would resume 1 partition at the positions of the other mirror" in refused.output
    assert "mirror.leftovers: adopt" in refused.output
    assert "Traceback" not in refused.output
    not_deployed(destroyed)


def test_the_preview_tells_once_there_is_a_user_to_look_with(destroyed: OwnMirror) -> None:
    preview = destroyed.stack.preview()
    assert preview.code != 0
    assert f"--delete --topic __{destroyed.name}-offset\n" in preview.output


def test_a_refused_first_deployment_has_fixed_no_name(destroyed: OwnMirror) -> None:
    def orient(config: dict[str, Any]) -> None:
        config["source"]["alias"] = "orient"

    destroyed.stack.configure(orient)
    try:
        destroyed.stack.preview().ok()
    finally:
        destroyed.stack.as_before()


def test_a_target_without_its_copies_would_lose_records(destroyed: OwnMirror) -> None:
    """strimzi-kafka-operator #3375: the target was made anew, MM2's positions were not."""
    kept = destroyed.copied()
    kafka.delete_topic(destroyed.regions.kafka("west"), destroyed.copy())
    refused = destroyed.stack.up()
    assert refused.code != 0
    assert "MM2 would LOSE up to" in refused.output
    assert destroyed.topic() in refused.output
    not_deployed(destroyed)
    # Put back as they were, for the tests that follow.
    kafka.create_topic(destroyed.regions.kafka("west"), destroyed.copy())
    kafka.reproduce(
        destroyed.regions.kafka("west"),
        destroyed.copy(),
        kafka.read(destroyed.regions.kafka("east"), destroyed.topic()),
    )
    assert destroyed.copied() == kept == RECORDS


def test_adopted_they_are_gone_on_from(destroyed: OwnMirror) -> None:
    destroyed.stack.configure(adopt)
    destroyed.produce("d")
    destroyed.stack.up().ok()
    until("all four records", lambda: destroyed.copied() == [*RECORDS, b"d"], seconds=60)
    destroyed.stack.preview("--expect-no-changes").ok()
    destroyed.stack.destroy().ok()
    destroyed.stack.as_before()


def test_deleted_they_are_forgotten(destroyed: OwnMirror) -> None:
    destroyed.clear_target()
    destroyed.stack.up().ok()
    until("all four records", lambda: destroyed.copied() == [*RECORDS, b"d"], seconds=60)


def test_a_deployed_mirror_that_the_stack_forgot_is_its_own(destroyed: OwnMirror) -> None:
    """A state that was lost: the KafkaMirrorMaker2 runs under these names, so nothing is left of another."""
    forget(destroyed, "FirstDeployment")
    up = destroyed.stack.up().ok()
    assert "this mirror is already deployed" in up.output
    until("all four records", lambda: destroyed.copied() == [*RECORDS, b"d"], seconds=60)
