"""The two dynamic providers before a deployment: when they work, what they refuse, what they keep."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import dill
import pytest

import components.first_deployment as module
import mirror.start.deployed as start
from components.first_deployment import FirstDeploymentProvider, MirrorNotStartedError
from components.identity import GuardLeftOutError, IdentityProvider, judged_owner
from manifests.metadata import PHASE, STATES_BEFORE, Owner
from mirror.estate.ownership import DeployedObject
from mirror.mm2.identity import Identity
from mirror.start.first_deployment import LeftoversFound, Prepared
from mirror.start.leftovers.judge import Leftovers
from settings.load import dump
from tests.unit.settings.sample import settings


def kept(change: str = "refuse", **changes: Any) -> dict[str, Any]:
    declared = settings(**changes)
    return {
        "identities": {declared.mirror.name: Identity.of(declared).as_text()},
        "changes": {declared.mirror.name: change},
        "__provider": "p",
    }


def test_a_changed_identity_fails_in_check() -> None:
    news = kept(mirror__group_id="other")
    result = IdentityProvider().check(kept(), news)
    (failure,) = result.failures
    assert "mirror.group_id: east-to-west -> other" in failure.reason
    assert failure.property == ""
    assert result.inputs == news


@pytest.mark.parametrize(
    ("olds", "news"), [({}, kept()), (kept(), kept()), (kept(), kept("allow", mirror__group_id="other"))]
)
def test_what_is_new_the_same_or_allowed_passes(olds: dict[str, Any], news: dict[str, Any]) -> None:
    assert IdentityProvider().check(olds, news).failures == []


@pytest.mark.parametrize("deployed", [True, False])
def test_an_identity_is_compared_only_with_what_is_deployed(
    deployed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def is_deployed(identity: Identity, side: dict[str, str], root: object) -> bool:
        asked.append((identity.source_alias, side["kubeconfig"]))
        return deployed

    monkeypatch.setattr(start, "is_deployed", is_deployed)
    news = {**kept(source__alias="orient"), "sides": {"east-to-west": {"kubeconfig": "west.yaml"}}}
    result = IdentityProvider().check(kept(), news)
    assert bool(result.failures) is deployed
    assert asked == [("east", "west.yaml")]


def test_a_guard_that_was_left_out_is_noticed() -> None:
    """`pulumi up --target` of the KafkaMirrorMaker2 alone: Pulumi does not ask the guard."""
    owner, former = {"project": "p", "stack": "s", "id": "i"}, kept()["identities"]
    now = {"east-to-west": Identity.of(settings())}
    assert judged_owner(owner, former, now) == "p/s/i"
    other = {"east-to-west": Identity.of(settings(mirror__group_id="other"))}
    for declared in (other, {**now, "second": Identity.of(settings(mirror__name="second"))}):
        with pytest.raises(GuardLeftOutError, match="was left out"):
            judged_owner(owner, former, declared)
    older = {"east-to-west": {"resource": "kafka/east-to-west"}}
    assert judged_owner(owner, older, now) == "p/s/i", "a state of an earlier version"


def test_permission_alone_changes_nothing() -> None:
    assert IdentityProvider().diff("id", kept(), kept("allow")).changes is False
    assert IdentityProvider().diff("id", kept(), kept(mirror__group_id="other")).changes is True


def owned(number: str = "", *, kubeconfig: str = "west.yaml", **changes: Any) -> dict[str, Any]:
    owner = {"project": "region-mirror", "stack": "west", **({"id": number} if number else {})}
    return {**kept(**changes), "sides": {"east-to-west": {"kubeconfig": kubeconfig}}, "owner": owner}


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[DeployedObject]:
    """What is deployed on the target."""
    found: list[DeployedObject] = []
    monkeypatch.setattr(start, "deployed_objects", lambda *_: found)
    return found


def test_the_stacks_id_is_chosen_once(there: list[DeployedObject]) -> None:
    first = IdentityProvider().check({}, owned()).inputs["owner"]["id"]
    assert len(first) == 16
    assert IdentityProvider().check({}, owned()).inputs["owner"]["id"] != first
    later = IdentityProvider().check(owned(first), owned())
    assert later.inputs["owner"]["id"] == first
    assert IdentityProvider().diff("id", owned(first), later.inputs).changes is False
    assert (IdentityProvider().create(later.inputs).outs or {})["owner"]["id"] == first


def test_a_state_of_an_earlier_version_gets_an_id(there: list[DeployedObject]) -> None:
    there.append(DeployedObject("KafkaMirrorMaker2 kafka/east-to-west", None))
    result = IdentityProvider().check(kept(), owned())
    assert result.failures == []
    assert IdentityProvider().diff("id", kept(), result.inputs).changes is True


def test_the_mirror_of_another_stack_fails_in_check(there: list[DeployedObject]) -> None:
    there.append(DeployedObject("KafkaMirrorMaker2 kafka/east-to-west", Owner("p", "other", "ab" * 8)))
    (failure,) = IdentityProvider().check(owned("cd" * 8), owned()).failures
    assert "belongs to Pulumi stack p/other/abababababababab" in failure.reason
    taking = {**owned(), "take_over": {"east-to-west": "p/other/abababababababab"}}
    assert IdentityProvider().check({}, taking).failures == []


def test_another_kubernetes_without_the_mirror_fails_in_check(
    there: list[DeployedObject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "is_deployed", lambda *_: True)
    former, moved = owned("cd" * 8), owned(kubeconfig="other.yaml")
    (failure,) = IdentityProvider().check(former, moved).failures
    assert "leads to another Kubernetes, which does not have the mirror. Nothing" in failure.reason
    # The same Kubernetes under another address, or a mirror that was deleted where it was.
    there.append(
        DeployedObject("KafkaMirrorMaker2 kafka/east-to-west", Owner("region-mirror", "west", "cd" * 8))
    )
    assert IdentityProvider().check(former, moved).failures == []
    there.clear()
    assert IdentityProvider().check(former, owned()).failures == []
    monkeypatch.setattr(start, "is_deployed", lambda *_: False)
    assert IdentityProvider().check(former, moved).failures == []


def test_a_mirror_of_nobody_that_the_state_does_not_know_fails_in_check(there: list[DeployedObject]) -> None:
    there.append(DeployedObject("KafkaMirrorMaker2 kafka/east-to-west", None))
    (failure,) = IdentityProvider().check({}, owned()).failures
    assert "It records no owner" in failure.reason


def props(**changes: Any) -> dict[str, Any]:
    declared = settings(**changes)
    return {
        "identity": Identity.of(declared).as_text(),
        "settings": dump(declared),
        "spec": {"target": {}},
        "__provider": "p",
    }


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Stands in for the real one: raises what a test puts in `error`, notes what it was made with."""
    seen: dict[str, Any] = {"error": None, "looks": 0, "users": True}

    class Deployment:
        def preview(self) -> None:
            self.prepare()

        def prepare(self) -> Prepared:
            seen["looks"] += 1
            if seen["error"]:
                raise seen["error"]
            return Prepared("none", "earliest")

    def make(news: Any, olds: Any) -> Deployment:
        seen["former"] = olds.get("identity")
        return Deployment()

    monkeypatch.setattr(module, "_deployment", make)
    monkeypatch.setattr(start, "can_log_in", lambda *_: seen["users"])
    yield seen
    if hasattr(sys, "tracebacklimit"):
        del sys.tracebacklimit


