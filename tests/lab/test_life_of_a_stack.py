"""The life of a stack: up, preview without change, a change that shows as itself, another stack that must not
manage its mirror, a teardown without loss.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import Secret
from lightkube.types import PatchType

from components.own_resource import DRIFT_VARIABLE
from manifests.metadata import OWNER
from mirror.stacks.pulumi_state import times
from tests.lab.support import kafka
from tests.lab.support.lab import NAMESPACE, KafkaMirrorMaker2, KafkaUser, Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

NAME = "second-look"


@pytest.fixture(scope="module")
def second(regions: Regions, mirror: Stack) -> Iterator[Stack]:
    """A second mirror between the same regions, under names of its own, with no effect on the first."""
    stack = Stack.create(
        regions.lab.root / "second", regions.lab.root, "second", regions.pulumi_environment()
    )

    def renamed(config: dict[str, Any]) -> None:
        config["source"]["alias"] = "second"
        config["mirror"].update(
            {
                "name": NAME,
                "topics": ["audit-log"],
                "tasks_max": 1,
                "replication_policy": "default",
                "refresh_topics_interval_seconds": 5,
                # In a lab that was kept, the run before has left its topics.
                "leftovers": "adopt",
            }
        )
        config["workers"]["replicas"] = 1
        config["users"]["copy"] = []

    stack.configure(renamed)
    stack.up().ok()
    yield stack
    stack.destroy().ok()


def connector_topics(regions: Regions) -> set[str]:
    """What the source connector is told to mirror."""
    (flow,) = regions.mirror_resource(NAME).spec["mirrors"]
    return set(flow["topicsPattern"].split(","))


def test_a_preview_right_after_up_shows_no_change(second: Stack) -> None:
    second.preview("--expect-no-changes").ok()


def test_a_new_topic_of_the_source_is_a_change_and_no_drift(second: Stack, regions: Regions) -> None:
    """The nightly look for drift sets the variable: the next deployment adds the topic to the baseline."""
    looking = ["preview", "--diff", "--refresh", "--expect-no-changes", "--stack", second.name]
    name = f"drift-{uuid.uuid4().hex[:8]}"
    second.configure(lambda config: config["mirror"].update({"topics": ["audit-log", "drift-.*"]}))
    second.up().ok()
    kafka.create_topic(regions.kafka("east"), name)
    try:
        assert second.pulumi(*looking).code != 0
        second.pulumi(*looking, environment={DRIFT_VARIABLE: "true"}).ok()
        regions.patch_mirror(NAME, {"replicas": 2})
        assert second.pulumi(*looking, environment={DRIFT_VARIABLE: "true"}).code != 0
    finally:
        regions.patch_mirror(NAME, {"replicas": 1})
        kafka.delete_topic(regions.kafka("east"), name)
        second.configure(lambda config: config["mirror"].update({"topics": ["audit-log"]}))
        second.up().ok()
        kafka.delete_topic(regions.kafka("west"), f"second.{name}")


def test_a_deleted_secret_is_found_and_restored(second: Stack, regions: Regions) -> None:
    name = f"{NAME}-second-user"
    regions.kubernetes("west").delete(Secret, name, namespace=NAMESPACE)
    preview = second.preview().ok()
    assert f"Secret {NAMESPACE}/{name} was deleted outside Pulumi" in preview.output
    assert "`pulumi up --refresh` restores it" in preview.output
    second.pulumi("up", "--yes", "--skip-preview", "--refresh", "--stack", second.name).ok()
    assert regions.secret("west", name) is not None


def test_a_changed_secret_is_found_and_set_back(second: Stack, regions: Regions) -> None:
    """The right password, in another form: the mirror goes on, and Pulumi's state knows nothing of it."""
    name = f"{NAME}-second-user"
    before = regions.secret("west", name)
    assert before is not None
    assert before.data is not None
    changed = base64.b64encode(base64.b64decode(before.data["password"]) + b"\n").decode()
    regions.kubernetes("west").patch(
        Secret, name, {"data": {"password": changed}}, namespace=NAMESPACE, patch_type=PatchType.MERGE
    )
    preview = second.preview().ok()
    assert f"Secret {NAMESPACE}/{name} was changed outside Pulumi" in preview.output
    second.pulumi(
        "up", "--yes", "--skip-preview", "--refresh", "--stack", second.name,
        environment={"PULUMI_K8S_ENABLE_PATCH_FORCE": "true"},
    ).ok()  # fmt: skip
    after = regions.secret("west", name)
    assert after is not None
    assert after.data == before.data


def proofs(stack: Stack) -> list[str]:
    """When `pulumi up` verified the mirror last, by the stack's state."""
    return list(times(json.loads(stack.state())).values())


