"""What the target's Kubernetes serves, what listeners take, and mirrors that go the other way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifests.estate import Estate
from mirror.estate import reading
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from settings.model import Settings
from tests.unit.support.fake_kubernetes import OPERATOR, FakeKubernetes, authority, two_regions
from tests.unit.support.made_up import settings

CA = authority()
Sides = dict[str, FakeKubernetes]


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> Sides:
    both = two_regions(CA)
    monkeypatch.setattr(reading, "connect", lambda side, root: both[side.alias])
    return both


def read(given: Settings | None = None) -> Estate:
    return read_estate(given or settings(), Path())


def problems(given: Settings | None = None) -> list[str]:
    with pytest.raises(EstateError) as caught:
        read(given)
    return [f"{one.subject}: {one.message}" for one in caught.value.findings]


def with_api(choice: Any) -> Settings:
    base = settings()
    return replace(base, target=replace(base.target, api_version=choice))


def test_auto_takes_the_newest_that_is_served(sides: Sides) -> None:
    assert read().target.api == "v1"
    sides["west"].apis = ("v1", "v1beta2")
    assert read().target.api == "v1"
    assert read(with_api("v1beta2")).target.api == "v1beta2"
    sides["west"].apis = ("v1beta2",)
    assert read().target.api == "v1beta2"


def test_a_version_that_is_not_served(sides: Sides) -> None:
    assert problems(with_api("v1beta2")) == [
        "target.api_version v1beta2: https://west does not serve this version; it serves v1"
    ]


@pytest.mark.parametrize(("where", "what"), [("metadata", {"uid": "7"}), ("status", {"clusterId": "abc"})])
def test_one_cluster_under_two_contexts_is_refused(sides: Sides, where: str, what: dict[str, str]) -> None:
    """The stack file names two contexts, and both lead to the same Kafka: each topic into itself."""
    for side in ("east", "west"):
        resource = sides[side].resources[("Kafka", side)]
        resource[where] = {**resource.get(where, {}), **what}
    (problem,) = problems()
    assert problem.startswith("source: it is the target: source east and target west have the same ")
    stopped = replace(settings(), mirror=replace(settings().mirror, state="stopped"))
    assert read(stopped)


@pytest.mark.parametrize("address", ["west:9093", "west-kafka-bootstrap.kafka.svc:9092"])
def test_a_source_at_an_address_of_the_target_is_refused(sides: Sides, address: str) -> None:
    base = settings()
    given = replace(base, source=replace(base.source, bootstrap_servers=f"{address},other:9094"))
    (problem,) = problems(given)
    assert f"{address}, the address of source east, is one of target west" in problem


def test_no_strimzi_at_all(sides: Sides) -> None:
    sides["west"].apis = ()
    assert problems() == ["reading which versions: none"]


def test_where_discovery_is_forbidden_the_stack_may_say(sides: Sides) -> None:
    sides["west"].forbidden.add("discovery")
    assert "set target.api_version" in str(error_of(with_api("auto")))
    assert read(with_api("v1")).target.api == "v1"


def error_of(given: Settings) -> EstateError:
    with pytest.raises(EstateError) as caught:
        read(given)
    return caught.value


def listeners(side: FakeKubernetes, name: str, cluster: str, **of_it: Any) -> None:
    spec = {"listeners": [{"name": name, **of_it}], "authorization": {"type": "simple"}}
    side.resources[("Kafka", cluster)]["spec"] = {"kafka": spec, **OPERATOR}


def test_listeners_that_speak_another_language(sides: Sides) -> None:
    listeners(sides["east"], "scram", "east", tls=True, authentication={"type": "tls"})
    listeners(sides["west"], "mtls", "west", tls=False, authentication={"type": "tls"})
    assert problems() == [
        "Kafka kafka/east: listener 'scram' has authentication tls, but `authentication` is scram-sha-512",
        "Kafka kafka/west: listener 'mtls' has no TLS: passwords and records would cross regions unencrypted",
    ]


def without_tls(**change: Any) -> Settings:
    given = settings()
    return replace(given, source=replace(given.source, encryption="none", **change))


def test_a_listener_without_tls_has_to_be_meant(sides: Sides) -> None:
    listeners(sides["east"], "scram", "east", tls=False, authentication={"type": "scram-sha-512"})
    with pytest.raises(EstateError, match=r"accept it with source\.encryption: none"):
        read()
    found = read(without_tls())
    assert found.source.ca == {}
    assert found.source.user_secret
    (warning,) = found.warnings
    assert warning.startswith("the connection to east has no TLS (source.encryption: none)")


def test_a_listener_with_tls_takes_no_open_connection(sides: Sides) -> None:
    listeners(sides["east"], "scram", "east", tls=True, authentication={"type": "scram-sha-512"})
    (found,) = problems(without_tls())
    assert found.startswith("Kafka kafka/east: listener 'scram' has TLS, but source.encryption is none")


def test_without_a_login_no_secret_of_the_source_is_read(sides: Sides) -> None:
    listeners(sides["east"], "scram", "east", tls=False)
    del sides["east"].secrets_there["mirror-source"]
    del sides["east"].secrets_there["east-cluster-ca-cert"]
    found = read(without_tls(authentication="none", user="ANONYMOUS"))
    assert (found.source.ca, found.source.user_secret) == ({}, {})
    assert len(found.warnings) == 2


def test_a_target_without_rights(sides: Sides) -> None:
    sides["west"].resources[("Kafka", "west")]["spec"] = {"kafka": {"listeners": []}}
    assert "it has no spec.kafka.authorization" in problems()[0]


def test_a_source_user_of_another_mechanism(sides: Sides) -> None:
    sides["east"].add_user("mirror-source")
    assert problems() == [
        "KafkaUser kafka/mirror-source: its authentication is tls, but source.authentication is scram-sha-512"
    ]


def test_secrets_with_a_prefix_are_found_by_the_users_status(sides: Sides) -> None:
    east = sides["east"]
    east.add_user("mirror-source", password="pw")
    east.secrets_there["uo-mirror-source"] = east.secrets_there.pop("mirror-source")
    east.resources[("KafkaUser", "mirror-source")]["status"] = {"secret": "uo-mirror-source"}
    assert read().source.user_secret == {"password": "pw"}


def test_a_cluster_of_another_name(sides: Sides) -> None:
    del sides["east"].secrets_there["east-cluster-ca-cert"]
    with pytest.raises(EstateError, match=r"source\.cluster must be the `Kafka` resource's name"):
        read()


def opposite(policy: str = "identity", **more: Any) -> dict[str, Any]:
    java = f"org.apache.kafka.connect.mirror.{policy.capitalize()}ReplicationPolicy"
    connector = {"config": {"replication.policy.class": java}, **more.pop("connector", {})}
    source = {"alias": "west", "bootstrapServers": "west:9093"}
    return {
        "metadata": {"name": "west-to-east", "namespace": "kafka"},
        "spec": {
            "target": {"alias": "east", "bootstrapServers": "east-kafka-bootstrap:9093"},
            "mirrors": [{"source": source, "sourceConnector": connector, "topicsPattern": "orders", **more}],
        },
    }


def beside_the_source(sides: Sides, resource: dict[str, Any]) -> None:
    sides["east"].resources[("KafkaMirrorMaker2", "west-to-east")] = resource


def test_a_circle_with_the_identity_policy_is_refused(sides: Sides) -> None:
    beside_the_source(sides, opposite())
    (said,) = problems()
    assert "KafkaMirrorMaker2 kafka/west-to-east beside the source: it mirrors west -> east" in said
    assert "a copy has the same name as its original" in said


def test_a_circle_in_v1beta2_with_other_aliases_is_found_by_addresses(sides: Sides) -> None:
    beside_the_source(
        sides,
        {
            "metadata": {"name": "old", "namespace": "kafka"},
            "spec": {
                "connectCluster": "here",
                "clusters": [
                    {"alias": "here", "bootstrapServers": "east-kafka-bootstrap.kafka.svc:9093"},
                    {"alias": "there", "bootstrapServers": "west:9093"},
                ],
                "mirrors": [{"sourceCluster": "there", "targetCluster": "here", "sourceConnector": {}}],
            },
        },
    )
    assert "it mirrors there -> here" in problems()[0]


@pytest.mark.parametrize(
    "resource",
    [
        opposite(topicsPattern="customers"),
        opposite(source={"alias": "north", "bootstrapServers": "north:9093"}),
        {"metadata": {"name": "x"}, "spec": {}},
    ],
)
def test_mirrors_that_have_nothing_in_common_are_let_be(sides: Sides, resource: dict[str, Any]) -> None:
    beside_the_source(sides, resource)
    assert read().warnings == ()


def test_both_ways_with_the_default_policy(sides: Sides) -> None:
    beside_the_source(sides, opposite("default"))
    assert read(settings(replication_policy="default")).warnings == ()


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (opposite(connector={"state": "stopped"}), "when it runs again, it mirrors west -> east"),
        (opposite("custom"), "with an unknown replication policy"),
    ],
)
def test_what_hinders_nothing_now_is_warned_of(sides: Sides, resource: dict[str, Any], said: str) -> None:
    beside_the_source(sides, resource)
    (warning,) = read().warnings
    assert said in warning


def test_without_the_right_to_look_it_is_said(sides: Sides) -> None:
    sides["east"].forbidden.add("KafkaMirrorMaker2s")
    (warning,) = read().warnings
    assert warning.startswith("could not check whether another mirror writes to the source")
