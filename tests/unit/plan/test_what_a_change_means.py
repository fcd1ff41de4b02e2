"""A plan says what a change of the stack file means, and says nothing where nothing changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from manifests.estate import CopiedUser
from manifests.metadata import MIRROR, OWNER, Owner
from mirror.plan.planned import Plan, SourceLook
from mirror.plan.sentences import headline, sections
from settings.model import Settings
from tests.program.sample import estate
from tests.unit.plan.made_up import SOURCE, deployed, plan
from tests.unit.settings.sample import settings


def test_the_same_stack_file_changes_nothing() -> None:
    found = plan(settings(), settings())
    assert not found.changes
    assert (found.restart, found.properties, found.users, found.credentials) == ("nothing", (), (), ())
    assert found.rights == ()


def test_a_first_deployment_is_called_so() -> None:
    found = plan(settings())
    assert found.first
    assert [(one.name, one.records) for one in found.topics.entering] == [("orders", 1200), ("payments", 30)]
    assert found.groups.entering == ("billing", "shipping")
    assert [one.action for one in found.users] == ["appears"] * 4
    assert found.rights == (
        "DescribeConfigs, Read on topic orders",
        "DescribeConfigs, Read on topic payments",
        "Describe on group *",
    )


def test_a_topic_that_enters_says_what_there_is_to_copy_and_which_right_it_needs() -> None:
    found = plan(settings(mirror__topics=["orders", "payments", "invoices"]), settings())
    (topic,) = found.topics.entering
    assert (topic.name, topic.partitions, topic.records, topic.copy) == ("invoices", 1, 7, None)
    assert found.topics.matched == 3
    assert found.rights == ("DescribeConfigs, Read on topic invoices",)
    assert found.restart == "connectors"
    (user,) = [one for one in found.users if one.name == "east-to-west"]
    assert "invoices" in "".join(user.details)


def test_a_topic_that_leaves_is_named() -> None:
    found = plan(settings(mirror__topics=["orders"]), settings())
    assert [one.name for one in found.topics.leaving] == ["payments"]
    assert found.rights == ()


def test_groups_of_the_types_that_mm2_leaves_out_are_named() -> None:
    found = plan(settings(), settings(), look=replace(SOURCE, other_groups=("fan-out", "connect-x")))
    assert found.groups.untranslated == ("fan-out",)
    [said] = [one for one in sections(found) if one.title == "Groups"]
    assert "MM2 does not translate streams and share groups: 1 is left out" in said.sentence
    assert "! fan-out" in said.items


def test_an_exclusion_makes_topics_and_groups_leave() -> None:
    new = settings(mirror__topics_exclude=["pay.*"], mirror__groups_exclude=["ship.*"])
    found = plan(new, settings())
    assert [one.name for one in found.topics.leaving] == ["payments"]
    assert found.groups.leaving == ("shipping",)


def test_copies_under_another_name_are_named() -> None:
    found = plan(settings(mirror__replication_policy="default"))
    assert [one.copy for one in found.topics.entering] == ["east.orders", "east.payments"]


def test_a_source_that_cannot_be_looked_at_is_said_and_the_rest_is_planned() -> None:
    look = SourceLook(topics_unknown="not reachable", groups_unknown="login refused")
    found = plan(settings(workers__replicas=3), settings(), look=look)
    assert (found.topics.unknown, found.groups.unknown) == ("not reachable", "login refused")
    assert found.state == ("2 pods become 3; Connect rebalances the tasks",)


@pytest.mark.parametrize(
    ("changes", "restart"),
    [
        ({"workers__replicas": 3}, "nothing"),
        ({"workers__loggers": {"rootLogger.level": "DEBUG"}}, "nothing"),
        ({"workers__max_unavailable": 0}, "nothing"),
        ({"mirror__auto_restart_max": 3}, "nothing"),
        ({"mirror__refresh_topics_interval_seconds": 7}, "connectors"),
        ({"mirror__tasks_max": 7}, "connectors"),
        ({"mirror__groups_exclude": ["x"]}, "connectors"),
        ({"source__bootstrap_servers": "elsewhere:9093"}, "connectors"),
        ({"workers__version": "4.3.0"}, "pods"),
        ({"workers__resources": {"limits": {"memory": "2Gi"}}}, "pods"),
        ({"workers__jvm_options": {"-Xmx": "1g"}}, "pods"),
        ({"workers__tolerations": [{"key": "a", "operator": "Exists"}]}, "pods"),
        ({"mirror__profile": "throughput"}, "pods"),
        ({"target__authentication": "scram-sha-512"}, "pods"),
        ({"mirror__config": {"worker": {"session.timeout.ms": "9000"}}}, "pods"),
    ],
)
def test_what_is_restarted(changes: dict[str, Any], restart: str) -> None:
    found = plan(settings(**changes), settings())
    assert found.changes
    assert found.restart == restart, found.properties


def test_connectors_that_are_stopped_are_said() -> None:
    found = plan(settings(mirror__state="stopped"), settings())
    assert found.state == (
        "the source connector changes from running to stopped",
        "the checkpoint connector changes from running to stopped",
    )
    assert found.restart == "nothing"


def test_a_rotated_source_password_rolls_the_pods() -> None:
    given = settings()
    found = plan(given, given, here=estate(given, user_secret={"password": "another"}))
    (said,) = found.credentials
    assert said.startswith("the password of mirror-source")
    assert found.restart == "pods"


def test_a_renewed_source_ca_rolls_the_pods() -> None:
    given = settings()
    found = plan(given, given, here=estate(given, ca={"ca.crt": "next"}))
    assert found.credentials == ("the CA certificates of east change",)
    assert found.restart == "pods"


def test_a_users_new_password_restarts_nothing() -> None:
    given = settings()
    users = estate(given).source.kafka_users
    rotated = tuple(
        type(one)(one.name, one.spec, "another") if one.name == "orders-consumer" else one for one in users
    )
    found = plan(given, given, here=estate(given, kafka_users=rotated))
    assert found.credentials == ("the password of orders-consumer changes",)
    assert found.restart == "nothing"


def test_users_that_appear_and_go_are_named() -> None:
    new = settings(users__copy=["orders-producer", "tls-reader"])
    found = plan(new, settings())
    assert [(one.name, one.owner, one.action) for one in found.users] == [
        ("tls-reader", "copied", "appears"),
        ("orders-consumer", "copied", "goes"),
    ]


def test_a_right_that_a_copied_user_loses_is_named() -> None:
    given = settings()
    user = estate(given).source.kafka_users[0]
    acls = user.spec["authorization"]["acls"]
    less = {**user.spec, "authorization": {"type": "simple", "acls": acls[:1]}, "quotas": {}}
    found = plan(given, given, here=estate(given, kafka_users=(type(user)(user.name, less, user.password),)))
    change = next(one for one in found.users if one.name == user.name)
    assert change.details == ("- Read on group orders-*", "no quotas, not quotas consumerByteRate 1,048,576")


def test_a_changed_identity_is_refused_with_its_reason() -> None:
    found = plan(settings(mirror__group_id="other"), settings())
    (reason,) = found.refused
    assert "mirror.group_id: east-to-west -> other" in reason
    assert not plan(settings(mirror__group_id="other", mirror__identity_change="allow"), settings()).refused


def test_a_renamed_source_is_refused() -> None:
    assert "source.alias" in plan(settings(source__alias="north"), settings()).refused[0]


def test_a_phase_that_contradicts_the_deployed_mirror_is_refused() -> None:
    promoted = settings(mirror__phase="promoted")
    [back] = plan(settings(), promoted).refused
    assert "was promoted" in back
    [forward] = plan(promoted, settings()).refused
    assert "has not been promoted" in forward
    [first] = plan(promoted).refused
    assert "no such mirror is deployed" in first
    assert plan(settings(mirror__phase="retired"), promoted).refused == ()
    retired = plan(settings(mirror__phase="retired"), promoted)
    (deletes,) = [one for one in retired.notes if "`pulumi destroy` of this retired mirror" in one]
    assert (
        "also deletes its 5 internal topics on west, and no other topic: __east-to-west-config, " in deletes
    )
    assert sections(plan(settings(), promoted))[0].title == "Refused"


JOB: dict[str, Any] = {
    "verification__runner": "job",
    "verification__image": "registry.example.com/region-mirror:1",
}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (settings(), settings(monitoring__enabled=True), {("PrometheusRule", "appears")}),
        (settings(**JOB), settings(**JOB, verification__schedule="0 * * * *"), {("CronJob", "changes")}),
        (settings(monitoring__enabled=True), settings(), {("PrometheusRule", "goes")}),
    ],
)
def test_what_is_declared_beside_the_mirror_is_a_change(
    old: Settings, new: Settings, expected: set[tuple[str, str]]
) -> None:
    found = plan(new, old)
    assert found.changes
    assert found.restart == "nothing"
    assert {(one.kind, one.action) for one in found.objects} >= expected
    (said,) = [one for one in sections(found) if one.title == "Objects"]
    assert "For monitoring and verification: " in said.sentence


def test_the_journal_of_a_cutover_is_no_object_of_the_stack() -> None:
    there = {**deployed(settings()).objects, "ConfigMap east-to-west-cutover": ""}
    found = plan(settings(), settings(), objects=there)
    assert not found.changes
    assert found.objects == ()


MINE, OTHER = Owner("region-mirror", "west"), Owner("region-mirror", "north", "ab" * 8)
OLDER = settings(mirror__name="older", mirror__group_id="older")


def live(given: Settings, owner: Owner | None) -> dict[str, Any]:
    resource = dict(deployed(given).mirror_maker2 or {})
    annotations = {MIRROR: given.mirror.name, **({OWNER: str(owner)} if owner else {})}
    return {**resource, "metadata": {**resource["metadata"], "annotations": annotations}}


def test_the_mirror_of_another_stack_is_refused() -> None:
    found = plan(settings(), settings(), owner=MINE, mirror_maker2=live(settings(), OTHER))
    assert headline(found) == "Refused: this change cannot be deployed"
    assert f"belongs to Pulumi stack {OTHER}" in found.refused[0]
    assert plan(settings(), settings(), mirror_maker2=live(settings(), OTHER)).refused == ()


def test_an_owner_that_is_not_recorded_yet_is_a_note() -> None:
    found = plan(settings(), settings(), owner=MINE)
    assert found.refused == ()
    assert any("records region-mirror/west as the owner" in note for note in found.notes)
    owned = plan(settings(), settings(), owner=MINE, mirror_maker2=live(settings(), MINE))
    assert owned.notes == ()


@pytest.mark.parametrize("owner", [MINE, None])
def test_a_rename_is_no_first_deployment(owner: Owner | None) -> None:
    others = {"older": live(OLDER, owner)}
    refused = plan(settings(), owner=MINE, others=others)
    assert refused.renamed_from == "older"
    assert "this mirror was older and would become east-to-west" in refused.refused[0]
    allowed = plan(settings(mirror__identity_change="allow"), owner=MINE, others=others)
    assert headline(allowed) == "Renamed: mirror older becomes east-to-west"
    assert "Rename" in [one.title for one in sections(allowed)]


@pytest.mark.parametrize(
    "other", [live(OLDER, OTHER), live(settings(source__alias="north", mirror__name="older"), MINE)]
)
def test_another_stacks_and_another_sources_mirror_is_not_renamed(other: dict[str, Any]) -> None:
    found = plan(settings(), owner=MINE, others={"older": other})
    assert found.renamed_from is None
    assert headline(found).startswith("First deployment")


def test_patterns_that_match_nothing_are_warnings() -> None:
    found = plan(settings(mirror__topics=["orders", "nothing-.*"]), settings())
    (warning,) = found.warnings
    assert warning == "mirror.topics: no topic on east matches nothing-.*"
    assert "Warnings" in [one.title for one in sections(found)]


def with_a_producer(new: Settings, old: Settings | None = None) -> Plan:
    """The plan of a mirror that copies one user, who writes to the mirrored topic orders."""
    rule = {"resource": {"type": "topic", "name": "orders"}, "operations": ["Write"]}
    producer = CopiedUser("orders-producer", {"authorization": {"type": "simple", "acls": [rule]}})
    here = estate(new, kafka_users=(producer,))
    return plan(new, old, here=here, there=here)


def test_users_that_may_not_write_before_the_promotion_are_named() -> None:
    given = settings()
    (note,) = [one for one in with_a_producer(given).notes if "standby_writes" in one]
    assert note == (
        "1 copied user may read mirrored topics on west now, and write to them after the promotion "
        "(users.standby_writes: refuse): orders-producer"
    )
    quiet = (with_a_producer(given, given), with_a_producer(settings(users__standby_writes="allow")))
    assert not any("standby_writes" in note for found in quiet for note in found.notes)


def test_users_that_lose_write_are_a_warning_because_clients_may_use_it() -> None:
    found = with_a_producer(settings(), settings(users__standby_writes="allow"))
    (warning,) = found.warnings
    assert "this change takes that away until the promotion: orders-producer" in warning
    (change,) = found.users
    assert change.details == ("+ deny Write on topic orders",)


def test_the_promotion_shows_as_the_rules_that_it_removes() -> None:
    found = with_a_producer(settings(mirror__phase="promoted"), settings())
    assert [one.details for one in found.users] == [("- deny Write on topic orders",)]
    assert not found.warnings


def test_a_deployment_that_runs_the_cutover_is_a_warning() -> None:
    asking = settings(mirror__phase="promoted", cutover__by_up=True)
    found = plan(asking, settings())
    (warning,) = found.warnings
    assert warning.startswith("`pulumi up` runs the cutover to west before it changes anything else")
    assert not found.refused
    assert not plan(asking, settings(mirror__phase="promoted")).warnings
    assert plan(settings(mirror__phase="promoted"), settings()).refused


def test_right_after_the_cutover_the_stack_file_changes_nothing_in_the_cluster() -> None:
    """Pulumi's own diff shows changes then: its state is older than the cutover."""
    promoted = settings(mirror__phase="promoted")
    assert headline(plan(promoted, promoted)) == "No changes"
