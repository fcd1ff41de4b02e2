"""What a program passes becomes settings; what is wrong with it is said at once, and no secret is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.errors import InputPropertiesError
from pulumi.runtime import rpc

from provider.inputs import settings_of
from settings.model.secret import SecretText

PASSWORD = "s3cret-of-the-program"
GOOD: dict[str, Any] = {
    "source": {
        "alias": "msk",
        "user": "mirror",
        "bootstrapServers": "b-1.example.org:9096",
        "credentials": {"publicCa": True, "password": {rpc._special_sig_key: rpc._special_secret_sig}},
    },
    "target": {"alias": "west", "cluster": "west", "namespace": "kafka", "listener": "tls"},
    "mirror": {"name": "from-msk", "topics": ["orders"], "replicationPolicy": "default", "tasksMax": 4.0},
    "workers": {"resources": {"requests": {"example.org/my_thing": "1"}}},
}
GOOD["source"]["credentials"]["password"]["value"] = PASSWORD


def struct(value: dict[str, Any]) -> Any:
    return json_format.ParseDict(value, struct_pb2.Struct())  # type: ignore[attr-defined]  # made at import by protobuf


def changed(path: str, value: Any) -> Any:
    given = copy.deepcopy(GOOD)
    *sections, name = path.split(".")
    inner = given
    for section in sections:
        inner = inner.setdefault(section, {})
    inner[name] = value
    return struct(given)


def refused(given: Any) -> tuple[str, dict[str, str]]:
    with pytest.raises(InputPropertiesError) as error:
        settings_of(given)
    assert PASSWORD not in f"{error.value.message}{error.value.errors}"
    return error.value.message, {one["property_path"]: one["reason"] for one in error.value.errors or []}


def test_properties_become_settings() -> None:
    settings = settings_of(struct(GOOD))
    assert settings.mirror.replication_policy == "default"
    assert settings.mirror.tasks_max == 4
    assert settings.source.credentials is not None
    assert settings.source.credentials.password == SecretText(PASSWORD)


def test_keys_of_mappings_are_no_settings() -> None:
    settings = settings_of(struct(GOOD))
    assert settings.workers.resources == {"requests": {"example.org/my_thing": "1"}}


def test_a_secret_may_come_as_an_output() -> None:
    output = {
        rpc._special_sig_key: rpc._special_output_value_sig,
        "value": PASSWORD,
        "secret": True,
        "dependencies": ["urn:pulumi:dev::shop::random:index/randomPassword:RandomPassword::mirror"],
    }
    settings = settings_of(changed("source.credentials.password", output))
    assert settings.source.credentials is not None
    assert settings.source.credentials.password == SecretText(PASSWORD)


def test_everything_that_is_wrong_is_said_at_once_as_the_program_spells_it() -> None:
    given = copy.deepcopy(GOOD)
    given["mirror"]["refreshTopicsIntervalSeconds"] = 0
    given["mirror"]["topics"] = ["("]
    given["workers"]["replicas"] = 0
    message, errors = refused(struct(given))
    assert message.startswith("3 problems")
    assert errors.keys() == {"mirror.topics[0]", "mirror.refreshTopicsIntervalSeconds", "workers.replicas"}


def test_a_setting_that_does_not_exist_is_named() -> None:
    _, errors = refused(changed("mirror.topicExclude", ["x"]))
    assert "is not a known setting" in errors["mirror.topicExclude"]


def test_a_password_in_plain_text_is_refused_and_not_repeated() -> None:
    _, errors = refused(changed("source.credentials.password", PASSWORD))
    ((path, reason),) = errors.items()
    assert "plain text" in reason
    # Pulumi would find the value under the path, and show it.
    assert path == "source.credentials.password "


def test_a_secret_where_everybody_can_read_is_refused() -> None:
    secret = {rpc._special_sig_key: rpc._special_secret_sig, "value": PASSWORD}
    _, errors = refused(changed("mirror.name", secret))
    assert "is secret" in errors["mirror.name"]


@pytest.mark.parametrize(
    "unknown", [rpc.UNKNOWN, {rpc._special_sig_key: rpc._special_output_value_sig, "secret": False}]
)
def test_what_is_not_known_in_a_preview_is_refused(unknown: Any) -> None:
    _, errors = refused(changed("target.namespace", unknown))
    assert "not known before the deployment" in errors["target.namespace"]


def test_an_asset_is_no_setting() -> None:
    asset = {rpc._special_sig_key: rpc._special_asset_sig, "text": "x"}
    message, errors = refused(changed("source.user", asset))
    assert "asset" in message
    assert not errors


def test_a_section_of_secrets_may_be_secret_as_a_whole() -> None:
    """As from `requireSecretObject`. It was refused, and unmarked its password was refused as plain text."""
    whole = {rpc._special_sig_key: rpc._special_secret_sig, "value": {"publicCa": True, "password": PASSWORD}}
    settings = settings_of(changed("source.credentials", whole))
    assert settings.source.credentials is not None
    assert settings.source.credentials.password == SecretText(PASSWORD)
    _, problems = refused(changed("source", {**whole, "value": GOOD["source"]}))
    assert "is secret, but becomes readable" in problems["source "]
