"""Which changes of a stack's mirrors change an identity, and what is said of each."""

from __future__ import annotations

import dataclasses

import pytest

from mirror.mm2 import identity_effects
from mirror.mm2.identity import Identity, Refusal, refusals
from tests.unit.settings.sample import settings

NAME = "east-to-west"


def identity(**changes: object) -> Identity:
    return Identity.of(settings(**changes))


def refused(olds: dict[str, Identity], news: dict[str, Identity], *allowed: str) -> list[Refusal]:
    return list(refusals(olds, news, allowed))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source__alias": "orient"}, "source.alias: east -> orient"),
        ({"target__alias": "occident"}, "target.alias: west -> occident"),
        ({"target__cluster": "other"}, "target.cluster: west -> other"),
        ({"mirror__group_id": "other"}, "mirror.group_id: east-to-west -> other"),
        ({"mirror__configs_topic": "c"}, "mirror.configs_topic: __east-to-west-config -> c"),
        ({"mirror__offsets_topic": "o"}, "mirror.offsets_topic: __east-to-west-offset -> o"),
        ({"mirror__status_topic": "s"}, "mirror.status_topic: __east-to-west-status -> s"),
        ({"mirror__offset_syncs_topic_location": "source"}, "offset_syncs_topic_location: target -> source"),
        ({"mirror__replication_policy": "default"}, "mirror.replication_policy: identity -> default"),
        ({"mirror__replication_policy_separator": "_"}, "mirror.replication_policy_separator: . -> _"),
        ({"target__namespace": "other"}, "target.namespace: kafka/east-to-west -> other/east-to-west"),
    ],
)
def test_each_changed_name_is_refused_with_old_and_new(change: dict[str, object], said: str) -> None:
    (refusal,) = refused({NAME: identity()}, {NAME: identity(**change)})
    assert refusal.mirror == NAME
    assert said in refusal.reason
    assert "Nothing has been changed" in refusal.reason
    setting, old = said.split(" -> ")[0].split(": ")
    assert f"{setting} {old}." in refusal.reason.partition("set back ")[2]
    assert ("mirror.identity_change: allow" in refusal.reason) is (
        setting not in ("target.alias", "target.cluster")
    )


def test_everything_else_may_change() -> None:
    new = identity(mirror__topics=["orders"], workers__replicas=5, source__listener="mtls")
    assert refused({NAME: identity()}, {NAME: new}) == []


def test_what_is_allowed_is_not_refused() -> None:
    assert refused({NAME: identity()}, {NAME: identity(source__alias="orient")}, NAME) == []


def test_permission_for_one_mirror_is_none_for_another() -> None:
    olds = {"one": identity(mirror__name="one"), "two": identity(mirror__name="two", source__alias="south")}
    news = {name: dataclasses.replace(old, group_id="g") for name, old in olds.items()}
    assert [refusal.mirror for refusal in refused(olds, news, "one")] == ["two"]


def test_a_first_deployment_is_compared_with_nothing() -> None:
    assert refused({}, {NAME: identity()}) == []


def test_mirrors_come_and_go() -> None:
    one, two = identity(), identity(mirror__name="two", source__alias="south")
    assert refused({NAME: one}, {NAME: one, "two": two}) == []
    assert refused({NAME: one, "two": two}, {NAME: one}) == []
    assert refused({NAME: one}, {"two": two}) == []


def test_a_renamed_mirror_is_no_new_one() -> None:
    (refusal,) = refused({NAME: identity()}, {"renamed": identity(mirror__name="renamed")})
    assert "was east-to-west and would become renamed" in refusal.reason
    assert "kafka/east-to-west -> kafka/renamed" in refusal.reason
    assert "set back mirror.name or target.namespace kafka/east-to-west." in refusal.reason
    assert "mirror.identity_change: allow and mirror.leftovers: adopt" in refusal.reason


def test_a_renamed_mirror_is_recognized_by_connects_names_too() -> None:
    old = identity()
    new = dataclasses.replace(identity(mirror__name="renamed", source__alias="orient"), group_id=old.group_id)
    (refusal,) = refused({NAME: old}, {"renamed": new})
    assert "source.alias: east -> orient" in refusal.reason


def test_a_renamed_mirror_that_is_allowed_passes() -> None:
    assert refused({NAME: identity()}, {"renamed": identity(mirror__name="renamed")}, "renamed") == []


def test_no_setting_allows_another_target_alias() -> None:
    """Pulumi's names of the copied users contain it: it would delete each user after it was updated."""
    for new in (identity(target__alias="occident"), identity(target__alias="occident", mirror__group_id="g")):
        (refusal,) = refused({NAME: identity()}, {NAME: new}, NAME)
        assert "mirror.identity_change does not allow another target.alias" in refusal.reason
        assert "Pulumi would delete each of these KafkaUsers" in refusal.reason
        assert "mirror.identity_change: allow" not in refusal.reason


def test_no_setting_allows_another_target_cluster() -> None:
    """Each KafkaUser gets another label: the former User Operator deletes it on its cluster."""
    (refusal,) = refused({NAME: identity()}, {NAME: identity(target__cluster="other")}, NAME)
    assert "mirror.identity_change does not allow another target.cluster" in refusal.reason
    assert "the User Operator of the former cluster deletes" in refusal.reason


def test_a_second_mirror_beside_an_old_one_is_no_renaming() -> None:
    both = {NAME: identity(), "second": identity(mirror__name="second")}
    assert refused({NAME: identity()}, both) == []


def test_what_a_former_version_did_not_keep_cannot_differ() -> None:
    kept = identity().as_text()
    del kept["separator"]
    assert refused({NAME: Identity.read(kept)}, {NAME: identity()}) == []


def test_an_identity_survives_the_state() -> None:
    assert Identity.read(identity().as_text()) == identity()


def test_every_part_has_its_words() -> None:
    fields = {field.name for field in dataclasses.fields(Identity)}
    assert set(identity_effects._SETTING) == set(identity_effects._EFFECT) == fields


@pytest.mark.parametrize(
    ("change", "anew"),
    [
        ({"source__alias": "orient"}, True),
        ({"target__alias": "occident"}, True),
        ({"target__cluster": "other"}, True),
        ({"mirror__offsets_topic": "o"}, True),
        ({"mirror__group_id": "other"}, False),
        ({"mirror__replication_policy": "default"}, False),
        ({}, False),
    ],
)
def test_positions_are_found_again_under_their_names(change: dict[str, object], anew: bool) -> None:
    assert identity().starts_anew(identity(**change)) is anew
