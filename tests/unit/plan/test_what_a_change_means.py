"""A plan says what a change of the stack file means, and says nothing where nothing changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mirror.plan.planned import SourceLook
from mirror.plan.sentences import sections
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


def test_a_value_of_0_that_is_removed_rolls_the_pods() -> None:
    """Only the other direction was seen: the plan said that nothing is restarted."""
    old = settings(workers__template={"pod": {"terminationGracePeriodSeconds": 0}})
    for new, there in ((settings(), old), (old, settings())):
        assert plan(new, there).restart == "pods"


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
    assert not [one for one in found.warnings if "outside Pulumi" in one]


def test_a_renewed_source_ca_rolls_the_pods() -> None:
    given = settings()
    found = plan(given, given, here=estate(given, ca={"ca.crt": "next"}))
    assert found.credentials == ("the CA certificates of east change",)
    assert found.restart == "pods"


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


def test_patterns_that_match_nothing_are_warnings() -> None:
    found = plan(settings(mirror__topics=["orders", "nothing-.*"]), settings())
    (warning,) = found.warnings
    assert warning == "mirror.topics: no topic on east matches nothing-.*"
    assert "Warnings" in [one.title for one in sections(found)]


def test_heartbeats_that_are_deployed_need_nothing_more() -> None:
    """Each plan of such a mirror asked for ACLs that its user has, beside the headline No changes."""
    beating = settings(mirror__heartbeats_interval_seconds=5)
    assert plan(beating, beating).rights == ()
    assert plan(beating, settings()).rights == ("Create, DescribeConfigs, Read, Write on topic heartbeats",)


def test_offset_syncs_that_move_to_the_source_need_the_right_to_write_there() -> None:
    """The plan said of the source that nothing else touches it."""
    there = settings(mirror__offset_syncs_topic_location="source", mirror__identity_change="allow")
    needed = "Create, Read, Write, DescribeConfigs on topic mm2-offset-syncs.west.internal"
    assert plan(there, settings()).rights == (needed,)
    assert plan(there, there).rights == ()


@pytest.mark.parametrize("phase", ["promoted", "retired"])
def test_a_promoted_mirror_copies_nothing_and_is_warned_of_nothing(phase: str) -> None:
    """Its source may be empty or gone: each preview warned that nothing would be mirrored, and each plan
    told that groups are translated.
    """
    promoted = settings(mirror__phase=phase)
    found = plan(promoted, promoted, look=SourceLook({}, ()))
    assert (found.warnings, found.refused) == ((), ())
    said = {one.title: one.sentence for one in sections(found)}
    assert said["Topics"] == f"none is mirrored with mirror.phase {phase}"
    assert said["Groups"] == f"none is translated with mirror.phase {phase}"
    assert plan(settings(), settings(), look=SourceLook({}, ())).warnings


def test_a_mirror_that_the_deployment_moves_is_judged_as_one_that_copies() -> None:
    """The stack file calls it promoted already, but what its source has is still to be mirrored and moved."""
    moving = settings(mirror__phase="promoted", cutover__by_up=True)
    found = plan(moving, settings(), look=SourceLook({}, ()))
    assert len(found.warnings) > 1, "the cutover, and what is wrong at the source"
    said = {one.title: one.sentence for one in sections(found)}
    assert said["Topics"] != "none is mirrored with mirror.phase promoted"
    again = plan(moving, settings(mirror__phase="promoted"), look=SourceLook({}, ()))
    assert not again.warnings, "once it was moved"
