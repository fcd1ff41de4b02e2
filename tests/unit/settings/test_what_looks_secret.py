"""Names and forms of values that may hold a secret, in properties of anybody."""

from __future__ import annotations

import pytest

from settings.model.secret import contains_secret, looks_secret


@pytest.mark.parametrize(
    "name",
    [
        "basic.auth.user.info",
        "value.converter.schema.registry.basic.auth.user.info",
        "sasl.jaas.config",
        "ssl.key.password",
        "api-key",
    ],
)
def test_names_that_look_secret(name: str) -> None:
    """Confluent's converters have the user and password of a registry in the first two."""
    assert looks_secret(name)


@pytest.mark.parametrize("name", ["basic.auth.credentials.source.url", "user.name", "client.info", "compass"])
def test_names_that_do_not(name: str) -> None:
    assert looks_secret(name) == ("credential" in name)


@pytest.mark.parametrize(
    "value",
    [
        "Bearer abcdef0123456789ABCDEF",
        "Authorization: Basic dXNlcjpwYXNzd29yZA==",
        "https://u:p@host/",
        "user:pass@kafka:9093",
        "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=bC3=",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=bC3==",
    ],
)
def test_values_that_look_secret(value: str) -> None:
    assert contains_secret({"some.header": value})


@pytest.mark.parametrize(
    "value",
    [
        "basic authentication is off",
        "bearer of news",
        "basic internationalisation!",
        "https://host/",
        "SharedAccessKeyName=a",
        "[::1]:9093",
        "kafka@1.2.3",
        "12:30 @noon",
        "kafka:4.3@sha256:0123abcd",
    ],
)
def test_values_that_do_not(value: str) -> None:
    assert not contains_secret(value)
