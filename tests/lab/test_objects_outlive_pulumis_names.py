"""Pulumi deletes by an object's name in Kubernetes: an upgrade of Strimzi, another address of the cluster and
`--replace` must leave an object. With Pulumi's CLI, its Kubernetes provider and an API server.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube import Client, KubeConfig
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.core_v1 import Secret

from lab.env import pulumi_environment
from lab.layout import NAMESPACE, Lab
from lab.region.strimzi import custom_resource_definitions
from tests.lab.support.command import run
from tests.lab.support.kubernetes_api import KubernetesApi, api_with
from tests.lab.support.lab import with_compiled_modules
from tests.lab.support.stack import CHECKOUT
from tests.program.crd import crd_folder

KafkaUser = create_namespaced_resource("kafka.strimzi.io", "v1", "KafkaUser", "kafkausers")
USER = "billing"
PROGRAM = f"""
import pulumi
from components.kubernetes import custom_resource, secret, target_provider

config = pulumi.Config()
opts = pulumi.ResourceOptions(provider=target_provider("west", config.require("kubeconfig"), None))
# No controller runs here that would end a deletion in the foreground.
deletion = {{"pulumi.com/deletionPropagationPolicy": "background"}}
named = {{"name": "{USER}", "namespace": "{NAMESPACE}", "annotations": deletion}}
secret({{"apiVersion": "v1", "kind": "Secret", "metadata": named, "data": {{"password": "c2VjcmV0"}}}}, opts)
custom_resource(
    {{
        "apiVersion": f"kafka.strimzi.io/{{config.require('api')}}",
        "kind": "KafkaUser",
        "metadata": named,
        "spec": {{"authentication": {{"type": "tls"}}}},
    }},
    opts,
    name="west/{USER}",
)
"""


@dataclass(frozen=True)
class Program:
    """A stack with a KafkaUser and a Secret, and the API in which they are."""

    folder: Path
    api: KubernetesApi
    environment: dict[str, str]

    def pulumi(self, *arguments: str) -> str:
        argv = ["pulumi", *arguments, "--stack", "names", "--non-interactive", "--color", "never"]
        return run(argv, cwd=self.folder, env=self.environment, seconds=300).ok().output

    def up(self, *arguments: str, **config: str) -> str:
        for key, value in config.items():
            self.pulumi("config", "set", key, value)
        return self.pulumi("up", "--yes", "--skip-preview", *arguments)

    def ids(self) -> set[str]:
        """The UIDs of both objects; of one that does not exist none."""
        client = Client(config=KubeConfig.from_file(self.api.kubeconfig))
        found = set()
        for kind in (KafkaUser, Secret):
            listed: Any = client.list(kind, namespace=NAMESPACE)
            every = [one.to_dict()["metadata"] for one in listed]
            found |= {str(one["uid"]) for one in every if one["name"] == USER}
        return found


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program, deployed to a Strimzi that serves both versions and is used in the older one."""
    root = tmp_path_factory.mktemp("names")
    with api_with(root / "region", both_versions()) as api:
        lab = Lab(root / "pulumi")
        lab.pulumi.mkdir(parents=True)
        lab.passphrase.write_text("made up")
        folder = root / "program"
        folder.mkdir()
        for name in ("components", "manifests", "mirror", "settings", ".venv"):
            (folder / name).symlink_to(CHECKOUT / name)
        runtime = {"name": "python", "options": {"virtualenv": ".venv"}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "names", "runtime": runtime}))
        (folder / "__main__.py").write_text(PROGRAM)
        environment = {**with_compiled_modules(os.environ), **pulumi_environment(lab)}
        made = Program(folder, api, environment)
        made.pulumi("stack", "init")
        made.up(api="v1beta2", kubeconfig=str(api.kubeconfig))
        yield made


def both_versions() -> list[dict[str, object]]:
    """The CRD of KafkaUsers as Strimzi 0.49 to 0.51 have it: v1 and v1beta2."""
    newer, older = (
        next(
            one for one in custom_resource_definitions(folder) if one["spec"]["names"]["kind"] == "KafkaUser"
        )
        for folder in (crd_folder(), crd_folder() / "v1beta2")
    )
    beta = next(one for one in older["spec"]["versions"] if one["name"] == "v1beta2")
    newer["spec"]["versions"].append({**beta, "storage": False})
    return [newer]


def test_an_upgrade_of_strimzi_keeps_the_object(program: Program) -> None:
    before = program.ids()
    assert len(before) == 2
    program.up(api="v1")
    assert program.ids() == before
    program.pulumi("preview", "--expect-no-changes")


def test_another_address_of_the_cluster_keeps_the_objects(program: Program) -> None:
    before = program.ids()
    text = program.api.kubeconfig.read_text()
    one, other = ("localhost", "127.0.0.1") if "https://localhost" in text else ("127.0.0.1", "localhost")
    moved = program.folder / "moved.kubeconfig"
    moved.write_text(text.replace(f"https://{one}", f"https://{other}"))
    moved.chmod(0o600)
    program.up(kubeconfig=str(moved))
    assert program.ids() == before


def test_a_replacement_leaves_new_objects(program: Program) -> None:
    before = program.ids()
    state = program.pulumi("stack", "--show-urns")
    urns = [word for word in state.split() if word.endswith((f"KafkaUser::west/{USER}", f"Secret::{USER}"))]
    assert len(urns) == 2
    program.up(*(f"--replace={urn}" for urn in urns))
    after = program.ids()
    assert len(after) == 2
    assert not after & before


def test_an_object_that_exists_is_taken_over(program: Program) -> None:
    """As with `mirror.take_over` after the state was lost."""
    before = program.ids()
    program.pulumi("stack", "rm", "--yes", "--force")
    program.pulumi("stack", "init")
    program.up(api="v1", kubeconfig=str(program.api.kubeconfig))
    assert program.ids() == before
