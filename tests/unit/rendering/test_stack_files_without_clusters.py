"""What a stack file says is enough to render; what it lacks is a placeholder, and is named."""

from __future__ import annotations

from typing import Any

import yaml

from manifests.rendered import PLACEHOLDER, Secrets
from mirror.rendering.assumed import Given
from mirror.rendering.stack import Rendered, render_offline
from settings.load import load
from settings.model import Settings
from tests.unit.estate.test_credentials_by_reference import CA
from tests.unit.settings.sample import raw, settings

ADDRESSES = Given("east.example.com:9094", "west.example.com:9093", "v1beta2")
MIRROR = "kafkamirrormaker2-east-to-west.yaml"


def rendered(given: Settings, about: Given = ADDRESSES) -> Rendered:
    return render_offline([given], about, Secrets())


def away(**credentials: Any) -> Settings:
    source = {
        "alias": "east", "user": "mirror-source", "bootstrap_servers": "east.example.com:9094",
        "credentials": credentials,
    }  # fmt: skip
    return load({**raw(users__copy=[], target__api_version="v1"), "source": source})


def test_nothing_is_missing_where_the_stack_file_and_the_command_line_say_all() -> None:
    given = away(secret_ref={"name": "east-login", "ca_secret": "east-ca"})
    found = rendered(given)
    assert found.notes == ()
    assert PLACEHOLDER not in "".join(found.files.values())
    assert not [name for name in found.files if name.startswith("secret-")]


def test_each_placeholder_is_named() -> None:
    found = rendered(settings(users__copy=["ann", "bob"]), Given())
    spec = yaml.safe_load(found.files[MIRROR])["spec"]
    assert spec["target"]["bootstrapServers"].startswith(PLACEHOLDER)
    assert spec["mirrors"][0]["source"]["bootstrapServers"].startswith(PLACEHOLDER)
    notes = "\n".join(found.notes)
    for said in (
        "the address of east is a placeholder", "the address of west is a placeholder", "version v1",
        "copied users (ann, bob) are left out", "CA certificates of east has a placeholder",
    ):  # fmt: skip
        assert said in notes


def test_the_command_line_fills_the_gaps() -> None:
    found = rendered(settings(users__copy=[]))
    mirror = yaml.safe_load(found.files[MIRROR])
    assert mirror["apiVersion"] == "kafka.strimzi.io/v1beta2"
    assert [one["bootstrapServers"] for one in mirror["spec"]["clusters"]] == [
        "east.example.com:9094", "west.example.com:9093",
    ]  # fmt: skip
    assert found.notes == ("the Secret with the CA certificates of east has a placeholder",)


def test_the_stack_files_own_version_and_address_are_kept() -> None:
    given = settings(target__api_version="v1", source__bootstrap_servers="own:1", users__copy=[])
    mirror = yaml.safe_load(
        rendered(given, Given(target_bootstrap_servers="w:1", api="v1beta2")).files[MIRROR]
    )
    assert mirror["apiVersion"] == "kafka.strimzi.io/v1"
    assert mirror["spec"]["mirrors"][0]["source"]["bootstrapServers"] == "own:1"


def test_a_ca_in_the_stack_file_is_rendered() -> None:
    """It is public."""
    found = rendered(away(ca=CA.pem, password={"secure": "v1:a:b"}))
    (name,) = [one for one in found.files if one.endswith("cluster-ca-cert.yaml")]
    assert PLACEHOLDER not in found.files[name]
    assert name in yaml.safe_load(found.files["kustomization.yaml"])["resources"]
    assert found.notes == ()


def test_several_mirrors_have_a_folder_each() -> None:
    mirrors = [settings(users__copy=[]), settings(mirror__name="other", users__copy=[])]
    found = render_offline(mirrors, ADDRESSES, Secrets(), folders=True)
    assert {name.split("/")[0] for name in found.files} == {"east-to-west", "other"}
    assert {"east-to-west/kustomization.yaml", "other/kustomization.yaml"} <= set(found.files)
    assert all(note.startswith("mirror ") for note in found.notes)
