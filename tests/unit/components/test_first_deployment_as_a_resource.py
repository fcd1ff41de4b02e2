"""The step between the users and the KafkaMirrorMaker2: when it works, what it refuses, what it keeps."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import dill
import pytest

import components.first_deployment as module
import mirror.start.deployed as start
from components.first_deployment import FirstDeploymentProvider, MirrorNotStartedError
from components.identity import IdentityProvider
from mirror.mm2.identity import Identity
from mirror.start.first_deployment import LeftoversFound, Prepared
from mirror.start.leftovers.judge import Leftovers
from settings.load import dump
from tests.unit.settings.sample import settings


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
    seen: dict[str, Any] = {"error": None, "looks": 0, "users": True, "deployed": True, "names": ()}

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
    monkeypatch.setattr(start, "is_deployed", lambda *_: seen["deployed"])
    monkeypatch.setattr(start, "other_names", lambda *_: iter(seen["names"]))
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


def test_other_names_than_those_of_a_mirror_that_is_taken_over_fail_in_check(
    deployment: dict[str, Any],
) -> None:
    deployment |= {"names": ("mirror.offsets_topic: theirs -> ours",), "users": False}
    (failure,) = FirstDeploymentProvider().check({}, props()).failures
    assert failure.reason == "mirror.offsets_topic: theirs -> ours"
    assert FirstDeploymentProvider().check(props(), props(workers__replicas=5)).failures == []


def test_without_users_nobody_can_look(deployment: dict[str, Any]) -> None:
    deployment["users"] = False
    assert FirstDeploymentProvider().check({}, props()).failures == []
    assert deployment["looks"] == 0


def test_a_deployed_identity_is_never_looked_at_again(deployment: dict[str, Any]) -> None:
    olds, news = props(), props(workers__replicas=5, mirror__topics=["more"])
    assert FirstDeploymentProvider().check(olds, news).failures == []
    assert FirstDeploymentProvider().diff("id", olds, news).changes is False
    assert deployment["looks"] == 0


def test_a_state_of_an_earlier_version_lacks_a_field_and_is_the_same(deployment: dict[str, Any]) -> None:
    olds = props()
    del olds["identity"]["target_cluster"]
    assert FirstDeploymentProvider().check(olds, props()).failures == []
    assert FirstDeploymentProvider().diff("id", olds, props()).changes is False
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


def test_another_start_counts_until_the_mirror_is_there(
    deployment: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """The step succeeded, and a later one of the same `up` failed: MM2 would begin at `latest`, although the
    stack file says `earliest` now."""
    olds = {**props(), "asked": {"start_from": "latest", "start_from_by_topic": {}}}
    deployment["deployed"] = False
    assert FirstDeploymentProvider().diff("id", olds, props()).changes is True
    assert "which changes nothing" not in capsys.readouterr().out
    assert (FirstDeploymentProvider().update("id", olds, props()).outs or {})["asked"] != olds["asked"]
    assert deployment["looks"] == 1


def test_another_start_afterwards_is_told_to_change_nothing(
    deployment: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    olds = {**props(), "asked": {"start_from": "latest", "start_from_by_topic": {}}}
    assert FirstDeploymentProvider().diff("id", olds, props()).changes is False
    assert "which changes nothing" in capsys.readouterr().out


@pytest.mark.parametrize("provider", [IdentityProvider, FirstDeploymentProvider])
def test_the_state_keeps_a_reference_and_no_code(provider: Any) -> None:
    assert len(dill.dumps(provider())) < 200
    assert provider.serialize_as_secret_always is False
