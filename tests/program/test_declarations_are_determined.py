"""The same input gives the same manifests; any change of it gives another fingerprint; equal properties stay
equal.
"""

from __future__ import annotations

import copy
import json

from hypothesis import given

from manifests.declaration import CREDENTIALS_VERSION, Declaration
from manifests.strimzi.connectors import checkpoint_connector_config, source_connector_config
from settings.model import Settings
from tests.program.sample import SCRAM_USER, estate
from tests.program.strategies import rendered_settings
from tests.unit.settings.sample import settings

EQUAL = (
    "replication.policy.class",
    "replication.policy.separator",
    "offset-syncs.topic.location",
    "topic.filter.class",
)


@given(rendered_settings())
def test_both_connectors_agree_where_they_must(given: Settings) -> None:
    source, checkpoint = source_connector_config(given), checkpoint_connector_config(given)
    for key in EQUAL:
        assert source[key] == checkpoint[key]
    shared = set(source) & set(checkpoint)
    assert all(source[key] == checkpoint[key] for key in shared)


@given(rendered_settings())
def test_the_same_input_gives_the_same_manifests(given: Settings) -> None:
    once, again = Declaration.of(given, estate(given)), Declaration.of(given, estate(given))
    assert json.dumps(once.manifests) == json.dumps(again.manifests)
    assert once.fingerprint == again.fingerprint


@given(rendered_settings())
def test_manifests_are_plain_json(given: Settings) -> None:
    manifests = list(Declaration.of(given, estate(given)).manifests)
    assert json.loads(json.dumps(manifests)) == manifests


@given(rendered_settings())
def test_no_two_resources_share_a_name(given: Settings) -> None:
    manifests = Declaration.of(given, estate(given)).manifests
    names = [(manifest["kind"], manifest["metadata"]["name"]) for manifest in manifests]
    assert len(set(names)) == len(names)


def test_the_given_specs_are_not_changed() -> None:
    before = copy.deepcopy(SCRAM_USER)
    given = settings(mirror__replication_policy="default")
    Declaration.of(given, estate(given))
    assert before == SCRAM_USER


def test_a_rotated_source_credential_shows_on_the_mirror() -> None:
    given = settings()
    old = Declaration.of(given, estate(given))
    new = Declaration.of(given, estate(given, user_secret={"password": "another"}))
    assert version(old.mirror_maker2) != version(new.mirror_maker2)
    assert old.fingerprint != new.fingerprint


def test_a_renewed_source_ca_shows_on_the_mirror_alone() -> None:
    given = settings()
    old = Declaration.of(given, estate(given))
    new = Declaration.of(given, estate(given, ca={"ca.crt": "next certificate of east"}))
    assert version(old.mirror_maker2) != version(new.mirror_maker2)
    assert old.copied_users == new.copied_users
    assert old.fingerprint != new.fingerprint


def test_a_rotated_password_shows_on_its_user_alone() -> None:
    given = settings()
    users = estate(given).source.kafka_users
    rotated = tuple(
        type(user)(user.name, user.spec, "another") if user.name == "orders-consumer" else user
        for user in users
    )
    old = Declaration.of(given, estate(given))
    new = Declaration.of(given, estate(given, kafka_users=rotated))
    changed = [name for name in old.copied_users if old.copied_users[name] != new.copied_users[name]]
    assert changed == ["orders-consumer"]
    assert old.mirror_maker2 == new.mirror_maker2
    assert old.fingerprint != new.fingerprint


def version(manifest: dict[str, dict[str, dict[str, str]]]) -> str:
    return manifest["metadata"]["annotations"][CREDENTIALS_VERSION]
