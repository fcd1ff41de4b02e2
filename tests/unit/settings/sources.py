"""Sources outside Kubernetes, and the problems of a stack file that names one."""

from __future__ import annotations

from typing import Any

import pytest

from settings.load import load
from settings.problems import SettingsError
from tests.unit.settings.sample import raw

SECRET = {"secure": "v1:abc"}


EXPORTED = {"cluster_ca": "ca.yaml", "user": SECRET, "kafka_users": [SECRET]}


def sections(source: dict[str, Any], **changes: Any) -> dict[str, Any]:
    away = {"alias": "msk", "user": "mirror", "bootstrap_servers": "b-1.example.com:9096"}
    return {**raw(**{"users__copy": None, **changes}), "source": {**away, **source}}


def credentials(authentication: str = "scram-sha-512", **given: Any) -> dict[str, Any]:
    return {"authentication": authentication, "credentials": {"public_ca": True, "password": SECRET, **given}}


def refused(found: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(SettingsError) as error:
        load(found)
    assert "v1:abc" not in str(error.value)
    return {problem.path: f"{problem.rule}. {problem.remedy}" for problem in error.value.problems}


PROVIDER = {"token_endpoint": "https://login.example.com/oauth2/token", "client_id": "region-mirror"}


def oauth(**changes: Any) -> dict[str, Any]:
    return sections({**credentials("oauth"), "oauth": {**PROVIDER, **changes}})


REFERENCE = {"name": "east-login", "ca_secret": "east-ca"}


def referred(authentication: str = "scram-sha-512", **given: Any) -> dict[str, Any]:
    return {"authentication": authentication, "credentials": {"secret_ref": REFERENCE, **given}}