def test_a_deleted_mirror_is_restored_and_verified(second: Stack, regions: Regions) -> None:
    """The declaration is that of the last proof, and `up --refresh` ended without verifying the mirror."""
    before = proofs(second)
    regions.kubernetes("west").delete(KafkaMirrorMaker2, NAME, namespace=NAMESPACE)
    until("no mirror", lambda: NAME not in mirrors(regions), seconds=60)
    looking = second.preview("--refresh", "--diff").ok()
    assert "First deployment" in looking.output
    second.pulumi("up", "--yes", "--skip-preview", "--refresh", "--stack", second.name).ok()
    assert NAME in mirrors(regions)
    assert proofs(second) > before
    second.preview("--refresh", "--expect-no-changes").ok()


def mirrors(regions: Regions) -> set[str]:
    found = regions.kubernetes("west").list(KafkaMirrorMaker2, namespace=NAMESPACE)
    return {str(one.metadata.name) for one in found if one.metadata}


def test_another_stack_does_not_get_its_mirror(second: Stack, regions: Regions) -> None:
    rival = Stack.create(regions.lab.root / "rival", regions.lab.root, "rival", regions.pulumi_environment())
    rival.file.write_text(second.file.read_text())
    resource = regions.mirror_resource(NAME)
    owner = str(resource.metadata.annotations[OWNER])
    assert owner.startswith("region-mirror/second/")
    try:
        refused = rival.preview()
        assert refused.code != 0
        for text in (
            f"belongs to Pulumi stack {owner}",
            f"mirror.take_over: {owner}",
            "Nothing has been changed",
        ):
            assert text in refused.output
        assert "Traceback" not in refused.output

        def other_name(config: dict[str, Any]) -> None:
            config["mirror"]["name"] = "third-look"

        rival.configure(other_name)
        refused = rival.preview()
        assert refused.code != 0
        assert "each would use the offsets of the other" in refused.output
        assert "--delete" not in refused.output
        now = regions.mirror_resource(NAME).metadata  # its version changes with each status of the operator
        assert now.generation == resource.metadata.generation
        assert now.annotations == resource.metadata.annotations

        def taking_over(config: dict[str, Any]) -> None:
            config["mirror"].update({"name": NAME, "take_over": owner})

        rival.configure(taking_over)
        rival.up().ok()
        refused = second.destroy()
        assert refused.code != 0
        assert "belongs to Pulumi stack region-mirror/rival/" in refused.output
        new = str(regions.mirror_resource(NAME).metadata.annotations[OWNER])
        second.configure(lambda config: config["mirror"].update({"take_over": new}))
        second.up().ok()
    finally:
        rival.pulumi("stack", "rm", "--yes", "--force", "--stack", "rival").ok()


def test_a_changed_pattern_shows_as_itself_and_reaches_the_connectors(
    second: Stack, regions: Regions
) -> None:
    with scratch_topic(regions, records=7) as topic:

        def one_more(config: dict[str, Any]) -> None:
            config["mirror"]["topics"] = ["audit-log", topic.topic]

        second.configure(one_more)
        preview = second.preview().ok()
        assert topic.topic in preview.output
        changed = [line for line in preview.stdout.splitlines() if line.strip().startswith("~ ")]
        assert any("KafkaMirrorMaker2" in line for line in changed), preview.output
        assert not any("KafkaUser (" in line and "replace" in line for line in changed)
        second.up().ok()
        assert connector_topics(regions) == {"audit-log", topic.topic}
        mirrored = f"second.{topic.topic}"
        until(
            "the new topic under the alias's prefix",
            lambda: (
                mirrored in kafka.topics(regions.kafka("west"))
                and len(kafka.read(regions.kafka("west"), mirrored)) == 7
            ),
            seconds=150,
        )
        kafka.delete_topic(regions.kafka("west"), mirrored)


def test_destroy_removes_what_the_stack_made_and_leaves_the_data(second: Stack, regions: Regions) -> None:
    kept = kafka.read(regions.kafka("west"), "second.audit-log")
    assert kept
    second.destroy().ok()
    with pytest.raises(ApiError) as gone:
        regions.mirror_resource(NAME)
    assert gone.value.status.code == 404
    users = regions.kubernetes("west").list(KafkaUser, namespace=NAMESPACE)
    names = {user.metadata.name or "" for user in users if user.metadata}
    assert not {name for name in names if name.startswith(NAME)}
    until("the mirror's own Secret to go", lambda: regions.secret("west", NAME) is None, seconds=120)
    until("its Connect worker to end", lambda: not regions.running(f"west-kafka-{NAME}"), seconds=60)
    assert kafka.read(regions.kafka("west"), "second.audit-log") == kept