def test_a_first_deployment_is_kept_with_its_identity(deployment: dict[str, Any]) -> None:
    result = FirstDeploymentProvider().create(props())
    assert result.id == "east-to-west"
    assert result.outs == {
        "identity": props()["identity"],
        "leftovers": "none",
        "start": "earliest",
        "asked": {"start_from": "earliest", "start_from_by_topic": {}},
    }


def test_leftovers_fail_in_check_and_in_create(deployment: dict[str, Any]) -> None:
    deployment["error"] = LeftoversFound(Leftovers(), "here is what was found")
    (failure,) = FirstDeploymentProvider().check({}, props()).failures
    assert failure.reason == "here is what was found"
    with pytest.raises(MirrorNotStartedError, match="here is what was found") as failed:
        FirstDeploymentProvider().create(props())
    assert failed.value.__suppress_context__


def test_without_users_nobody_can_look(deployment: dict[str, Any]) -> None:
    deployment["users"] = False
    assert FirstDeploymentProvider().check({}, props()).failures == []
    assert deployment["looks"] == 0


def test_a_deployed_identity_is_never_looked_at_again(deployment: dict[str, Any]) -> None:
    olds, news = props(), props(workers__replicas=5, mirror__topics=["more"])
    assert FirstDeploymentProvider().check(olds, news).failures == []
    assert FirstDeploymentProvider().diff("id", olds, news).changes is False
    assert deployment["looks"] == 0


