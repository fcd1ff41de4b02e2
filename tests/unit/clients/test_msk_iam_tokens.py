"""Tokens for Amazon MSK reach a broker through each of librdkafka's ways: AdminClient, helper, audit.

The broker speaks Kafka's protocol as far as the login, and Amazon's package is replaced unless it is
installed (`pip install '.[msk]'`): then the real one signs, with a made-up identity and without a network.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import sys
import time
from types import ModuleType
from typing import Any

import pytest

from manifests.strimzi.msk_iam import MECHANISM, authentication, client_properties, role_of
from mirror.audit.native.client import Client
from mirror.clients.access import ClusterAccess, MskIamCredential
from mirror.clients.cluster import Cluster
from mirror.clients.msk_iam import PORTABLE, Signer, portable, restored
from mirror.problems import CouldNotConnect, CouldNotRun
from settings.model import MskIamSettings
from tests.unit.support.sasl_broker import Logins, sasl_broker

PROVIDER = "aws_msk_iam_sasl_signer.MSKAuthTokenProvider"
ROLE = "arn:aws:iam::123456789012:role/mirror"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.fixture
def signer(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Replace Amazon's package; the calls are kept."""
    asked: list[tuple[str, ...]] = []
    module = ModuleType(PROVIDER)

    def token(*given: str) -> tuple[str, int]:
        asked.append(given)
        return f"token-for-{given[0]}", int((time.time() + 900) * 1000)

    module.__dict__["generate_auth_token"] = token
    module.__dict__["generate_auth_token_from_role_arn"] = token
    monkeypatch.setitem(sys.modules, PROVIDER.partition(".")[0], ModuleType("aws_msk_iam_sasl_signer"))
    monkeypatch.setitem(sys.modules, PROVIDER, module)
    return asked


def access(logins: Logins, role: str = "") -> ClusterAccess:
    return ClusterAccess(logins.address, "", MskIamCredential("mirror", "eu-west-1", role), "msk", False)


def bearer(message: bytes) -> str:
    """The token in the first message of OAUTHBEARER (RFC 7628)."""
    return message.split(b"auth=Bearer ")[1].split(b"\x01")[0].decode()


def test_the_admin_client_delivers_it(signer: list[tuple[str, ...]]) -> None:
    with sasl_broker("OAUTHBEARER") as logins:
        with (
            pytest.raises(CouldNotConnect, match="kafka-cluster:Connect"),
            Cluster(access(logins)) as cluster,
        ):
            cluster.connect()
        assert bearer(logins.token()) == "token-for-eu-west-1"
    assert set(logins.mechanisms) == {"OAUTHBEARER"}
    assert ("eu-west-1",) in signer


def test_the_audits_own_client_delivers_it(signer: list[tuple[str, ...]]) -> None:
    with sasl_broker("OAUTHBEARER") as logins:
        client = Client(access(logins))
        try:
            assert bearer(logins.token()) == "token-for-eu-west-1"
        finally:
            client.close()


def test_a_role_is_assumed_under_the_name_of_this_program(signer: list[tuple[str, ...]]) -> None:
    token, expires = Signer("eu-west-1", ROLE)()
    assert token == "token-for-eu-west-1"
    assert 800 < expires - time.time() < 1000
    assert signer == [("eu-west-1", ROLE, "region-mirror")]


def test_a_configuration_for_the_helper_is_json_and_comes_back(signer: list[tuple[str, ...]]) -> None:
    config = ClusterAccess("b:9098", "", MskIamCredential("mirror", "eu-west-1", ROLE)).client_config()
    assert config["security.protocol"] == "SASL_SSL"
    carried = json.loads(json.dumps(portable(config)))
    assert carried[PORTABLE] == ["eu-west-1", ROLE]
    assert restored(carried) == config
    assert restored(portable({"a": "b"})) == {"a": "b"}


def test_without_amazons_package_there_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, PROVIDER, None)
    with pytest.raises(CouldNotRun, match=r"pip install 'region-mirror\[msk\]'"):
        ClusterAccess("b:9098", "", MskIamCredential("mirror", "eu-west-1")).client_config()


@pytest.mark.skipif(importlib.util.find_spec("aws_msk_iam_sasl_signer") is None, reason="needs the extra msk")
def test_amazons_package_signs_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    token, expires = Signer("eu-west-1")()
    url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    assert url.startswith("https://kafka.eu-west-1.amazonaws.com/?Action=kafka-cluster%3AConnect&")
    assert "X-Amz-Signature=" in url
    assert SECRET_KEY not in url
    assert 800 < expires - time.time() < 1000


@pytest.mark.parametrize("role", ["", ROLE])
def test_mm2_gets_amazons_login_module(role: str) -> None:
    identity = MskIamSettings("eu-west-1", role or None)
    config = client_properties(identity)
    assert config["sasl.mechanism"] == MECHANISM
    assert config["sasl.jaas.config"].startswith("software.amazon.msk.auth.iam.IAMLoginModule required")
    assert ("awsRoleArn" in config["sasl.jaas.config"]) == bool(role)
    assert role_of(authentication(identity)) == role


@pytest.mark.parametrize(
    "given", [{}, {"type": "plain"}, {"type": "custom", "config": {"sasl.mechanism": "PLAIN"}}]
)
def test_another_login_is_none_of_amazons(given: dict[str, Any]) -> None:
    assert role_of(given) is None
