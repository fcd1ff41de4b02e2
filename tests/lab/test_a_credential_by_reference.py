"""A credential that something else maintains: the mirror uses its Secret, and Pulumi never sees it."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from lightkube.resources.core_v1 import Secret

from lab.layout import NAMESPACE
from lab.outside import Source
from manifests.declaration import CREDENTIALS_VERSION
from tests.lab.support import kafka
from tests.lab.support.command import Ran, run
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import cluster, deployed, flow, outside
from tests.lab.support.stack import Stack

NAME, LOGIN, CA = "by-reference", "north-login", "north-ca"


@pytest.fixture(scope="module")
def stack(regions: Regions, north: Source) -> Iterator[Stack]:
    """The Secrets are there before the stack, as External Secrets would have made them."""
    assert north.password
    assert north.ca
    regions.put_secret("west", LOGIN, {"north-password": north.password})
    regions.put_secret("west", CA, {"ca.crt": north.ca})
    reference = {"name": LOGIN, "password_key": "north-password", "ca_secret": CA}
    source = outside(north, "plain") | {"credentials": {"secret_ref": reference}}
    mirror = flow(NAME, north.topic, replication_policy="default")
    sections: dict[str, Any] = {"source": source, "target": cluster("west"), "mirror": mirror}
    with deployed(regions, NAME, sections) as made:
        yield made
    for name in (LOGIN, CA):
        regions.kubernetes("west").delete(Secret, name, namespace=NAMESPACE)


def mirror(stack: Stack, *arguments: str) -> Ran:
    """`python -m mirror ...` in the stack's project."""
    return run([sys.executable, "-m", "mirror", *arguments], cwd=stack.project, env=stack.environment)


def test_the_mirror_is_proven_and_nothing_of_the_credential_is_in_the_state(
    stack: Stack, regions: Regions, north: Source
) -> None:
    kafka.arrived(
        regions.kafka("west"), f"north.{north.topic}", kafka.contents(regions.kafka("north"), north.topic)
    )
    password = str(north.password)
    state = stack.state()
    assert password not in state
    assert base64.b64encode(password.encode()).decode() not in state
    assert CREDENTIALS_VERSION not in state
    assert '"kind": "Secret"' not in state
    assert regions.secret("west", f"{NAME}-north-user") is None
    assert password not in stack.preview("--show-sames").ok().output


def test_a_missing_key_is_found_in_the_preview(stack: Stack) -> None:
    before = stack.file.read_text()

    def misspelt(config: dict[str, Any]) -> None:
        config["source"]["credentials"]["secret_ref"]["password_key"] = "password"

    stack.configure(misspelt)
    try:
        ran = stack.preview()
    finally:
        stack.file.write_text(before)
    assert ran.code != 0
    assert f"Secret kafka/{LOGIN}: it has no password" in ran.output
    assert "it has: north-password" in ran.output


def test_what_is_rendered_and_imported_is_what_is_deployed(stack: Stack, regions: Regions) -> None:
    there = regions.mirror_resource(NAME)
    rendered = json.loads(mirror(stack, "render", "--config-file", str(stack.file), "--json").ok().stdout)
    (text,) = [text for name, text in rendered["files"].items() if name.startswith("kafkamirrormaker2")]
    assert yaml.safe_load(text)["spec"] == there.spec
    target = ("--target-cluster", "west", "--target-namespace", "kafka", "--target-listener", "mtls")
    kubeconfig = ("--kubeconfig", ".lab/west/kubeconfig")
    ran = mirror(stack, "import", "--live", NAME, "--namespace", "kafka", *kubeconfig, *target, "--json")
    found = [one for one in json.loads(ran.stdout)["differences"] if one["where"] != "metadata"]
    assert found == []
