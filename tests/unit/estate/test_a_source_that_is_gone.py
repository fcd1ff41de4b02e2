"""A promoted mirror whose source does not answer is declared from what is deployed: the same manifests."""

from __future__ import annotations

import base64
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifests.declaration import Declaration
from manifests.estate import Estate, SourceEstate, TargetEstate
from manifests.metadata import MIRROR
from manifests.strimzi.mirror_maker2 import mirror_maker2
from mirror.estate import reading
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from settings.model import Settings, UsersSettings
from settings.names import Names
from tests.unit.support.fake_kubernetes import FakeKubernetes, two_regions
from tests.unit.support.made_up import settings
from tests.unit.support.pki import issue

Sides = dict[str, FakeKubernetes]


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> Sides:
    both = two_regions(issue("ca", days=36_500))
    both["east"].add_user("billing", password="of billing")
    monkeypatch.setattr(reading, "connect", lambda side, root: both[side.alias])
    return both


def stack(phase: Any, **mirror: Any) -> Settings:
    return replace(settings(phase=phase, **mirror), users=UsersSettings(copy=("billing",)))


def deploy(declaration: Declaration, west: FakeKubernetes) -> None:
    """Put the declared objects where `pulumi up` puts them."""
    for one in declaration.manifests:
        kind, name = one["kind"], one["metadata"]["name"]
        if kind == "Secret":
            west.secrets_there[name] = {key: base64.b64decode(value) for key, value in one["data"].items()}
            west.secret_annotations[name] = one["metadata"]["annotations"]
        elif kind in ("KafkaUser", "KafkaMirrorMaker2"):
            west.resources[(kind, name)] = one


@pytest.mark.parametrize("policy", ["identity", "default"])
def test_it_declares_the_same_as_with_its_source(sides: Sides, policy: str) -> None:
    given = stack("promoted", replication_policy=policy)
    with_source = Declaration.of(given, read_estate(given, Path()))
    deploy(with_source, sides["west"])
    sides["east"].dead = True
    found = read_estate(given, Path())
    assert Declaration.of(given, found).manifests == with_source.manifests
    [warning] = [one for one in found.warnings if "as they are deployed" in one]
    assert warning.startswith("reaching https://east: no answer in time. Mirror east-to-west is promoted")


def promoted(sides: Sides) -> Settings:
    given = stack("promoted")
    deploy(Declaration.of(given, read_estate(given, Path())), sides["west"])
    return given


def test_a_source_that_is_built_anew_changes_no_user(sides: Sides) -> None:
    """The User Operator had made other passwords there: `pulumi up` gave them to the target's clients."""
    given = promoted(sides)
    before = Declaration.of(given, read_estate(given, Path())).manifests
    sides["east"].add_user("billing", password="of another region")
    found = read_estate(given, Path())
    assert Declaration.of(given, found).manifests == before
    [warning] = [one for one in found.warnings if "billing" in one]
    assert "not those of their copies any more: billing. Mirror" in warning
    assert warning.endswith("clients use the copies, and they remain as they are deployed")
    assert found.source.kafka_users[0].password == "of billing"
    with_source = read_estate(stack("replicate"), Path())
    assert with_source.source.kafka_users[0].password == "of another region"


def test_the_way_home_takes_no_right_from_the_copies(sides: Sides) -> None:
    """Until it is promoted, its copies in the old region deny Write; they were copied back."""
    given = promoted(sides)
    deny = {"type": "deny", "resource": {"type": "topic", "name": "orders"}, "operations": ["Write"]}
    spec = sides["east"].resources[("KafkaUser", "billing")]["spec"]
    spec["authorization"] = {"type": "simple", "acls": [deny]}
    (user,) = read_estate(given, Path()).source.kafka_users
    assert deny not in (user.spec.get("authorization") or {}).get("acls", [])


def test_a_source_that_was_dismantled_is_declared_as_deployed(sides: Sides) -> None:
    """Its Kubernetes answers, but no Kafka and no user is there: every `pulumi up` was refused."""
    given = promoted(sides)
    before = Declaration.of(given, read_estate(given, Path())).manifests
    sides["east"].resources.clear()
    sides["east"].secrets_there.clear()
    found = read_estate(given, Path())
    assert Declaration.of(given, found).manifests == before
    [warning] = [one for one in found.warnings if "as they are deployed" in one]
    assert warning.startswith("reading Kafka kafka/east from https://east: it does not exist. Mirror")


