"""OAuth and custom logins, Secrets of others, and mirrors that a cutover has stopped, are judged rightly."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from manifests.metadata import MIRROR, PHASE
from policy.documents import Document
from policy.example_certificate import EXPIRED
from policy.examples import CHECKPOINT_CONFIG, SOURCE, SOURCE_CONFIG, TARGET, WORKER, custom, sound
from policy.report import PolicyReport
from policy.stack_documents import stack_documents
from settings.load import load
from settings.model import Settings
from tests.unit.manifests import test_a_source_with_oauth as oauth
from tests.unit.policy.made_up import STOPPED, documents, ids, report
from tests.unit.settings.sample import raw
from tests.unit.settings.sources import referred, sections

SOUND: dict[str, Any] = {
    "mirror__topics": ["orders"],
    "workers__resources": {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "2Gi"}},
}
LOGIN = (*SOURCE, "authentication")
PLACE = "${strimzisecrets:kafka/login:password}"


def stack(settings: Settings) -> tuple[Document, ...]:
    return tuple(stack_documents(settings, "prod-west"))


def one(authentication: Any, rule: str = "") -> PolicyReport:
    return report(*documents(file=sound((LOGIN, authentication))), rule=rule)


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
def test_a_stack_with_oauth_breaks_no_rule(api: str) -> None:
    assert ids(report(*stack(oauth.settings(api, **SOUND)))) == []


@pytest.mark.parametrize("mechanism", ["scram-sha-512", "tls"])
def test_a_credential_in_a_secret_of_others_breaks_no_rule(mechanism: str) -> None:
    assert ids(report(*stack(load(sections(referred(mechanism), **SOUND))))) == []


@pytest.mark.parametrize("phase", ["promoted", "retired"])
def test_a_mirror_that_is_stopped_for_good_needs_no_second_worker(phase: str) -> None:
    running = load(raw(**SOUND, workers__replicas=1))
    assert ids(report(*stack(running))) == ["survives-a-drain"]
    ended = load(raw(**SOUND, workers__replicas=1, mirror__phase=phase))
    assert ids(report(*stack(ended))) == (["teardown-protected"] if phase == "retired" else [])


def secret(mirror: str | None) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "east-ca",
            "namespace": "kafka",
            "annotations": {} if mirror is None else {MIRROR: mirror},
        },
        "data": {"ca.crt": base64.b64encode(EXPIRED.encode()).decode()},
    }


@pytest.mark.parametrize(
    ("phase", "mirror", "expired"),
    [
        (None, "east-to-west", True),
        ("promoted", "east-to-west", False),
        ("retired", "east-to-west", False),
        ("promoted", "another", True),
        ("promoted", None, True),
    ],
)
def test_certificates_of_a_source_that_is_left_may_expire(
    phase: str | None, mirror: str | None, expired: bool
) -> None:
    manifest = sound()
    if phase is not None:
        manifest = sound((("metadata", "annotations"), {PHASE: phase}), *STOPPED)
    found = report(
        *(Document("prod-west", one) for one in (manifest, secret(mirror))), rule="certificates-last"
    )
    assert bool(ids(found)) == expired


@pytest.mark.parametrize(
    ("authentication", "logs_in"),
    [
        (custom(PLACE), True),
        ({"type": "oauth", "clientId": "a", "tokenEndpointUri": "https://b"}, True),
        ({"type": "custom", "sasl": False, "config": {"ssl.keystore.location": "/mnt/a"}}, True),
        ({"type": "custom", "sasl": True, "config": {"sasl.mechanism": "AWS_MSK_IAM"}}, True),
        ({"type": "custom", "sasl": False, "config": {"sasl.mechanism": "PLAIN"}}, False),
        ({"type": "custom", "sasl": True}, False),
        ({"type": "custom"}, False),
    ],
)
def test_a_custom_login_has_to_log_in(authentication: dict[str, Any], logs_in: bool) -> None:
    assert ids(one(authentication, "login-required")) == ([] if logs_in else ["login-required"])


@pytest.mark.parametrize(
    ("authentication", "holds"),
    [
        (custom(PLACE), ""),
        (custom("5ecr3t"), "sasl.jaas.config: clientSecret"),
        ({"type": "custom", "config": {"ssl.keystore.password": "5ecr3t"}}, "ssl.keystore.password"),
        ({"type": "custom", "config": {"sasl.oauthbearer.token.endpoint.url": "https://a"}}, ""),
        (
            {"type": "custom", "config": {"sasl.jaas.config": 'X required username="a" password="5ecr3t";'}},
            "sasl.jaas.config: password",
        ),
        (
            {"type": "custom", "config": {"sasl.jaas.config": 'X required oauth.client.secret="5ecr3t";'}},
            "sasl.jaas.config: oauth.client.secret",
        ),
    ],
)
def test_a_secret_in_a_custom_login_is_named_and_not_shown(
    authentication: dict[str, Any], holds: str
) -> None:
    found = one(authentication, "secrets-referred").findings
    assert [one.message.partition(" holds ")[2] for one in found] == ([holds] if holds else [])
    assert "5ecr3t" not in str(found)


def writer(name: str) -> dict[str, Any]:
    acl = {"resource": {"type": "topic", "name": "*"}, "operations": ["Write"]}
    return {
        "kind": "KafkaUser",
        "metadata": {"name": name, "labels": {"strimzi.io/cluster": "east"}},
        "spec": {"authorization": {"type": "simple", "acls": [acl]}},
    }


@pytest.mark.parametrize("name", ["mirror", "somebody"])
def test_the_user_of_a_token_is_known_by_its_client_id(name: str) -> None:
    """`custom()` has the client id `mirror`."""
    manifests = {"file": sound((LOGIN, custom(PLACE))), "user": writer(name)}
    found = report(*documents(**manifests), rule="source-only-read")
    assert [one.violation.subject.kind for one in found.findings] == (
        ["KafkaUser"] if name == "mirror" else []
    )


@pytest.mark.parametrize("name", ["sa-mirror", "region-mirror"])
def test_a_stack_file_tells_the_user_of_a_token(name: str) -> None:
    """`source.user` counts, and not the client id, which is `region-mirror`."""
    given = (*stack(oauth.settings(**SOUND)), *documents(user=writer(name)))
    found = report(*given, rule="source-only-read")
    assert [one.violation.subject.name for one in found.findings] == (
        ["sa-mirror"] if name == "sa-mirror" else []
    )


@pytest.mark.parametrize(
    ("trusted", "survives"),
    [
        ({"secretName": "east-cluster-ca-cert", "pattern": "*.crt"}, True),
        ({"secretName": "east-cluster-ca-cert", "pattern": "ca.crt"}, False),
        ({"secretName": "east-cluster-ca-cert", "certificate": "ca.crt"}, False),
        ({"secretName": "issued-by-cert-manager", "pattern": "ca.crt"}, True),
    ],
)
def test_a_pattern_for_one_key_of_strimzis_secret_survives_no_renewal(
    trusted: dict[str, str], survives: bool
) -> None:
    manifest = sound(((*SOURCE, "tls", "trustedCertificates"), [trusted]))
    found = ids(report(*documents(file=manifest), rule="trust-survives-renewal"))
    assert found == ([] if survives else ["trust-survives-renewal"])


def test_the_target_is_judged_too() -> None:
    found = report(
        *documents(file=sound(((*TARGET, "authentication"), custom("5ecr3t")))), rule="secrets-referred"
    )
    assert ids(found) == ["secrets-referred"]


JAAS = "producer.override.sasl.jaas.config"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (
            (*SOURCE_CONFIG, JAAS),
            'x required username="a" password="hunter2";',
            "sourceConnector.config of east",
        ),
        (
            (*CHECKPOINT_CONFIG, "my.api.key"),
            "hunter2",
            "checkpointConnector.config of east holds my.api.key",
        ),
        ((*WORKER, "config.providers.vault.param.token"), "hunter2", "target.config holds config.providers"),
        (
            ("spec", "template"),
            {"connectContainer": {"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}},
            "the fields of the pods hold DB_PASSWORD",
        ),
    ],
)
def test_a_credential_beside_the_login_is_found(path: tuple[Any, ...], value: object, said: str) -> None:
    found = report(*documents(file=sound((path, value))), rule="secrets-referred")
    assert ids(found) == ["secrets-referred"]
    assert said in str(found)
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*SOURCE_CONFIG, JAAS), f'x required username="a" password="{PLACE}";'),
        ((*WORKER, "config.providers.vault.param.token"), "${env:TOKEN}"),
        ((*SOURCE_CONFIG, "sasl.oauthbearer.token.endpoint.url"), "https://login.example.com/token"),
    ],
)
def test_a_reference_beside_the_login_is_none(path: tuple[Any, ...], value: object) -> None:
    assert ids(report(*documents(file=sound((path, value))), rule="secrets-referred")) == []
