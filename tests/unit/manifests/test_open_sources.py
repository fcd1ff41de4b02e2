"""A source without TLS or a login: nothing is trusted, nothing is logged in with, and both are said."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.declaration import CREDENTIALS_VERSION, Declaration
from manifests.estate import CopiedUser, Estate, SourceEstate, StrimziApi, TargetEstate
from manifests.source_user import commands, principal_of, rights
from manifests.strimzi.resource import read_mirror_maker2
from mirror.clients.access import ClusterAccess, NoCredential, ScramCredential
from mirror.estate.unprotected_source import unprotected_source
from mirror.plan.differences import spec_differences
from mirror.plan.source_look import source_access
from settings.load import load
from settings.model import Settings
from settings.security_protocol import security_protocol
from tests.program.crd import problems
from tests.unit.settings.sample import raw

PASSWORD = "5up3rs3cr3t"
SECRET = {"secure": "v1:abc"}
SCRAM = {"user": "mirror", "authentication": "scram-sha-512", "credentials": {"password": SECRET}}
NOBODY = {"user": "ANONYMOUS", "authentication": "none"}


def settings(login: dict[str, Any], api: str = "v1", **changes: Any) -> Settings:
    sections = raw(users__copy=None, target__api_version=api, **changes)
    sections["source"] = {"alias": "legacy", "bootstrap_servers": "kafka.example.com:9092", **login}
    return load(sections)


def estate_of(made: Settings) -> Estate:
    secret = {"password": PASSWORD} if made.source.logs_in else {}
    api: StrimziApi = "v1beta2" if made.target.api_version == "v1beta2" else "v1"
    ca = {"ca.crt": "PEM"} if made.source.trusts_a_named_ca else {}
    return Estate(SourceEstate("kafka.example.com:9092", ca, secret), TargetEstate("west:9093", {}, api))


def declared(login: dict[str, Any], api: str = "v1", **changes: Any) -> Declaration:
    made = settings(login, api, **changes)
    return Declaration.of(made, estate_of(made))


OPEN = {"encryption": "none"}


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
@pytest.mark.parametrize("login", [SCRAM, NOBODY])
def test_the_crd_of_both_generations_takes_it(api: str, login: dict[str, Any]) -> None:
    made = declared({**OPEN, **login}, api).mirror_maker2
    assert problems(made) == []
    (flow,) = read_mirror_maker2(made).mirrors
    assert "tls" not in flow.connection
    assert ("authentication" in flow.connection) == (login is SCRAM)


def test_without_a_login_there_is_no_secret() -> None:
    job = {"verification__runner": "job", "verification__image": "registry.example.com/region-mirror:1"}
    made = declared({**OPEN, **NOBODY}, mirror__heartbeats_interval_seconds=5, **job)
    assert (made.source_ca, made.source_user) == (None, None)
    assert "legacy-user" not in str(made.manifests)
    connect, connector = made.heartbeats
    assert problems(connect) == []
    assert "template" not in connect["spec"]
    assert connector["spec"]["config"]["producer.override.security.protocol"] == "PLAINTEXT"


def test_heartbeats_log_in_without_tls() -> None:
    connect, connector = declared({**OPEN, **SCRAM}, mirror__heartbeats_interval_seconds=5).heartbeats
    config = connector["spec"]["config"]
    assert config["target.cluster.security.protocol"] == "SASL_PLAINTEXT"
    assert config["target.cluster.sasl.mechanism"] == "SCRAM-SHA-512"
    assert not [key for key in config if "truststore" in key]
    (volume,) = connect["spec"]["template"]["pod"]["volumes"]
    assert volume["name"] == "source-user"


def test_tls_without_a_login_keeps_its_ca_and_notices_a_new_one() -> None:
    made = declared({**NOBODY, "credentials": {"ca": "PEM"}})
    assert made.source_ca is not None
    assert made.source_user is None
    assert made.mirror_maker2["metadata"]["annotations"][CREDENTIALS_VERSION]


def test_no_version_helps_to_guess_a_copied_password() -> None:
    """Versions are keyed with the source user's credential, and here there is none."""
    found = raw()
    found["source"] |= {"encryption": "none", **NOBODY}
    made = load(found)
    user = CopiedUser("app", {"authentication": {"type": "scram-sha-512"}}, PASSWORD)
    source = SourceEstate("east:9092", {}, {}, (user,))
    copied = Declaration.of(made, Estate(source, TargetEstate("west:9093"))).copied_users["app"]
    assert CREDENTIALS_VERSION not in copied["metadata"]["annotations"]


