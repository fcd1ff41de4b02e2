"""The program has read the target, and tells the guards: they judge the same, and read nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

import mirror.start.deployed as start
from components.deployment_inputs import deployment_inputs
from components.first_deployment import FirstDeploymentProvider
from components.identity import IdentityProvider
from components.on_target import SEEN
from manifests.declaration import Declaration
from manifests.metadata import OWNER, PHASE, Owner
from mirror.estate.seen import Seen
from mirror.mm2.identity import Identity
from mirror.problems import NotThere
from settings.model import Settings
from tests.program.sample import estate
from tests.unit.components.test_identity_as_a_resource import owned
from tests.unit.settings.sample import settings

NAME = "east-to-west"
KAFKA = {"metadata": {"uid": "of-the-resource"}, "status": {"clusterId": "of-west"}}


def resource(**annotations: str) -> dict[str, Any]:
    named = {key.replace("_", "-"): value for key, value in annotations.items()}
    return {"metadata": {"name": NAME, "annotations": {f"region-mirror/{k}": v for k, v in named.items()}}}


OTHERS = resource(owner="p/other/abababababababab")
OURS_PROMOTED = resource(owner="region-mirror/west/cdcdcdcdcdcdcdcd", phase="promoted")
CASES: dict[str, tuple[Mapping[str, Any] | None, dict[str, Mapping[str, Any]], str]] = {
    "nothing deployed": (None, {}, ""),
    "another stack's mirror": (OTHERS, {}, "belongs to Pulumi stack p/other"),
    "another stack's user": (None, {NAME: OTHERS}, "belongs to Pulumi stack p/other"),
    "a user of nobody": (None, {NAME: resource()}, ""),
    "a mirror of nobody": (resource(), {}, "It records no owner"),
    "promoted meanwhile": (OURS_PROMOTED, {}, "was promoted"),
}


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the target fails."""
    for name in ("deployed_objects", "cluster_id", "can_log_in"):
        monkeypatch.setattr(start, name, lambda *_: pytest.fail("the guard was told, and read the target"))


def news(given: Settings, seen: Seen) -> dict[str, Any]:
    told = {**owned(), "phases": {NAME: given.mirror.phase}, SEEN: {NAME: seen.as_inputs()}}
    return dict(without_nulls(told))


def without_nulls(value: Any) -> Any:
    """What Pulumi passes on to a provider of a value, which is no key of it where it is null."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", CASES)
def test_a_guard_that_is_told_judges_as_one_that_reads(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror_maker2, users, reason = CASES[case]
    seen = Seen.of(settings(), KAFKA, mirror_maker2, users)
    told = news(settings(), seen)
    reading = {key: value for key, value in told.items() if key != SEEN}
    monkeypatch.setattr(start, "_kubernetes", lambda *_: kubernetes(mirror_maker2, users))
    olds = owned("cd" * 8) if case == "promoted meanwhile" else {}
    by_reading = IdentityProvider().check(olds, reading)
    monkeypatch.setattr(start, "_kubernetes", lambda *_: pytest.fail("it was told"))
    by_being_told = IdentityProvider().check(olds, told)
    reasons = [[one.reason for one in found.failures] for found in (by_reading, by_being_told)]
    assert reasons[0] == reasons[1]
    assert [reason in one for one in reasons[1]] == ([True] if reason else [])
    assert by_being_told.inputs["clusters"] == by_reading.inputs["clusters"] == {NAME: "of-west"}


def kubernetes(mirror_maker2: Mapping[str, Any] | None, users: Mapping[str, Mapping[str, Any]]) -> Any:
    there = {("Kafka", "west"): KAFKA, ("KafkaMirrorMaker2", NAME): mirror_maker2}
    there |= {("KafkaUser", name): one for name, one in users.items()}

    class Api:
        def strimzi(self, kind: str, _namespace: str, name: str) -> Mapping[str, Any]:
            found = there.get((kind, name))
            if found is None:
                raise NotThere("reading", "it is not there", "none")
            return found

    return Api()


@pytest.mark.usefixtures("unread")
def test_the_state_does_not_keep_what_was_seen() -> None:
    """A later destroy, or a later preview without the target, must not judge by an old look."""
    seen = Seen.of(settings(), KAFKA, None, {})
    assert SEEN not in IdentityProvider().check({}, news(settings(), seen)).inputs


@pytest.mark.usefixtures("unread")
def test_a_kafka_without_an_id_is_no_other_one() -> None:
    former = {**owned("cd" * 8), "clusters": {NAME: "of-west"}}
    told = news(settings(), Seen.of(settings(), {}, None, {}))
    result = IdentityProvider().check(former, told)
    assert (result.failures, result.inputs["clusters"]) == ([], {NAME: "of-west"})


def test_a_mirror_that_was_not_seen_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two mirrors, the target of one could not be read for its plan."""
    asked: list[str] = []

    def deployed_objects(identity: Identity, *_: object) -> list[object]:
        asked.append(identity.resource)
        return []

    monkeypatch.setattr(start, "deployed_objects", deployed_objects)
    monkeypatch.setattr(start, "cluster_id", lambda *_: "")
    second = settings(mirror__name="second")
    both = news(settings(), Seen.of(settings(), KAFKA, None, {}))
    both["identities"]["second"] = Identity.of(second).as_text()
    both["sides"]["second"] = {"kubeconfig": "west.yaml"}
    assert IdentityProvider().check({}, both).failures == []
    assert asked == ["kafka/second"]


def test_a_new_mirror_is_not_asked_for_leftovers_before_its_users_exist(
    monkeypatch: pytest.MonkeyPatch, first_inputs: Callable[..., dict[str, Any]]
) -> None:
    asked: list[object] = []

    def can_log_in(given: Settings, _root: object) -> bool:
        asked.append(given.mirror.name)
        return False

    monkeypatch.setattr(start, "can_log_in", can_log_in)
    monkeypatch.setattr(start, "other_names", lambda *_: ["its names are others"])
    for nothing, reasons in ((True, []), (False, ["its names are others"])):
        result = FirstDeploymentProvider().check({}, {**first_inputs(), "nothing_there": nothing})
        assert [one.reason for one in result.failures] == reasons
        assert "nothing_there" not in result.inputs
    assert asked == [NAME]
    assert Seen.of(settings(), KAFKA, None, {}).nothing is True
    assert Seen.of(settings(), KAFKA, None, {f"{NAME}-verifier": {}}).nothing is False
    assert Seen.of(settings(), KAFKA, resource(), {}).nothing is False


@pytest.fixture
def first_inputs() -> Callable[..., dict[str, Any]]:
    """The inputs of the first deployment."""
    given = settings()
    return lambda: deployment_inputs(given, Declaration.of(given, estate(given)))


def test_the_annotations_are_those_that_the_guards_read() -> None:
    assert set(OURS_PROMOTED["metadata"]["annotations"]) == {OWNER, PHASE}
    assert Owner.read("p/other/abababababababab").id == "ab" * 8