def test_a_deployed_identity_stays_when_somebody_has_deleted_the_resource(
    deployment: dict[str, Any],
) -> None:
    (failure,) = FirstDeploymentProvider().check(props(), props(mirror__group_id="other")).failures
    assert "mirror.group_id: east-to-west -> other" in failure.reason
    allowed = props(mirror__group_id="other", mirror__identity_change="allow")
    assert FirstDeploymentProvider().check(props(), allowed).failures == []


def test_an_allowed_change_is_a_first_deployment_that_knows_its_former_one(
    deployment: dict[str, Any],
) -> None:
    news = props(mirror__group_id="other")
    assert FirstDeploymentProvider().diff("id", props(), news).changes is True
    FirstDeploymentProvider().update("id", props(), news)
    assert deployment["former"] == props()["identity"]


def test_another_start_afterwards_is_told_to_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    olds = {**props(), "asked": {"start_from": "latest", "start_from_by_topic": {}}}
    assert FirstDeploymentProvider().diff("id", olds, props()).changes is False
    assert "which changes nothing" in capsys.readouterr().out


@pytest.mark.parametrize("provider", [IdentityProvider, FirstDeploymentProvider])
def test_the_state_keeps_a_reference_and_no_code(provider: Any) -> None:
    assert len(dill.dumps(provider())) < 200
    assert provider.serialize_as_secret_always is False


def mirror_maker2(annotations: dict[str, str]) -> DeployedObject:
    resource = {"metadata": {"annotations": annotations}}
    return DeployedObject.of("KafkaMirrorMaker2", "kafka/east-to-west", resource)


def phased(phase: str) -> dict[str, Any]:
    news = kept(mirror__phase=phase)
    return {**news, "phases": {"east-to-west": phase}, "sides": {"east-to-west": {"kubeconfig": "west.yaml"}}}


@pytest.mark.parametrize(
    ("declared", "annotations", "said"),
    [
        ("replicate", {PHASE: "promoted"}, "was promoted"),
        ("replicate", {STATES_BEFORE: "{}"}, "a cutover is in progress"),
        ("promoted", {}, "has not been promoted"),
        ("promoted", None, "no such mirror is deployed"),
    ],
)
def test_a_phase_that_contradicts_the_world_fails_in_check(
    declared: str, annotations: dict[str, str] | None, said: str, there: list[DeployedObject]
) -> None:
    if annotations is not None:
        there.append(mirror_maker2(annotations))
    (failure,) = IdentityProvider().check({}, phased(declared)).failures
    assert said in failure.reason


def test_a_phase_that_agrees_with_the_world_passes(there: list[DeployedObject]) -> None:
    there.append(mirror_maker2({PHASE: "promoted"}))
    for phase in ("promoted", "retired"):
        assert IdentityProvider().check(kept(), phased(phase)).failures == []
    there.clear()
    assert IdentityProvider().check({}, phased("replicate")).failures == []