def test_the_way_home_is_no_loop_with_a_promoted_mirror(sides: Sides) -> None:
    """From the way home on, each preview and `pulumi up` of the way out was refused: records would loop."""
    back = copy_back()
    sides["east"].resources[("KafkaMirrorMaker2", "west-to-east")] = back
    with pytest.raises(EstateError, match="would loop"):
        read_estate(stack("replicate"), Path())
    given = promoted(sides)
    assert not [one for one in read_estate(given, Path()).warnings if "loop" in one]
    stopped = read_estate(stack("replicate", state="stopped"), Path())
    assert [one for one in stopped.warnings if "when this mirror runs again" in one]


def copy_back() -> dict[str, Any]:
    """A KafkaMirrorMaker2 beside the source that mirrors in the other direction."""
    out = settings()
    back = replace(
        out,
        mirror=replace(out.mirror, name="west-to-east"),
        source=replace(out.source, alias="west", cluster="west"),
        target=replace(out.target, alias="east", cluster="east"),
    )
    estate = Estate(SourceEstate("west:9093", {}, {"password": "x"}), TargetEstate("east:9093"))
    return mirror_maker2(back, estate)


def test_a_mirror_that_is_not_promoted_yet_follows_its_source(sides: Sides) -> None:
    """`cutover.by_up`: until the promotion the copies must not write; the stack declares that they may."""
    replicating = stack("replicate")
    deploy(Declaration.of(replicating, read_estate(replicating, Path())), sides["west"])
    sides["east"].add_user("billing", password="rotated")
    (user,) = read_estate(stack("promoted"), Path()).source.kafka_users
    assert (user.password, user.deployed) == ("rotated", False)


def test_a_promotion_that_was_interrupted_is_completed(sides: Sides) -> None:
    """The mark of the promotion is there, and the copies may not write yet."""
    write = {"resource": {"type": "topic", "name": "orders"}, "operations": ["Write"]}
    spec = sides["east"].resources[("KafkaUser", "billing")]["spec"]
    spec["authorization"] = {"type": "simple", "acls": [write]}
    replicating, given = stack("replicate"), stack("promoted")
    standby = Declaration.of(replicating, read_estate(replicating, Path())).copied_users["billing"]
    assert "deny" in str(standby)
    deploy(Declaration.of(given, read_estate(given, Path())), sides["west"])
    sides["west"].resources[("KafkaUser", "billing")] = standby
    declared = Declaration.of(given, read_estate(given, Path())).copied_users["billing"]
    assert "deny" not in str(declared)


def test_a_copy_whose_password_was_deleted_is_made_again(sides: Sides) -> None:
    given = promoted(sides)
    del sides["west"].secrets_there["east-to-west-billing-password"]
    del sides["west"].secrets_there[Names.of(given).source_user_secret]
    (user,) = read_estate(given, Path()).source.kafka_users
    assert (user.password, user.deployed) == ("of billing", False)


def test_a_mirror_that_replicates_needs_its_source(sides: Sides) -> None:
    sides["east"].dead = True
    with pytest.raises(EstateError, match="no answer in time"):
        read_estate(stack("replicate"), Path())


def test_a_copy_that_was_deleted_is_named(sides: Sides) -> None:
    given = stack("promoted")
    deploy(Declaration.of(given, read_estate(given, Path())), sides["west"])
    del sides["west"].secrets_there["east-to-west-billing-password"]
    sides["east"].dead = True
    with pytest.raises(EstateError, match="east-to-west-billing-password"):
        read_estate(given, Path())


def test_users_of_other_mirrors_are_left_alone(sides: Sides) -> None:
    given = stack("promoted")
    deploy(Declaration.of(given, read_estate(given, Path())), sides["west"])
    sides["west"].resources[("KafkaUser", "other")] = {
        "metadata": {"name": "other", "annotations": {MIRROR: "another"}},
        "spec": {"authentication": {"type": "tls"}},
    }
    sides["east"].dead = True
    assert [one.name for one in read_estate(given, Path()).source.kafka_users] == ["billing"]


def test_a_copy_that_is_not_chosen_any_more_is_not_declared_again(sides: Sides) -> None:
    """It remains on the target (`users.retain`). A source that was down brought it back into the stack, and
    without its password every preview was refused.
    """
    given = promoted(sides)
    old = deepcopy(sides["west"].resources[("KafkaUser", "billing")])
    old["metadata"]["name"] = "old"
    sides["west"].resources[("KafkaUser", "old")] = old
    for dead in (False, True):
        sides["east"].dead = dead
        assert [one.name for one in read_estate(given, Path()).source.kafka_users] == ["billing"]
