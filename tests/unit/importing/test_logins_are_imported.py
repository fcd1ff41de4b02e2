"""The login to the source by OAuth in its three forms, and what has no setting."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.strimzi.mirror_maker2 import mirror_maker2
from mirror.importing.convert import convert, rendered
from mirror.importing.found import from_properties
from mirror.importing.sections import Where
from mirror.problems import CouldNotRun
from settings.load import load_stack
from settings.stack_file import parse_stack_file
from tests.program.sample import estate
from tests.unit.importing.logins import ENDPOINT, KAFKAS, MIRROR, TARGET, custom, imported
from tests.unit.manifests import test_a_source_with_oauth as ours

PLACE = "${strimzisecrets:kafka/mm2-oauth:secret}"


STRIMZIS = "io.strimzi.kafka.oauth.client.JaasClientOauthLoginCallbackHandler"


def of_library(options: str) -> dict[str, Any]:
    jaas = f'{KAFKAS} oauth.client.id="mm2" oauth.token.endpoint.uri="{ENDPOINT}" {options};'
    return custom(jaas, **{"sasl.login.callback.handler.class": STRIMZIS})


def of_kafka(options: str, endpoint: str = ENDPOINT, **config: str) -> dict[str, Any]:
    url = {"sasl.oauthbearer.token.endpoint.url": endpoint}
    return custom(f'{KAFKAS} clientId="mm2" {options};', **url, **config)


LIBRARY, KAFKA = of_library(f'oauth.client.secret="{PLACE}"'), of_kafka(f'clientSecret="{PLACE}"')


@pytest.mark.parametrize("login", [None, LIBRARY, KAFKA], ids=["fields", "library", "kafka"])
def test_each_form_becomes_the_same_settings(login: dict[str, Any] | None) -> None:
    source = imported(login).sections["source"]
    assert (source["authentication"], source["user"]) == ("oauth", "mm2")
    assert source["oauth"] == {"token_endpoint": ENDPOINT, "client_id": "mm2"}
    assert source["credentials"]["secret_ref"]["name"] == "mm2-oauth"
    assert source["credentials"]["secret_ref"]["password_key"] == "secret"


@pytest.mark.parametrize("login", [None, LIBRARY], ids=["fields", "library"])
def test_another_form_is_a_difference_and_nothing_is_lost(login: dict[str, Any] | None) -> None:
    found = imported(login)
    (form,) = [one for one in found.differences if one.where == "source" and "authentication" in one.key]
    assert form.kind == "changed"
    assert form.ours == "type custom with a JAAS text for Kafka's own login"
    assert [one for one in found.differences if one.kind == "not kept"] == []
    assert found.todo == ("source.user: mm2 is assumed; it is the name that the brokers take from the token",)


def test_our_own_form_comes_back() -> None:
    given = ours.settings()
    resource = mirror_maker2(given, estate(given))
    found = convert(resource, Where("west", "kafka", "mtls"), "test")
    assert [one for one in found.differences if one.where != "metadata"] == []
    (again,) = load_stack(parse_stack_file(found.stack_file()))
    assert again.source.oauth == given.source.oauth
    assert rendered(again, resource)["spec"] == resource["spec"]


def test_scope_and_extensions_come_over() -> None:
    found = imported(scope="kafka", saslExtensions={"logicalCluster": "lkc-1"})
    assert found.sections["source"]["oauth"]["scope"] == "kafka"
    assert found.sections["source"]["oauth"]["extensions"] == {"logicalCluster": "lkc-1"}
    (library,) = [
        imported(of_library(f'oauth.client.secret="{PLACE}" oauth.scope=kafka oauth.sasl.extension.pool="p"'))
    ]
    assert library.sections["source"]["oauth"]["scope"] == "kafka"
    assert library.sections["source"]["oauth"]["extensions"] == {"pool": "p"}


REFERENCE = {"secretName": "tokens", "key": "value"}


@pytest.mark.parametrize(
    ("login", "variant"),
    [
        ({"refreshToken": REFERENCE}, "a refresh token"),
        ({"accessToken": REFERENCE}, "an access token"),
        ({"accessTokenLocation": "/mnt/token"}, "an access token"),
        ({"clientAssertion": REFERENCE}, "a signed assertion"),
        ({"clientAssertionLocation": "/mnt/assertion"}, "a signed assertion"),
        ({"username": "u", "passwordSecret": REFERENCE}, "the password of a user"),
        ({"audience": "kafka"}, "an audience"),
        ({"tlsTrustedCertificates": [{"secretName": "sso-ca", "pattern": "*.crt"}]}, "a private CA"),
        ({"grantType": "password"}, "another grant"),
        (of_library('oauth.refresh.token="${strimzisecrets:kafka/tokens:value}"'), "a refresh token"),
        (of_library('oauth.client.assertion.location="/mnt/assertion"'), "a signed assertion"),
        (of_library(f'oauth.client.secret="{PLACE}" oauth.audience="kafka"'), "an audience"),
        (of_kafka(f'clientSecret="{PLACE}"', endpoint="file:///mnt/token"), "an access token"),
    ],
)
def test_a_variant_without_a_setting_is_named_once(login: dict[str, Any], variant: str) -> None:
    found = imported(login if "type" in login else None, **login)
    (line,) = [one for one in found.todo if variant in one]
    assert "is not supported. Create a client secret at the identity provider" in line
    assert not found.complete


@pytest.mark.parametrize(
    "login",
    [
        {**LIBRARY, "config": {**LIBRARY["config"], "sasl.login.connect.timeout.ms": "10000"}},
        of_library(f'oauth.client.secret="{PLACE}" oauth.max.token.expiry.seconds="60"'),
        {**MIRROR["spec"]["clusters"][0]["authentication"], "connectTimeoutSeconds": 10},
        of_kafka(f'clientSecret="{PLACE}"', **{"sasl.login.callback.handler.class": "com.example.Handler"}),
    ],
)
def test_a_field_without_a_setting_is_named(login: dict[str, Any]) -> None:
    (found,) = [one for one in imported(login).differences if one.kind == "not kept"]
    assert found.where == "source"
    assert found.why == "source.oauth has no setting for it"


@pytest.mark.parametrize(
    "login",
    [of_kafka('clientSecret="5ecr3t"'), of_library('oauth.client.secret="5ecr3t"'), of_kafka("")],
)
def test_a_secret_in_the_resource_is_not_copied(login: dict[str, Any]) -> None:
    found = imported(login)
    assert found.sections["source"]["credentials"]["secret_ref"]["name"] == "with-tokens-fill-in"
    assert any(one.startswith("source.credentials.secret_ref.name: keep") for one in found.todo)
    assert "5ecr3t" not in str(found.to_json())


def test_a_secret_elsewhere_is_named() -> None:
    found = imported(of_kafka('clientSecret="${strimzisecrets:other/mm2-oauth:secret}"'))
    (line,) = [one for one in found.todo if "secret_ref" in one]
    assert "Secret mm2-oauth is in namespace other" in line


def test_a_token_endpoint_without_tls_is_refused_in_one_message() -> None:
    with pytest.raises(CouldNotRun) as error:
        imported(tokenEndpointUri="http://sso.example.com/token")
    assert str(error.value).count("must be an https:// URL") == 1


def test_dedicated_modes_token_login_comes_over_without_its_secret() -> None:
    text = f"""
        clusters = A, B
        A->B.enabled = true
        A.bootstrap.servers = a.example.com:9093
        B.bootstrap.servers = b.example.com:9093
        A.security.protocol = SASL_SSL
        A.sasl.mechanism = OAUTHBEARER
        A.sasl.oauthbearer.token.endpoint.url = {ENDPOINT}
        A.sasl.jaas.config = {KAFKAS} clientId="mm2" clientSecret="5ecr3t" scope="kafka";
        """
    found = convert(from_properties(text, "mm2.properties", "A", "B"), TARGET, "test")
    source = found.sections["source"]
    assert source["oauth"] == {"token_endpoint": ENDPOINT, "client_id": "mm2", "scope": "kafka"}
    assert "5ecr3t" not in str(found.to_json())
