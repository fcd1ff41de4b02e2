"""A source with OAuth: Kafka's own client asks for tokens, and the client secret is in its Secret alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from manifests.declaration import Declaration
from mirror.clients.access import ClusterAccess
from mirror.estate.oauth import deployed_login, given
from settings.load import load
from settings.model import Settings
from tests.program.crd import problems
from tests.program.sample import estate
from tests.unit.settings.sample import raw

SECRET = "s3cret-of-mirror-source"
ALLOWED = "org.apache.kafka.sasl.oauthbearer.allowed.urls"
ENDPOINT = "https://login.example.com/oauth2/token"


def settings(api: str = "v1", **changes: Any) -> Settings:
    sections = raw(users__copy=None, target__api_version=api, **changes)
    sections["source"] = {
        "alias": "cloud",
        "user": "sa-mirror",
        "bootstrap_servers": "pkc-1.example.com:9092",
        "authentication": "oauth",
        "oauth": {
            "token_endpoint": ENDPOINT,
            "client_id": "region-mirror",
            "scope": "kafka",
            "extensions": {"logicalCluster": "lkc-1", "identityPoolId": "pool-2"},
        },
        "credentials": {"public_ca": True, "password": {"secure": "v1:abc"}},
    }
    return load(sections)


def declared(api: str = "v1", **changes: Any) -> Declaration:
    made = settings(api, **changes)
    return Declaration.of(made, estate(made))


def source_of(declaration: Declaration, api: str) -> dict[str, Any]:
    spec = declaration.mirror_maker2["spec"]
    found = spec["mirrors"][0]["source"] if api == "v1" else spec["clusters"][0]
    assert found["alias"] == "cloud"
    return dict(found)


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
def test_the_crd_of_both_generations_takes_it(api: str) -> None:
    assert problems(declared(api).mirror_maker2) == []


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
def test_what_is_deployed_is_read_back_as_the_same_login(api: str) -> None:
    made = settings(api)
    login = deployed_login(source_of(declared(api), api)["authentication"])
    assert login is not None
    secret = declared(api).source_user
    assert secret is not None
    assert (login.secret, login.key) == (secret["metadata"]["name"], "password")
    assert made.source.oauth is not None
    assert login.with_secret("sa-mirror", "x") == given("sa-mirror", made.source.oauth, "x")


def test_the_client_secret_is_in_its_secret_alone() -> None:
    found = declared()
    others = [one for one in found.manifests if one is not found.source_user]
    assert SECRET not in json.dumps(others)


def test_the_workers_may_read_that_secret_and_no_other() -> None:
    role, binding = declared().secret_access
    assert role["rules"] == [
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "verbs": ["get"],
            "resourceNames": ["east-to-west-cloud-user"],
        }
    ]
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": "east-to-west-mirrormaker2", "namespace": "kafka"}
    ]


def test_no_other_login_needs_more_permissions() -> None:
    made = load(raw())
    assert Declaration.of(made, estate(made)).secret_access == ()


def test_workers_may_ask_the_token_endpoint() -> None:
    options = declared().mirror_maker2["spec"]["jvmOptions"]
    assert options == {"javaSystemProperties": [{"name": ALLOWED, "value": ENDPOINT}]}


def test_a_list_of_urls_in_the_stack_file_remains() -> None:
    mine = [{"name": "a", "value": "b"}, {"name": ALLOWED, "value": f"{ENDPOINT},https://other"}]
    options = {"javaSystemProperties": mine, "-Xmx": "1g"}
    assert declared(workers__jvm_options=options).mirror_maker2["spec"]["jvmOptions"] == options


def test_heartbeats_log_in_to_the_source_in_the_same_way() -> None:
    connect, connector = declared(mirror__heartbeats_interval_seconds=5).heartbeats
    config = connector["spec"]["config"]
    assert config["target.cluster.sasl.mechanism"] == "OAUTHBEARER"
    assert (
        'clientSecret="${directory:/mnt/source-user:password}"'
        in config["producer.override.sasl.jaas.config"]
    )
    assert connect["spec"]["jvmOptions"] == {"javaSystemProperties": [{"name": ALLOWED, "value": ENDPOINT}]}


def test_librdkafka_asks_the_same_endpoint_for_the_same_scope() -> None:
    made = settings().source
    assert made.oauth is not None
    access = ClusterAccess("b:9092", "", given("sa-mirror", made.oauth, SECRET), "cloud")
    config = access.client_config()
    assert config["sasl.oauthbearer.token.endpoint.url"] == ENDPOINT
    assert config["sasl.oauthbearer.scope"] == "kafka"
    assert config["sasl.oauthbearer.extensions"] == "identityPoolId=pool-2,logicalCluster=lkc-1"
    assert config["security.protocol"] == "SASL_SSL"
    assert SECRET not in repr(access)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "tls"},
        {"config": {}},
        {"config": {"sasl.mechanism": "GSSAPI"}},
        {
            "config": {
                "sasl.mechanism": "OAUTHBEARER",
                "sasl.jaas.config": 'x required clientSecret="in-the-open";',
            }
        },
    ],
)
def test_a_login_that_somebody_else_wrote_is_not_guessed(change: dict[str, Any]) -> None:
    assert deployed_login({**source_of(declared(), "v1")["authentication"], **change}) is None
