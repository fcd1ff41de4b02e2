"""Names that must not change: refused before anything is touched, and possible on purpose."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from lightkube.types import PatchType

from manifests.metadata import PHASE
from tests.lab.support import kafka
from tests.lab.support.command import Ran
from tests.lab.support.lab import NAMESPACE, KafkaMirrorMaker2, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until


@pytest.fixture(scope="module")
def deployed(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror of one topic."""
    with own_mirror(regions, "guard") as mirror:
        kafka.create_topic(regions.kafka("east"), mirror.topic())
        mirror.produce("a", "b", "c")
        mirror.stack.up().ok()
        yield mirror


def other_group(config: dict[str, Any]) -> None:
    config["mirror"]["group_id"] = "another-group"


def resources(state: str) -> list[tuple[str, object]]:
    """What a state holds, but for Pulumi's own providers: that of dynamic resources is given the whole
    configuration in every run. Secrets are encrypted anew each time a state is written.
    """
    state = re.sub(r'"ciphertext": "[^"]*"', '"ciphertext": "?"', state)
    every = json.loads(state)["deployment"]["resources"]
    return [
        (one["urn"], one.get("inputs")) for one in every if not one["type"].startswith("pulumi:providers:")
    ]


def refused(ran: Ran, *said: str) -> None:
    """It failed with all of this, and with words for people alone."""
    assert ran.code != 0, ran.output
    for text in (*said, "Nothing has been changed", "mirror.identity_change: allow"):
        assert text in ran.output
    assert "Traceback" not in ran.output


def test_another_group_is_refused_and_nothing_is_touched(deployed: OwnMirror) -> None:
    before = deployed.stack.state()
    resource = deployed.regions.mirror_resource(deployed.name)
    deployed.stack.configure(other_group)
    words = (f"mirror.group_id: {deployed.name} -> another-group", "cannot fence them")
    refused(deployed.stack.preview(), *words)
    refused(deployed.stack.up(), *words)
    after = deployed.regions.mirror_resource(deployed.name)
    assert after.metadata.resourceVersion == resource.metadata.resourceVersion
    assert resources(deployed.stack.state()) == resources(before)
    deployed.stack.as_before()


def test_a_targeted_up_does_not_go_around_the_guard(deployed: OwnMirror) -> None:
    """With `--target` Pulumi does not ask the guard, and takes its last outputs."""
    resource = deployed.regions.mirror_resource(deployed.name)
    every = json.loads(deployed.stack.state())["deployment"]["resources"]
    (urn,) = [one["urn"] for one in every if one["type"].endswith(":KafkaMirrorMaker2")]
    deployed.stack.configure(other_group)
    ran = deployed.stack.pulumi(
        "up", "--yes", "--skip-preview", "--target", urn, "--stack", deployed.stack.name
    )
    assert ran.code != 0
    assert "was left out (--target, --exclude). Nothing has been changed" in ran.output
    after = deployed.regions.mirror_resource(deployed.name)
    assert after.metadata.generation == resource.metadata.generation
    deployed.stack.as_before()


def test_a_targeted_up_does_not_start_a_promoted_mirror(deployed: OwnMirror) -> None:
    """Fields that Pulumi forces are no conflict of server-side apply: the guard alone protected them."""
    every = json.loads(deployed.stack.state())["deployment"]["resources"]
    (urn,) = [one["urn"] for one in every if one["type"].endswith(":KafkaMirrorMaker2")]
    kubernetes = deployed.regions.kubernetes("west")

    def annotate(value: str | None) -> None:
        body = {"metadata": {"annotations": {PHASE: value}}}
        kubernetes.patch(
            KafkaMirrorMaker2, deployed.name, body, namespace=NAMESPACE, patch_type=PatchType.MERGE
        )

    def more_workers(config: dict[str, Any]) -> None:
        config["workers"]["replicas"] = 2
        config["mirror"]["take_over"] = "unrecorded"  # as the stack file of an imported mirror

    annotate("promoted")
    before = deployed.regions.mirror_resource(deployed.name).metadata.generation
    try:
        deployed.stack.configure(more_workers)
        ran = deployed.stack.pulumi(
            "up", "--yes", "--skip-preview", "--target", urn, "--stack", deployed.stack.name
        )
        assert ran.code != 0, ran.output
        assert "was promoted, but the stack file says `mirror.phase: replicate`" in ran.output
        assert deployed.regions.mirror_resource(deployed.name).metadata.generation == before
    finally:
        annotate(None)
        deployed.stack.as_before()


def test_another_alias_is_refused(deployed: OwnMirror) -> None:
    def orient(config: dict[str, Any]) -> None:
        config["source"]["alias"] = "orient"

    deployed.stack.configure(orient)
    refused(
        deployed.stack.preview(), f"source.alias: {deployed.alias} -> orient", "copies every record again"
    )
    deployed.stack.as_before()


def test_another_policy_is_refused(deployed: OwnMirror) -> None:
    def identity(config: dict[str, Any]) -> None:
        config["mirror"]["replication_policy"] = "identity"

    deployed.stack.configure(identity)
    refused(deployed.stack.preview(), "mirror.replication_policy: default -> identity", "neither is complete")
    deployed.stack.as_before()


def test_another_name_is_refused_though_it_looks_like_another_mirror(deployed: OwnMirror) -> None:
    def renamed(config: dict[str, Any]) -> None:
        config["mirror"]["name"] = f"{deployed.name}-two"

    deployed.stack.configure(renamed)
    refused(deployed.stack.preview(), f"was {deployed.name} and would become {deployed.name}-two")
    deployed.stack.as_before()


def test_a_refresh_forgets_nothing(deployed: OwnMirror) -> None:
    deployed.stack.pulumi("refresh", "--yes", "--skip-preview", "--stack", deployed.stack.name).ok()
    deployed.stack.preview("--expect-no-changes").ok()
    deployed.stack.configure(other_group)
    preview = deployed.stack.preview()
    assert preview.code != 0
    assert "mirror.group_id" in preview.output
    deployed.stack.as_before()


def test_it_can_be_changed_on_purpose(deployed: OwnMirror) -> None:
    def other_status(config: dict[str, Any]) -> None:
        config["mirror"].update({"status_topic": f"__{deployed.name}-status-two", "identity_change": "allow"})

    deployed.stack.configure(other_status)
    deployed.stack.up().ok()
    spec = deployed.regions.mirror_resource(deployed.name).spec
    assert spec["target"]["statusStorageTopic"] == f"__{deployed.name}-status-two"
    until("the three records", lambda: deployed.copied() == [b"a", b"b", b"c"], seconds=60)
    # From now on the new name is the one that stays.
    deployed.stack.as_before()
    preview = deployed.stack.preview()
    assert preview.code != 0
    assert f"mirror.status_topic: __{deployed.name}-status-two -> __{deployed.name}-status" in preview.output
