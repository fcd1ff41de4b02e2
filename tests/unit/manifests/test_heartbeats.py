"""Heartbeats are written to the source, by a Connect that keeps everything else on the target."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.declaration import Declaration
from manifests.strimzi.heartbeats import USE_CONNECTOR_RESOURCES
from settings.acls import mirror_user_acls, source_user_acls
from settings.filters import topic_matches
from settings.load import load
from settings.problems import SettingsError
from tests.program.crd import problems
from tests.program.sample import estate
from tests.unit.settings.sample import raw, settings

ON = {"mirror__heartbeats_interval_seconds": 5}


def rendered(**changes: object) -> tuple[dict[str, Any], dict[str, Any]]:
    given = settings(**{**ON, **changes})
    connect, connector = Declaration.of(given, estate(given)).heartbeats
    return connect, connector


def config(**changes: object) -> dict[str, str]:
    found: dict[str, str] = rendered(**changes)[1]["spec"]["config"]
    return found


def test_nobody_gets_them_unasked() -> None:
    given = settings()
    declaration = Declaration.of(given, estate(given))
    assert declaration.heartbeats == ()
    assert "heartbeats" not in declaration.mirror_maker2["spec"]["mirrors"][0]["topicsPattern"]


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
@pytest.mark.parametrize("authentication", ["tls", "scram-sha-512"])
def test_strimzis_crds_accept_them(api: str, authentication: str) -> None:
    for manifest in rendered(target__api_version=api, source__authentication=authentication):
        assert manifest["apiVersion"] == f"kafka.strimzi.io/{api}"
        assert problems(manifest) == []


def test_connect_belongs_to_the_target_and_takes_its_connector_from_kubernetes() -> None:
    connect, connector = rendered()
    assert connect["spec"]["bootstrapServers"] == "localhost:29094"
    assert connect["spec"]["groupId"] == "east-to-west-heartbeats"
    assert connect["metadata"]["annotations"][USE_CONNECTOR_RESOURCES] == "true"
    assert connector["metadata"]["labels"] == {"strimzi.io/cluster": connect["metadata"]["name"]}


def test_both_generations_keep_the_same_group_and_topics() -> None:
    v1, v1beta2 = rendered()[0]["spec"], rendered(target__api_version="v1beta2")[0]["spec"]
    assert v1["groupId"] == v1beta2["config"]["group.id"]
    assert v1["configStorageTopic"] == v1beta2["config"]["config.storage.topic"]
    assert v1["offsetStorageTopic"] == v1beta2["config"]["offset.storage.topic"]
    assert v1["statusStorageTopic"] == v1beta2["config"]["status.storage.topic"]


def test_heartbeats_go_to_the_source() -> None:
    found = config()
    assert found["producer.override.bootstrap.servers"] == "localhost:19093"
    assert found["target.cluster.bootstrap.servers"] == "localhost:19093"
    assert (found["target.cluster.alias"], found["source.cluster.alias"]) == ("east", "west")
    assert found["emit.heartbeats.interval.seconds"] == "5"


@pytest.mark.parametrize(
    ("mirror", "state"),
    [
        ({}, "running"),
        ({"mirror__state": "paused"}, "paused"),
        ({"mirror__phase": "promoted"}, "stopped"),
        ({"mirror__phase": "retired"}, "stopped"),
    ],
)
def test_heartbeats_end_with_the_mirror(mirror: dict[str, Any], state: str) -> None:
    """A promoted mirror copies nothing: each heartbeat that the source still got was a missing record."""
    assert rendered(**mirror)[1]["spec"]["state"] == state


def test_their_pod_starts_where_the_workers_start() -> None:
    """From a private registry, on tainted nodes, in a restricted namespace it never started, in silence."""
    pod = {
        "imagePullSecrets": [{"name": "registry"}],
        "securityContext": {"runAsNonRoot": True},
        "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["kafka.east"]}],
        "terminationGracePeriodSeconds": 300,
    }
    container = {"securityContext": {"allowPrivilegeEscalation": False}, "env": [{"name": "A", "value": "b"}]}
    connect, _ = rendered(
        workers__template={"pod": pod, "connectContainer": container},
        workers__tolerations=[{"key": "kafka", "operator": "Exists"}],
        workers__affinity={"podAntiAffinity": {}},
    )
    found = connect["spec"]["template"]
    del pod["terminationGracePeriodSeconds"]
    assert {key: found["pod"][key] for key in pod} == pod
    assert found["pod"].keys() - pod.keys() == {"tolerations", "volumes"}
    assert found["connectContainer"].keys() == {"securityContext", "volumeMounts"}


def test_every_certificate_of_the_source_is_trusted() -> None:
    trusted = config()["producer.override.ssl.truststore.certificates"]
    assert trusted == "${directory:/mnt/source-ca:ca-2025.crt}\n${directory:/mnt/source-ca:ca.crt}"


@pytest.mark.parametrize(
    ("authentication", "expected"),
    [
        (
            "scram-sha-512",
            {
                "security.protocol": "SASL_SSL",
                "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required "
                'username="mirror-source" password="${directory:/mnt/source-user:password}";',
            },
        ),
        (
            "tls",
            {
                "security.protocol": "SSL",
                "ssl.keystore.certificate.chain": "${directory:/mnt/source-user:user.crt}",
                "ssl.keystore.key": "${directory:/mnt/source-user:user.key}",
            },
        ),
    ],
)
def test_the_login_is_read_from_mounted_files(authentication: str, expected: dict[str, str]) -> None:
    found = config(source__authentication=authentication)
    for prefix in ("producer.override.", "target.cluster."):
        assert {key: found[f"{prefix}{key}"] for key in expected} == expected


def test_a_public_ca_needs_no_file() -> None:
    connect, connector = rendered(
        source__credentials={"password": {"secure": "v1:a:b"}, "public_ca": True},
        source__bootstrap_servers="kafka.example.com:9094",
        **{f"source__{key}": None for key in ("cluster", "namespace", "kubeconfig", "listener")},
        users__copy=[],
    )
    assert [v["name"] for v in connect["spec"]["template"]["pod"]["volumes"]] == ["source-user"]
    assert not [key for key in connector["spec"]["config"] if "truststore" in key]


def test_they_are_mirrored_and_nothing_else_that_is_named_like_them() -> None:
    given = settings(**ON)
    (mirror,) = Declaration.of(given, estate(given)).mirror_maker2["spec"]["mirrors"]
    assert mirror["topicsPattern"] == "orders,payments,heartbeats"
    assert mirror["sourceConnector"]["config"]["heartbeats.replication.enabled"] == "false"
    assert topic_matches(given.mirror, "heartbeats")
    assert not topic_matches(given.mirror, "north.heartbeats")


def test_a_pattern_that_matches_them_already_is_enough() -> None:
    given = settings(**ON, mirror__topics=[".*"])
    (mirror,) = Declaration.of(given, estate(given)).mirror_maker2["spec"]["mirrors"]
    assert mirror["topicsPattern"] == ".*"


def test_the_source_user_may_write_that_topic_alone() -> None:
    writable = {acl.name for acl in source_user_acls(settings(**ON)) if "Write" in acl.operations}
    assert writable == {"heartbeats"}


def test_the_mirrors_user_may_write_the_copy_and_keep_connects_state() -> None:
    writable = {acl.name for acl in mirror_user_acls(settings(**ON)) if "Write" in acl.operations}
    kept = {f"__east-to-west-heartbeats-{kind}" for kind in ("config", "offset", "status")}
    assert writable >= {"east.heartbeats", *kept}
    groups = {acl.name for acl in mirror_user_acls(settings(**ON)) if acl.resource_type == "group"}
    assert "east-to-west-heartbeats" in groups


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"mirror__name": "a" * 41}, "mirror.name"),
        ({"mirror__topics_exclude": ["heart.*"]}, "mirror.heartbeats_interval_seconds"),
    ],
    ids=["no room for a Service's name", "left out"],
)
def test_what_could_not_work_is_refused(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(raw(**ON, **changes))
    assert [problem.path for problem in refused.value.problems] == [path]
    load(raw(**changes))


def test_the_longest_name_with_heartbeats_is_allowed() -> None:
    assert settings(**ON, mirror__name="a" * 40).mirror.name == "a" * 40


def test_tls_is_as_for_the_mirror_itself() -> None:
    """Both clusters refused the heartbeats where the mirror needs such a property, and nothing said so."""
    name, tls = "ssl.endpoint.identification.algorithm", {"ssl.enabled.protocols": "TLSv1.2"}
    worker = {name: "", "offset.flush.interval.ms": "7000"}
    raw_properties = {"mirror__config": {"source_client": tls, "worker": worker}}
    connect, connector = rendered(**raw_properties, mirror__allow_data_loss=["host-names-verified"])
    given = connector["spec"]["config"]
    assert given["producer.override.ssl.enabled.protocols"] == "TLSv1.2"
    assert given["target.cluster.ssl.enabled.protocols"] == "TLSv1.2"
    assert connect["spec"]["config"][name] == ""
    assert "offset.flush.interval.ms" not in connect["spec"]["config"]
