"""What the source's administrator makes: the same rights as KafkaUser and as Kafka's own commands."""

from __future__ import annotations

import shlex
from itertools import pairwise

import pytest

from manifests.source_user import commands, kafka_user, principal_of, rights
from settings.model import Settings
from tests.unit.settings.sample import settings


def script(given: Settings, principal: str = "User:x") -> list[str]:
    return commands(
        given,
        rights([given]),
        bootstrap_servers="k:9092",
        command_config="a b.properties",
        principal=principal,
    )


def granted(lines: list[str]) -> list[list[str]]:
    return [shlex.split(line) for line in lines if line.startswith("kafka-acls.sh")]


def test_a_user_that_only_reads() -> None:
    given = settings()
    spec = kafka_user(given, rights([given]), "v1")["spec"]
    operations = {one for acl in spec["authorization"]["acls"] for one in acl["operations"]}
    assert operations == {"Describe", "DescribeConfigs", "Read"}
    words = {word for line in granted(script(given)) for word in line}
    assert not words & {"Write", "Create", "Alter", "Delete", "All"}


def test_both_forms_say_the_same() -> None:
    given = settings(mirror__topics=["orders", "pay.*"], mirror__offset_syncs_topic_location="source")
    acls = kafka_user(given, rights([given]), "v1")["spec"]["authorization"]["acls"]
    lines = granted(script(given))
    assert len(acls) == len(lines)
    options = {"topic": "--topic", "group": "--group"}
    patterns = {"prefix": "prefixed", "literal": "literal"}
    for acl, line in zip(acls, lines, strict=True):
        resource = acl["resource"]
        at = line.index(options[resource["type"]])
        assert line[at + 1] == resource["name"]
        assert line[line.index("--resource-pattern-type") + 1] == patterns[resource["patternType"]]
        asked = [after for word, after in pairwise(line) if word == "--operation"]
        assert asked == acl["operations"]


def test_offset_syncs_on_the_source_and_heartbeats_need_to_write() -> None:
    given = settings(mirror__offset_syncs_topic_location="source", mirror__heartbeats_interval_seconds=1)
    writes = {acl.name for acl in rights([given]) if "Write" in acl.operations}
    assert writes == {"mm2-offset-syncs.west.internal", "heartbeats"}


def test_one_user_of_several_mirrors_has_the_rights_of_all() -> None:
    first, second = settings(mirror__topics=["a"]), settings(mirror__topics=["a", "b"])
    topics = [acl.name for acl in rights([first, second]) if acl.resource_type == "topic"]
    assert topics == ["a", "b"]


@pytest.mark.parametrize("mechanism", ["scram-sha-512", "scram-sha-256"])
def test_no_password_is_on_a_command_line(mechanism: str) -> None:
    given = settings(
        source__authentication=mechanism,
        source__credentials={"public_ca": True, "password": "s3cret"},
        source__cluster=None, source__namespace=None, source__kubeconfig=None, source__listener=None,
        source__bootstrap_servers="k:9092", users__copy=[],
    )  # fmt: skip
    lines = script(given)
    assert "s3cret" not in "\n".join(lines)
    (login,) = [line for line in lines if line.startswith("kafka-configs.sh")]
    assert '--add-config-file "$scram"' in login
    assert "--add-config " not in login
    assert any(mechanism.upper() in line and "printf" in line for line in lines)


def test_names_are_quoted_for_the_shell() -> None:
    lines = script(settings(mirror__topics=[".*"]), "User:O=It's,CN=x")
    assert any("--topic '*'" in line for line in lines)
    assert {line[line.index("--allow-principal") + 1] for line in granted(lines)} == {"User:O=It's,CN=x"}
    assert {line[line.index("--command-config") + 1] for line in granted(lines)} == {"a b.properties"}


def test_what_strimzi_cannot_make() -> None:
    given = settings(
        source__authentication="plain",
        source__credentials={"public_ca": True, "password": "x"},
        source__cluster=None, source__namespace=None, source__kubeconfig=None, source__listener=None,
        source__bootstrap_servers="k:9092", users__copy=[],
    )  # fmt: skip
    with pytest.raises(ValueError, match="no user with plain"):
        kafka_user(given, [], "v1")


def test_principals() -> None:
    assert principal_of(settings()) == "User:mirror-source"
    tls = settings(source__authentication="tls")
    assert principal_of(tls) == "User:CN=mirror-source"
    assert principal_of(tls, "CN=x,O=y") == "User:CN=x,O=y"


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
def test_it_carries_its_cluster(api: str) -> None:
    made = kafka_user(settings(), [], api)  # type: ignore[arg-type]
    assert made["apiVersion"] == f"kafka.strimzi.io/{api}"
    assert made["metadata"]["labels"] == {"strimzi.io/cluster": "east"}
