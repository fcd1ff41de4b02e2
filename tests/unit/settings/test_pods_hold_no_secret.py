"""A password among the fields of the workers' pods is refused by its name, and not repeated."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.importing.convert import convert
from mirror.importing.sections import Where
from settings.problems import SettingsError
from tests.unit.settings.sample import settings


def env(name: str, **entry: Any) -> dict[str, Any]:
    return {"connectContainer": {"env": [{"name": "TZ", "value": "UTC"}, {"name": name, **entry}]}}


def java(name: str, value: str) -> dict[str, Any]:
    return {"-Xmx": "1g", "javaSystemProperties": [{"name": name, "value": value}]}


@pytest.mark.parametrize(
    ("key", "given", "named"),
    [
        ("template", env("DB_PASSWORD", value="s3cret"), "DB_PASSWORD"),
        ("template", env("VAULT_TOKEN", value="s3cret"), "VAULT_TOKEN"),
        ("template", env("PROXY", value="http://me:s3cret@proxy:3128"), "PROXY"),
        ("template", env("DB_PWD", value="s3cret"), "DB_PWD"),
        ("template", env("DB_PASS", value="s3cret"), "DB_PASS"),
        ("template", env("GH", value=f"ghp_s3cret{'a' * 30}"), "GH"),
        ("template", env("JAVA_OPTS", value="-Dx.password=s3cret"), "JAVA_OPTS"),
        ("jvm_options", java("javax.net.ssl.keyStorePassword", "s3cret"), "javax.net.ssl.keyStorePassword"),
    ],
)
def test_a_secret_is_refused_by_its_name(key: str, given: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings(**{f"workers__{key}": given})
    [problem] = error.value.problems
    assert problem.path == f"workers.{key}"
    assert named in problem.rule
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("template", env("DB_PASSWORD", valueFrom={"secretKeyRef": {"name": "db", "key": "password"}})),
        ("template", env("AWS_WEB_IDENTITY_TOKEN_FILE", value="/var/run/secrets/token")),
        ("template", env("DB_PASSWORD", value="$(OTHER)")),
        ("template", env("PROXY", value="http://proxy:3128")),
        ("template", {"pod": {"volumes": [{"name": "password", "secret": {"secretName": "password"}}]}}),
        ("jvm_options", java("javax.net.ssl.trustStore", "/etc/trust.jks")),
        ("jvm_options", java("x.oauth.token.endpoint.uri", "https://idp/token")),
    ],
)
def test_what_only_refers_to_a_secret_is_fine(key: str, given: dict[str, Any]) -> None:
    assert getattr(settings(**{f"workers__{key}": given}).workers, key) == given


def test_an_import_leaves_it_out_and_says_why() -> None:
    """A stack file is kept in Git; the resource was not."""
    resource = {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaMirrorMaker2",
        "metadata": {"name": "old", "namespace": "kafka"},
        "spec": {
            "replicas": 1,
            "jvmOptions": java("javax.net.ssl.trustStorePassword", "s3cret"),
            "target": {
                "alias": "west",
                "bootstrapServers": "west-kafka-bootstrap:9093",
                "groupId": "old",
                "configStorageTopic": "old-configs",
                "offsetStorageTopic": "old-offsets",
                "statusStorageTopic": "old-status",
                "tls": {"trustedCertificates": [{"secretName": "west-cluster-ca-cert", "pattern": "*.crt"}]},
                "authentication": {"type": "tls", "certificateAndKey": {"secretName": "old"}},
            },
            "mirrors": [
                {
                    "source": {
                        "alias": "east",
                        "bootstrapServers": "east:9093",
                        "tls": {"trustedCertificates": [{"secretName": "east", "pattern": "*.crt"}]},
                        "authentication": {
                            "type": "scram-sha-512",
                            "username": "mirror",
                            "passwordSecret": {"secretName": "east", "password": "password"},
                        },
                    },
                    "sourceConnector": {},
                    "checkpointConnector": {},
                    "topicsPattern": "orders",
                }
            ],
        },
    }
    imported = convert(resource, Where(), "old.yaml")
    assert "s3cret" not in imported.stack_file()
    assert "s3cret" not in str(imported.to_json())
    assert "jvm_options" not in imported.sections.get("workers", {})
    assert not imported.complete


@pytest.mark.parametrize("name", ["BYPASS", "DB_PASSTHROUGH", "PWD"])
def test_a_name_that_only_looks_similar_is_none(name: str) -> None:
    assert settings(workers__template=env(name, value="on"))


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        (
            "monitoring.runbook_url",
            {"monitoring__enabled": True, "monitoring__runbook_url": "https://me:s3cret@wiki/x"},
        ),
        (
            "verification.service_account_annotations",
            {
                "verification__runner": "job",
                "verification__image": "registry.example.com/region-mirror:1",
                "verification__service_account_annotations": {"example.com/t": "glpat-s3cret-aaaaaaaaaaaaa"},
            },
        ),
    ],
)
def test_a_text_that_everybody_may_read_holds_none(path: str, changes: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as error:
        settings(**changes)
    assert [one.path for one in error.value.problems] == [path]
    assert "s3cret" not in str(error.value)
