"""A stack that takes over a KafkaMirrorMaker2 of others keeps its names, or says that it changes them.

Without a state, `pulumi up` compared them with nothing: an imported stack file from which somebody removed
the names that look like defaults let MM2 copy every record again, where `mirror.leftovers` is adopt.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mirror.start import deployed
from mirror.start.deployed import other_names
from settings.model import ReplicationPolicy
from settings.replication_policy import java_class
from tests.unit.plan.test_a_mirror_of_others_is_compared import IDENTITY, NAMES, theirs
from tests.unit.settings.sample import settings
from tests.unit.support.fake_kubernetes import FakeKubernetes

KEPT: dict[str, Any] = {
    **NAMES,
    "mirror__replication_policy": "identity",
    "mirror__offset_syncs_topic_location": "source",
}


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetes:
    fake = FakeKubernetes("https://west")
    monkeypatch.setattr(deployed, "connect", lambda side, root: fake)
    fake.resources["KafkaMirrorMaker2", "east-to-west"] = theirs({"replication.policy.class": IDENTITY})
    return fake


def test_the_same_names_are_taken_over(target: FakeKubernetes) -> None:
    assert list(other_names(settings(**KEPT), Path())) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"mirror__offsets_topic": None}, "mirror.offsets_topic: mirrormaker2-cluster-offsets -> __east-to-"),
        ({"mirror__replication_policy": "default"}, "mirror.replication_policy: identity -> default"),
        ({"source__alias": "orient"}, "source.alias: east -> orient"),
    ],
)
def test_others_are_refused(target: FakeKubernetes, change: dict[str, Any], told: str) -> None:
    (reason,) = other_names(settings(**{**KEPT, **change}), Path())
    assert told in reason
    allowed = {**KEPT, **change, "mirror__identity_change": "allow"}
    assert list(other_names(settings(**allowed), Path())) == []


@pytest.mark.parametrize("alias", ["east", "legacy"])
def test_an_alias_of_a_property_is_refused_whatever_the_stack_has(target: FakeKubernetes, alias: str) -> None:
    """Strimzi passes it on: positions are those of `legacy`, and of the connector `east->west...`."""
    config = {"replication.policy.class": IDENTITY, "source.cluster.alias": "legacy"}
    target.resources["KafkaMirrorMaker2", "east-to-west"] = theirs(config)
    (reason,) = other_names(settings(**{**KEPT, "source__alias": alias}), Path())
    assert "no setting can have source.alias east, and in source.cluster.alias legacy" in reason


@pytest.mark.parametrize("policy", ["identity", "default"])
def test_a_separator_that_no_topic_can_have_has_named_none(
    target: FakeKubernetes, policy: ReplicationPolicy
) -> None:
    """Setting it back was the way out, and the rule for the setting refuses it."""
    config = {"replication.policy.separator": "$", "replication.policy.class": java_class(policy)}
    target.resources["KafkaMirrorMaker2", "east-to-west"] = theirs(config)
    assert list(other_names(settings(**{**KEPT, "mirror__replication_policy": policy}), Path())) == []


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"replication.policy.separator": ""}, "mirror.replication_policy_separator (empty)"),
        ({"replication.policy.class": "com.example.Own"}, "mirror.replication_policy com.example.Own"),
    ],
)
def test_a_value_that_no_setting_can_have_is_not_to_be_set_back(
    target: FakeKubernetes, config: dict[str, Any], told: str
) -> None:
    target.resources["KafkaMirrorMaker2", "east-to-west"] = theirs(config)
    (reason,) = other_names(settings(**{**KEPT, "mirror__replication_policy": "default"}), Path())
    assert f"no setting can have {told}. Leave it to the tool that deployed it." in reason
    assert "set back" not in reason


def test_no_mirror_and_none_that_can_be_read_refuse_nothing(target: FakeKubernetes) -> None:
    target.resources.clear()
    assert list(other_names(settings(), Path())) == []
    target.dead = True
    assert list(other_names(settings(), Path())) == []
