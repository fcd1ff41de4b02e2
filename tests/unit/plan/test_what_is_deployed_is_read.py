"""The deployed mirror is read from the target's Kubernetes; what cannot be read is a sentence in the plan."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from manifests.declaration import Declaration
from manifests.metadata import KINDS_BESIDE_THE_MIRROR
from mirror.plan import reading
from mirror.plan.planned import Plan, SourceLook
from settings.model import Settings
from tests.program.sample import estate
from tests.unit.plan.made_up import SOURCE, deployed
from tests.unit.settings.sample import settings
from tests.unit.support.fake_kubernetes import FakeKubernetes


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetes:
    """The target's Kubernetes; the source's Kafka has what `made_up.SOURCE` says."""
    fake = FakeKubernetes("https://west")
    monkeypatch.setattr(reading, "connect", lambda side, root: fake)
    monkeypatch.setattr(reading, "look_at_source", lambda *_: nullcontext(lambda *_: SOURCE))
    return fake


def deploy(target: FakeKubernetes, given: Settings) -> None:
    there = deployed(given)
    assert there.mirror_maker2 is not None
    target.resources[("KafkaMirrorMaker2", given.mirror.name)] = dict(there.mirror_maker2)
    for name, user in there.kafka_users.items():
        target.resources[("KafkaUser", name)] = dict(user)
    for key, one in there.heartbeats.items():
        kind, name = key.split()
        target.resources[(kind, name)] = dict(one)
    for one in Declaration.of(given, estate(given)).beside_the_mirror:
        target.resources[(one["kind"], one["metadata"]["name"])] = one
    target.secrets_there.update({name: dict(data) for name, data in there.secrets.items()})


def plan(given: Settings, *known: str) -> Plan:
    return reading.read_plan(given, estate(given), Path(), known=known)


def test_nothing_deployed_is_a_first_deployment(target: FakeKubernetes) -> None:
    assert plan(settings()).first


def test_what_is_deployed_is_compared(target: FakeKubernetes) -> None:
    deploy(target, settings())
    assert not plan(settings()).changes
    assert plan(settings(workers__version="4.3.0")).restart == "pods"


def test_heartbeats_are_compared_too(target: FakeKubernetes) -> None:
    beating = settings(mirror__heartbeats_interval_seconds=5)
    deploy(target, beating)
    assert not plan(beating).changes
    slower = plan(settings(mirror__heartbeats_interval_seconds=9))
    assert {one.where for one in slower.properties} == {"heartbeats"}
    assert slower.restart == "nothing"
    gone = [one for one in plan(settings()).properties if one.where == "heartbeats"]
    assert [(one.key.split()[0], one.after) for one in gone] == [
        ("KafkaConnect", None),
        ("KafkaConnector", None),
    ]


def test_users_of_others_are_left_alone(target: FakeKubernetes) -> None:
    deploy(target, settings())
    target.add_user("somebody-else", password="x")
    assert plan(settings()).users == ()


def test_a_user_that_is_no_longer_copied_is_known_by_its_annotation(target: FakeKubernetes) -> None:
    deploy(target, settings())
    found = plan(settings(users__copy=["orders-producer"]))
    assert [(one.name, one.action) for one in found.users] == [("orders-consumer", "goes")]


def test_other_mirrors_beside_it_are_named_unless_the_stack_has_them(target: FakeKubernetes) -> None:
    deploy(target, settings())
    deploy(target, settings(mirror__name="north-to-west", source__alias="north"))
    assert "north-to-west" in "".join(plan(settings()).notes)
    assert "north-to-west" not in "".join(plan(settings(), "north-to-west").notes)


def test_secrets_are_read_by_name_however_many(target: FakeKubernetes) -> None:
    given = settings(users__copy=[f"user-{number}" for number in range(100)])
    deploy(target, given)
    assert not plan(given).changes
    listed = [one for one in target.asked if one.startswith("names-of-")]
    assert sorted(listed) == sorted(f"names-of-{kind}" for kind in KINDS_BESIDE_THE_MIRROR)
    secrets = [one for one in target.asked if one.startswith("Secret ")]
    names = [f"east-to-west-user-{number}-password" for number in range(100)]
    assert sorted(secrets) == sorted(
        f"Secret kafka/{name}"
        for name in (*names, "east-to-west-east-user", "east-to-west-east-cluster-ca-cert")
    )
    assert len(target.asked) - len(secrets) - len(listed) == 4
    assert "secrets" not in target.asked


def test_a_target_that_does_not_answer_is_said_and_nothing_is_claimed_to_be_new(
    target: FakeKubernetes,
) -> None:
    target.dead = True
    found = plan(settings())
    assert found.unread is not None
    assert "no answer in time" in found.unread
    assert not found.changes
    assert found.topics.matched == 2
    assert found.topics.entering == ()


def test_forbidden_secrets_are_said(target: FakeKubernetes) -> None:
    deploy(target, settings())
    target.forbidden = {"Secret"}
    assert "forbidden" in str(plan(settings()).unread)


def test_a_failing_look_does_not_fail_the_plan(
    target: FakeKubernetes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        reading, "look_at_source", lambda *_: nullcontext(lambda *_: SourceLook({}, (), "gone", "gone"))
    )
    assert plan(settings()).topics.unknown == "gone"


def test_several_mirrors_are_planned_side_by_side(target: FakeKubernetes) -> None:
    both = [settings(), settings(mirror__name="north-to-west", source__alias="north")]
    for one in both:
        deploy(target, one)
    plans = reading.read_plans([(one, estate(one)) for one in both], Path())
    assert [(one.mirror, one.changes, one.notes) for one in plans] == [
        ("east-to-west", False, ()),
        ("north-to-west", False, ()),
    ]


MONITORED = settings(
    monitoring__enabled=True,
    monitoring__exporter=True,
    verification__image="registry.example.com/region-mirror:1",
)


def test_objects_for_monitoring_are_compared(target: FakeKubernetes) -> None:
    deploy(target, MONITORED)
    assert not plan(MONITORED).changes
    gone = plan(settings())
    assert gone.changes
    assert {one.action for one in gone.objects} == {"goes"}
    assert ("PrometheusRule", "east-to-west-alerts") in {(one.kind, one.name) for one in gone.objects}


def test_a_kind_that_may_not_be_listed_is_said_where_it_is_declared(target: FakeKubernetes) -> None:
    deploy(target, MONITORED)
    target.forbidden = {"names-of-PrometheusRule", "names-of-CronJob"}
    found = plan(MONITORED)
    assert not found.changes
    (note,) = [one for one in found.notes if "is unknown" in one]
    assert note == "Whether a PrometheusRule changes is unknown: forbidden"


def test_a_secret_that_somebody_deleted_is_named_with_the_command_that_restores_it(
    target: FakeKubernetes,
) -> None:
    deploy(target, settings())
    for name in ("east-to-west-east-user", "east-to-west-orders-consumer-password"):
        del target.secrets_there[name]
    found = plan(settings())
    assert len(found.warnings) == 2
    for said in found.warnings:
        assert "was deleted outside Pulumi" in said
        assert "`pulumi up --refresh` restores it" in said


def test_a_secret_that_somebody_changed_is_named_with_the_command_that_sets_it_back(
    target: FakeKubernetes,
) -> None:
    """Without `--refresh` Pulumi compares with its state: `up` was green, and the mirror stayed broken."""
    deploy(target, settings())
    names = ("east-to-west-east-user", "east-to-west-orders-consumer-password")
    for name in names:
        target.secrets_there[name] = {"password": b"by hand"}
    found = plan(settings())
    assert (found.credentials, found.restart) == ((), "nothing")
    for said, name in zip(found.warnings, names, strict=True):
        assert f"{name} was changed outside Pulumi" in said
        assert "`pulumi up --refresh` sets it back" in said
