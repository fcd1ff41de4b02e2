"""A login to the source other than OAuth: an AWS identity, no TLS, no login, and one that has no setting."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from manifests.strimzi.mirror_maker2 import mirror_maker2
from manifests.strimzi.resource import read_mirror_maker2
from mirror.importing.convert import convert, rendered
from mirror.importing.sections import Where
from mirror.problems import CouldNotRun
from settings.load import load_stack
from settings.stack_file import parse_stack_file
from tests.program.sample import estate
from tests.unit.importing.logins import MIRROR, TARGET, custom, imported
from tests.unit.manifests.test_open_sources import NOBODY, OPEN, SCRAM
from tests.unit.manifests.test_open_sources import settings as open_settings


@pytest.mark.parametrize(
    ("login", "named"),
    [
        (custom("x", **{"sasl.mechanism": "GSSAPI"}), "custom with sasl.mechanism GSSAPI"),
        ({"type": "custom"}, "custom"),
    ],
)
def test_another_custom_login_is_named_with_its_mechanism(login: dict[str, Any], named: str) -> None:
    found = imported(login)
    assert f"source.authentication: {named} is not supported." in "\n".join(found.todo)


IAM = {
    "type": "custom",
    "sasl": True,
    "config": {
        "sasl.mechanism": "AWS_MSK_IAM",
        "sasl.jaas.config": "software.amazon.msk.auth.iam.IAMLoginModule required;",
        "sasl.client.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
    },
}


def test_an_aws_identity_comes_over_with_the_region_of_the_hosts() -> None:
    theirs = copy.deepcopy(MIRROR)
    cluster = theirs["spec"]["clusters"][0]
    cluster |= {"authentication": IAM, "tls": {}}
    cluster["bootstrapServers"] = "b-1.demo.abc123.c2.kafka.eu-west-1.amazonaws.com:9098"
    theirs["spec"]["image"] = "registry.example.com/kafka-with-msk-iam:4.3.1"
    found = convert(theirs, TARGET, "test")
    source = found.sections["source"]
    assert (source["authentication"], source["msk_iam"]) == ("aws-msk-iam", {"region": "eu-west-1"})
    assert source["credentials"] == {"public_ca": True}
    assert found.todo == ()
    assert [one for one in found.differences if one.where == "source"] == []


def test_an_aws_identity_without_an_image_is_refused_in_one_message() -> None:
    with pytest.raises(CouldNotRun, match=r"workers\.image: is missing"):
        imported(IAM)


@pytest.mark.parametrize("login", [SCRAM, NOBODY], ids=["scram", "nobody"])
def test_a_source_without_tls_comes_back(login: dict[str, Any]) -> None:
    given = open_settings({**OPEN, **login})
    resource = mirror_maker2(given, estate(given))
    found = convert(resource, Where("west", "kafka", "mtls"), "test")
    assert [one for one in found.differences if one.where != "metadata"] == []
    (again,) = load_stack(parse_stack_file(found.stack_file()))
    assert (again.source.encrypted, again.source.logs_in) == (False, given.source.logs_in)
    assert rendered(again, resource)["spec"] == resource["spec"]


def test_without_tls_a_password_is_not_sent_on() -> None:
    theirs = copy.deepcopy(MIRROR)
    cluster = theirs["spec"]["clusters"][0]
    del cluster["tls"]
    cluster["authentication"] = {
        "type": "plain",
        "username": "mm2",
        "passwordSecret": {"secretName": "mm2", "password": "password"},
    }
    found = convert(theirs, TARGET, "test")
    assert "encryption" not in found.sections["source"]
    assert any("use a listener with TLS, which this login needs" in one for one in found.todo)


@pytest.mark.parametrize("public", [True, False])
def test_tls_without_a_login_keeps_its_trust(public: bool) -> None:
    theirs = copy.deepcopy(MIRROR)
    cluster = theirs["spec"]["clusters"][0]
    del cluster["authentication"]
    if public:
        cluster["tls"] = {}
    found = convert(theirs, TARGET, "test")
    source = found.sections["source"]
    assert (source["authentication"], source["user"]) == ("none", "ANONYMOUS")
    assert source["credentials"] == ({"public_ca": True} if public else {"ca": "fill-in"})
    assert bool(found.todo) != public
    (flow,) = read_mirror_maker2(
        rendered(load_stack(parse_stack_file(found.stack_file())).mirrors[0], theirs)
    ).mirrors
    assert flow.connection["tls"] is not None


@pytest.mark.parametrize("trust", [{}, {"trustedCertificates": []}])
def test_public_cas_are_trusted_without_a_certificate(trust: dict[str, Any]) -> None:
    """Strimzi documents the empty list. The stack file asked for a Secret with the brokers' CA."""
    theirs = copy.deepcopy(MIRROR)
    for cluster in theirs["spec"]["clusters"]:
        cluster["tls"] = copy.deepcopy(trust)
    found = convert(theirs, TARGET, "test")
    credentials = found.sections["source"]["credentials"]
    assert credentials["public_ca"] is True
    assert "ca_secret" not in credentials.get("secret_ref", {})
    assert found.sections["target"]["public_ca"] is True
    assert not [one for one in found.todo if "ca" in one.split(":")[0]]
