"""`region-mirror render` and `pulumi up` declare the same objects: each rendered file is compared with what
the program registers with Pulumi.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from components.ownership import FORCE
from manifests.declaration import CREDENTIALS_VERSION, Declaration
from manifests.metadata import OWNER
from manifests.rendered import KUSTOMIZATION, PLACEHOLDER, SecretForm, Secrets, files
from settings.load import load
from settings.model import Settings
from tests.program.conftest import SIGNATURE, Declare, Declared, Program
from tests.program.every_setting import every_setting
from tests.program.examples import EXAMPLES, stack
from tests.program.sample import SECRETS, estate
from tests.program.test_golden_manifests import CASES
from tests.unit.settings.sample import settings

OF_PULUMI = {OWNER, *FORCE, CREDENTIALS_VERSION, "pulumi.com/waitFor"}
"""Annotations that are not rendered, or that Pulumi alone reads."""
JOB = {"verification__runner": "job", "verification__image": "registry.example.com/region-mirror:1"}
MONITORING = {"monitoring__enabled": True, "monitoring__exporter": True, "monitoring__service_monitor": True}
SETTINGS: dict[str, Settings] = {
    **{name: settings(**changes) for name, changes in CASES.items()},
    "every-setting-v1": load(every_setting()),
    "every-setting-v1beta2": load(every_setting("v1beta2")),
    "job-and-exporter": settings(**JOB, **MONITORING, users__copy=["orders-consumer", "tls-producer"]),
    "promoted": settings(mirror__phase="promoted"),
    **{f"{name}/{one.mirror.name}": one for name in EXAMPLES for one in stack(name)},
}


def rendered(given: Settings, form: SecretForm = "placeholder") -> dict[str, dict[str, Any]]:
    """The objects by their file."""
    found = files(Declaration.of(given, estate(given)), Secrets(form))
    return {name: yaml.safe_load(text) for name, text in found.items() if not name.startswith(".")}


def registered(program: Program) -> dict[tuple[str, str], Declared]:
    """The objects of Kubernetes that the program registers."""
    return {
        (one.kind, one.inputs["metadata"]["name"]): one
        for one in program.resources
        if one.type.startswith("kubernetes:")
    }


def without(annotations: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in annotations.items() if key not in OF_PULUMI}


@pytest.fixture(params=SETTINGS)
def given(request: pytest.FixtureRequest) -> Settings:
    return SETTINGS[request.param]


def test_both_declare_the_same(given: Settings, declare: Declare) -> None:
    theirs = registered(declare(given))
    ours = rendered(given)
    kustomization = ours.pop(KUSTOMIZATION)
    baseline = ("ConfigMap", f"{given.mirror.name}-baseline")  # its content is the source's
    assert {(one["kind"], one["metadata"]["name"]) for one in ours.values()} == theirs.keys() - {baseline}
    for name, one in ours.items():
        inputs = dict(theirs[one["kind"], one["metadata"]["name"]].inputs)
        inputs["metadata"] = {
            **inputs["metadata"], "annotations": without(inputs["metadata"]["annotations"]),
        }  # fmt: skip
        if one["kind"] == "Secret":
            content = inputs.pop("data")
            assert SIGNATURE in content, "data is not marked as secret"
            if "data" in one:  # a CA, which is public
                assert one.pop("data") == content["value"]
            else:
                assert one.pop("stringData").keys() == content["value"].keys()
                assert name not in kustomization["resources"]
        assert one == {"apiVersion": one["apiVersion"], "kind": one["kind"], **inputs}
    assert set(kustomization["resources"]) <= ours.keys()
    assert any("kafkamirrormaker2" in name for name in kustomization["resources"])


@pytest.mark.parametrize("form", ["placeholder", "external-secret", "sops"])
def test_no_secret_is_rendered(given: Settings, form: SecretForm) -> None:
    text = "\n".join(files(Declaration.of(given, estate(given)), Secrets(form)).values())
    assert not [secret for secret in SECRETS if secret in text]
    assert CREDENTIALS_VERSION not in text


def test_the_bytes_are_always_the_same(given: Settings) -> None:
    once, again = (files(Declaration.of(given, estate(given)), Secrets()) for _ in range(2))
    assert once == again
    assert list(once) == sorted(once)
    assert all(text.endswith("\n") and "\r" not in text for text in once.values())


def test_another_credential_changes_no_file() -> None:
    given = settings()
    other = estate(given, user_secret={"password": "another"})
    assert files(Declaration.of(given, estate(given)), Secrets()) == files(
        Declaration.of(given, other), Secrets()
    )


def test_an_external_secret_has_each_key_of_the_secret() -> None:
    given = settings(source__authentication="tls", users__copy=["orders-consumer"])
    found = rendered(given, "external-secret")
    secrets = {one["metadata"]["name"]: one for one in found.values() if one.get("kind") == "ExternalSecret"}
    assert set(secrets) == {"east-to-west-east-user", "east-to-west-orders-consumer-password"}
    spec = secrets["east-to-west-east-user"]["spec"]
    assert [one["secretKey"] for one in spec["data"]] == ["user.crt", "user.key"]
    assert spec["data"][0]["remoteRef"] == {"key": "kafka/east-to-west-east-user", "property": "user.crt"}
    assert spec["secretStoreRef"] == {"kind": "ClusterSecretStore", "name": "region-mirror"}
    assert spec["target"]["name"] == "east-to-west-east-user"
    assert "externalsecret-east-to-west-east-user.yaml" in found[KUSTOMIZATION]["resources"]


def test_secrets_for_sops_are_listed_with_their_rule() -> None:
    given = settings()
    text = files(Declaration.of(given, estate(given)), Secrets("sops"))
    assert "encrypted_regex: ^(data|stringData)$" in text[".sops.yaml"]
    name = "secret-east-to-west-east-user.yaml"
    assert yaml.safe_load(text[name])["stringData"] == {"password": f"{PLACEHOLDER}-password"}
    assert name in yaml.safe_load(text[KUSTOMIZATION])["resources"]