@pytest.mark.parametrize(
    ("login", "protocol"),
    [
        ({**OPEN, **SCRAM}, "SASL_PLAINTEXT"),
        ({**OPEN, **NOBODY}, "PLAINTEXT"),
        ({**NOBODY, "credentials": {"public_ca": True}}, "SSL"),
        ({**SCRAM, "credentials": {"password": SECRET, "public_ca": True}}, "SASL_SSL"),
    ],
)
def test_librdkafka_connects_as_the_workers_do(login: dict[str, Any], protocol: str) -> None:
    made = settings(login)
    access = source_access(made, estate_of(made))
    config = access.client_config()
    assert config["security.protocol"] == protocol
    assert ("ssl.ca.location" in config) == protocol.endswith("SSL")
    assert ("sasl.password" in config) == protocol.startswith("SASL")
    assert PASSWORD not in repr(access)


def test_protocols_are_kafkas() -> None:
    found = {security_protocol(tls=tls, sasl=sasl) for tls in (True, False) for sasl in (True, False)}
    assert found == {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}


def test_without_tls_no_certificate_is_handed_over() -> None:
    access = ClusterAccess("a:9092", "PEM", ScramCredential("mirror", "x"), encrypted=False)
    assert not [key for key in access.client_config() if key.startswith("ssl.")]
    assert ClusterAccess("a:9092", "", NoCredential(), encrypted=False).describe().endswith("User:ANONYMOUS")


@pytest.mark.parametrize(
    ("login", "says"),
    [
        ({**OPEN, **SCRAM}, ["no TLS (source.encryption: none).*login of mirror"]),
        ({**OPEN, **NOBODY}, ["no TLS", "does not log in to legacy (source.authentication: none)"]),
        ({**NOBODY, "credentials": {"public_ca": True}}, ["does not log in to legacy"]),
        ({**SCRAM, "credentials": {"password": SECRET, "public_ca": True}}, []),
    ],
)
def test_what_is_open_is_warned_of(login: dict[str, Any], says: list[str]) -> None:
    found = list(unprotected_source(settings(login)))
    assert len(found) == len(says)
    for text, parts in zip(found, says, strict=True):
        assert all(part in text for part in parts.split(".*"))


def test_a_plan_shows_that_tls_ends() -> None:
    """`tls: {}` is TLS with public CAs; its absence is none."""
    with_tls = read_mirror_maker2(
        declared({**SCRAM, "credentials": {"password": SECRET, "public_ca": True}}).mirror_maker2
    )
    without = read_mirror_maker2(declared({**OPEN, **SCRAM}).mirror_maker2)
    (found,) = spec_differences(with_tls, without)
    change = found.change
    assert (change.where, change.key, change.before, change.after) == ("source", "encryption", "tls", "none")


def test_the_administrator_gives_permissions_to_anonymous() -> None:
    made = settings({**OPEN, **NOBODY})
    lines = commands(
        made,
        rights([made]),
        bootstrap_servers="a:9092",
        command_config="admin.properties",
        principal=principal_of(made),
    )
    assert lines[0].startswith("# ANONYMOUS logs in without a credential, as everybody else can")
    assert all("User:ANONYMOUS" in line for line in lines[1:])
