"""The guard of the names that must not change: when it works, what it refuses, what it keeps."""

from __future__ import annotations

from typing import Any

import pytest

import mirror.start.deployed as start
from components.identity import GuardLeftOutError, IdentityProvider, judged_owner
from manifests.metadata import PHASE, STATES_BEFORE, Owner
from mirror.estate.ownership import DeployedObject
from mirror.mm2.identity import Identity
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


def test_a_promotion_holds_also_where_the_guard_is_left_out() -> None:
    """`up --target` of a mirror with `take_over`, as of an imported one, forced its connectors to run."""
    owner, now = {"project": "p", "stack": "s", "id": "i"}, {"east-to-west": Identity.of(settings())}
    with pytest.raises(GuardLeftOutError, match="was promoted"):
        judged_owner(owner, kept()["identities"], now, ["mirror east-to-west was promoted"])


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


def test_another_current_context_fails_in_check(
    there: list[DeployedObject], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack file names no context: the same settings lead to another Kubernetes."""
    ids = ["of-west", "of-staging"]
    monkeypatch.setattr(start, "cluster_id", lambda *_: ids[0])
    deployed = IdentityProvider().check(owned("cd" * 8), owned()).inputs
    assert deployed["clusters"] == {"east-to-west": "of-west"}
    assert IdentityProvider().check(deployed, owned()).failures == [], "deleted by hand"
    ids.pop(0)
    (failure,) = IdentityProvider().check(deployed, owned()).failures
    assert "another Kafka cluster (of-staging) than at the last deployment (of-west)" in failure.reason
    assert IdentityProvider().check(deployed, owned(change="allow")).failures == []
    there.append(
        DeployedObject("KafkaMirrorMaker2 kafka/east-to-west", Owner("region-mirror", "west", "cd" * 8))
    )
    assert IdentityProvider().check(deployed, owned()).failures == [], "Kafka was made anew in place"


def test_a_kafka_that_cannot_be_read_is_no_other_one(
    there: list[DeployedObject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "cluster_id", lambda *_: "")
    former = {**owned("cd" * 8), "clusters": {"east-to-west": "of-west", "gone": "of-north"}}
    result = IdentityProvider().check(former, owned())
    assert result.failures == []
    assert result.inputs["clusters"] == {"east-to-west": "of-west"}


def test_a_mirror_of_nobody_that_the_state_does_not_know_fails_in_check(there: list[DeployedObject]) -> None:
    there.append(DeployedObject("KafkaMirrorMaker2 kafka/east-to-west", None))
    (failure,) = IdentityProvider().check({}, owned()).failures
    assert "It records no owner" in failure.reason


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
