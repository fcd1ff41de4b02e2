"""Amazon MSK with an AWS identity: no Secret is made or read, and both sides log in as the same identity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from manifests.declaration import Declaration
from manifests.estate import Estate, SourceEstate, StrimziApi, TargetEstate
from manifests.strimzi.resource import read_mirror_maker2
from mirror.clients.access import MskIamCredential
from mirror.estate import deployed
from mirror.estate.deployed import DeployedResource
from mirror.plan.source_look import source_access
from policy.stack_documents import stack_documents
from settings.load import load
from settings.model import Settings
from tests.program.crd import problems
from tests.unit.policy.made_up import ids, report
from tests.unit.settings.sources import sections
from tests.unit.settings.test_msk_iam import IMAGE, ROLE, iam

SOUND: dict[str, Any] = {
    "workers__resources": {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "2Gi"}}
}
IDENTITY = MskIamCredential("mirror", "eu-west-1", ROLE)


def made(api: str = "v1") -> Settings:
    return load(sections(iam({"role_arn": ROLE}), **IMAGE, **SOUND, target__api_version=api))


def declared(api: StrimziApi = "v1") -> Declaration:
    source = SourceEstate("b-1.example.com:9098", {}, {})
    return Declaration.of(made(api), Estate(source, TargetEstate("west:9093", {}, api)))


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
def test_the_crd_of_both_generations_takes_it(api: StrimziApi) -> None:
    resource = declared(api).mirror_maker2
    assert problems(resource) == []
    (flow,) = read_mirror_maker2(resource).mirrors
    assert flow.connection["authentication"]["config"]["sasl.mechanism"] == "AWS_MSK_IAM"
    assert flow.connection["tls"] == {}
    assert resource["spec"]["image"] == IMAGE["workers__image"]


def test_there_is_no_secret_and_no_permission_to_read_one() -> None:
    found = declared()
    assert (found.source_ca, found.source_user, found.secret_access) == (None, None, ())
    assert "msk-user" not in str(found.manifests)


def test_before_a_deployment_and_after_it_the_login_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = made()
    estate = Estate(SourceEstate("b-1.example.com:9098", {}, {}), TargetEstate("west:9093"))
    assert source_access(settings, estate).credential == IDENTITY
    monkeypatch.setattr(deployed, "connect", lambda side, root: None)
    found = DeployedResource(settings, Path()).source_access(declared().mirror_maker2)
    assert found.credential == IDENTITY
    assert found.encrypted


def test_no_rule_of_the_policy_is_broken() -> None:
    assert ids(report(*stack_documents(made(), "prod-west"))) == []
