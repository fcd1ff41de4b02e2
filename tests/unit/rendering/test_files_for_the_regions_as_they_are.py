"""With the clusters, the files have their addresses, versions, certificates and users."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from manifests.rendered import PLACEHOLDER, Secrets
from mirror.estate import reading
from mirror.estate.findings import EstateError
from mirror.rendering.assumed import Given
from mirror.rendering.stack import Rendered, render_online
from settings.model import CredentialSettings, Settings
from settings.model.secret import SecretText
from tests.unit.support.fake_kubernetes import FakeKubernetes, authority, two_regions
from tests.unit.support.made_up import settings

CA = authority()


@pytest.fixture(autouse=True)
def regions(monkeypatch: pytest.MonkeyPatch) -> dict[str, FakeKubernetes]:
    both = two_regions(CA)
    both["west"].apis = ("v1beta2",)
    both["east"].add_user("ann", password="ann5ecretpass")
    monkeypatch.setattr(reading, "connect", lambda side, root: both[side.alias])
    return both


def rendered(given: Settings) -> Rendered:
    return render_online([given], Path(), None, Given(), Secrets())


def test_everything_is_read() -> None:
    given = settings()
    found = rendered(replace(given, users=replace(given.users, copy=("ann",))))
    mirror = yaml.safe_load(found.files["kafkamirrormaker2-east-to-west.yaml"])
    assert mirror["apiVersion"] == "kafka.strimzi.io/v1beta2"
    assert [one["bootstrapServers"] for one in mirror["spec"]["clusters"]] == ["east:9094", "west:9093"]
    assert yaml.safe_load(found.files["kafkauser-ann.yaml"])["metadata"]["namespace"] == "kafka"
    assert "secret-east-to-west-east-cluster-ca-cert.yaml" in found.files["kustomization.yaml"]
    assert found.notes == ()
    text = "".join(found.files.values())
    assert "5ecret" not in text
    assert "s0urcepassword" not in text


def encrypted() -> Settings:
    """A source whose credential only Pulumi can decrypt."""
    base = settings()
    source = replace(
        base.source, cluster=None, namespace=None, listener=None, bootstrap_servers="b:9096",
        credentials=CredentialSettings(password=SecretText(), public_ca=True),
    )  # fmt: skip
    return replace(base, source=source)


def test_a_credential_that_only_pulumi_can_decrypt_is_not_needed() -> None:
    found = rendered(encrypted())
    mirror = yaml.safe_load(found.files["kafkamirrormaker2-east-to-west.yaml"])
    assert [one["bootstrapServers"] for one in mirror["spec"]["clusters"]] == ["b:9096", "west:9093"]
    assert f"{PLACEHOLDER}-password" in found.files["secret-east-to-west-east-user.yaml"]
    assert found.notes == ()


@pytest.mark.parametrize("given", [settings(), encrypted()])
def test_a_target_that_does_not_answer_is_an_error(
    given: Settings, regions: dict[str, FakeKubernetes]
) -> None:
    regions["west"].dead = True
    with pytest.raises(EstateError, match="no answer in time"):
        rendered(given)
