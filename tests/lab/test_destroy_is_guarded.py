"""`pulumi destroy` is refused while clients use the target or records wait, and changes nothing then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lightkube.core.exceptions import ApiError

from mirror.cutover.teardown.judge import OVERRIDE
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.lab import NAMESPACE, KafkaUser, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until
from tests.lab.test_identity_is_guarded import resources

USER = "drill-moved-client"
GROUP = "moved"


@pytest.fixture(scope="module")
def deployed(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror of one topic, with one copied user."""

    def with_a_user(config: dict[str, Any]) -> None:
        config["users"]["copy"] = [USER]

    reads = Acl("group", "scratch-destroy-", "prefix", ("Read",))
    regions.make_user("east", USER, "scram-sha-512", [reads])
    try:
        with own_mirror(regions, "destroy", with_a_user) as mirror:
            kafka.create_topic(regions.kafka("east"), mirror.topic())
            mirror.produce("a", "b", "c")
            mirror.stack.up().ok()
            until("the records", lambda: mirror.copied() == [b"a", b"b", b"c"], seconds=60)
            yield mirror
    finally:
        regions.remove_user("east", USER)


def objects(mirror: OwnMirror) -> tuple[str, str]:
    """The versions of the mirror and of the copied user, which every change raises."""
    user = mirror.regions.kubernetes("west").get(KafkaUser, USER, namespace=NAMESPACE)
    resource = mirror.regions.mirror_resource(mirror.name)
    assert user.metadata is not None
    return str(user.metadata.resourceVersion), str(resource.metadata.generation)


def states(mirror: OwnMirror) -> set[str]:
    """Connect's states of the mirror's connectors."""
    status = mirror.regions.mirror_resource(mirror.name).status or {}
    return {one["connector"]["state"] for one in status.get("connectors") or ()}


def test_a_group_with_members_is_named_and_nothing_changes(deployed: OwnMirror) -> None:
    before = objects(deployed), resources(deployed.stack.state())
    west, group = deployed.regions.kafka("west"), f"{deployed.name}-{GROUP}"
    with kafka.member(west, group, deployed.copy()):
        refused = deployed.stack.destroy(override=False)
    assert refused.code != 0
    for text in (f"{group}: 1 member ", USER, "users.retain: true", f"{OVERRIDE}={deployed.name}"):
        assert text in refused.output
    assert "Traceback" not in refused.output
    assert (objects(deployed), resources(deployed.stack.state())) == before


def test_a_user_that_is_no_longer_copied_remains_while_its_group_is_in_use(deployed: OwnMirror) -> None:
    """Also where it was chosen by `users.selector` and somebody has deleted the source's KafkaUser."""

    def without_the_user(config: dict[str, Any]) -> None:
        config["users"]["copy"] = []

    before = objects(deployed)
    west, group = deployed.regions.kafka("west"), f"{deployed.name}-{GROUP}"
    deployed.stack.configure(without_the_user)
    with kafka.member(west, group, deployed.copy()):
        refused = deployed.stack.preview()
        assert refused.code != 0
        for text in ("deleting 1 copied KafkaUser on west is refused", f"{group}: 1 member ", USER):
            assert text in refused.output
        assert "Traceback" not in refused.output
        assert deployed.stack.up().code != 0
        assert objects(deployed)[0] == before[0]
    until("the group to be empty", lambda: deployed.stack.preview().code == 0, seconds=60)
    deployed.stack.as_before()
    # The `up` that was refused counts as a deployment: the next one verifies the mirror again.
    deployed.stack.up().ok()
    assert objects(deployed) == before
    deployed.stack.preview("--expect-no-changes").ok()


def test_records_that_wait_are_counted_also_when_the_mirror_is_stopped(deployed: OwnMirror) -> None:
    def stopped(config: dict[str, Any]) -> None:
        config["mirror"]["state"] = "stopped"

    deployed.stack.configure(stopped)
    deployed.stack.up().ok()
    # `up` verifies no stopped mirror, so it does not wait: the mirror would still copy them.
    until("the connectors to stop", lambda: states(deployed) == {"STOPPED"}, seconds=60)
    deployed.produce("d", "e")
    before = objects(deployed), resources(deployed.stack.state())
    refused = deployed.stack.destroy(override=False)
    assert refused.code != 0
    assert f"2 records of {deployed.alias} are not mirrored yet, in 1 partition" in refused.output
    assert (objects(deployed), resources(deployed.stack.state())) == before


def test_the_override_destroys_and_retained_users_remain(deployed: OwnMirror) -> None:
    def retaining(config: dict[str, Any]) -> None:
        config["users"]["retain"] = True

    deployed.stack.configure(retaining)
    deployed.stack.up().ok()
    deployed.stack.destroy().ok()
    with pytest.raises(ApiError):
        deployed.regions.mirror_resource(deployed.name)
    west = deployed.regions.kubernetes("west")
    assert west.get(KafkaUser, USER, namespace=NAMESPACE).metadata is not None
    assert deployed.regions.secret("west", f"{deployed.name}-{USER}-password") is not None
    deployed.regions.remove_user("west", USER)
