"""A source with OAuth names its identity provider, and the client secret crosses no network unencrypted."""

from __future__ import annotations

import pytest

from settings.load import load
from tests.unit.settings.sample import raw
from tests.unit.settings.sources import PROVIDER, credentials, oauth, refused, sections


def test_a_token_endpoint_and_a_client_secret_are_enough() -> None:
    found = load(oauth(extensions={"logicalCluster": "lkc-1234"})).source
    assert found.oauth is not None
    assert found.oauth.extensions == {"logicalCluster": "lkc-1234"}


def test_oauth_names_its_identity_provider() -> None:
    problems = refused(sections(credentials("oauth")))
    assert "token_endpoint and client_id" in problems["source.oauth"]


def test_an_identity_provider_has_no_effect_on_another_login() -> None:
    problems = refused(sections({**credentials("plain"), "oauth": PROVIDER}))
    assert "source.authentication: oauth" in problems["source.oauth"]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://login.example.com/token",
        "login.example.com",
        "https://a b/",
        'https://a/"',
        "http://localhost.example.com/",
    ],
)
def test_a_client_secret_crosses_no_network_unencrypted(endpoint: str) -> None:
    problems = refused(oauth(token_endpoint=endpoint))
    assert "https://" in problems["source.oauth.token_endpoint"]


@pytest.mark.parametrize(
    ("key", "value"), [("logical_cluster", "a"), ("pool", 'a" evil="b'), ("pool", "a,b=c"), ("pool", "")]
)
def test_an_extension_ends_no_text_of_jaas(key: str, value: str) -> None:
    assert f"source.oauth.extensions.{key}" in refused(oauth(extensions={key: value}))


def test_a_kafka_user_has_no_token() -> None:
    strimzis = raw(source__authentication="oauth")
    strimzis["source"]["oauth"] = PROVIDER
    assert "source.credentials" in refused(strimzis)["source.authentication"]
