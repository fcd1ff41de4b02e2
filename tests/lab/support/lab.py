"""The run's lab as the tests use it: super users' clients, Kubernetes, processes."""

from __future__ import annotations

import base64
import os
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import lightkube
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Secret
from lightkube.types import PatchType

from lab import processes
from lab.env import pulumi_environment
from lab.layout import NAMESPACE, Lab
from lab.ports import known
from lab.region import clients
from settings.acls import Acl
from tests.lab.support.wait import until

KafkaMirrorMaker2 = create_namespaced_resource(
    "kafka.strimzi.io", "v1", "KafkaMirrorMaker2", "kafkamirrormaker2s"
)
KafkaUser = create_namespaced_resource("kafka.strimzi.io", "v1", "KafkaUser", "kafkausers")


def with_compiled_modules(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which Python keeps compiled modules, as it does on people's machines and hosted
    runners. Images of containers often turn that off, and every process then compiles the program anew.
    """
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Regions:
    """Both regions of one lab."""

    lab: Lab

    def kafka(self, region: str) -> dict[str, Any]:
        """A confluent-kafka configuration of the region's super user."""
        return clients.admin_client_config(self.lab, region)

    def scram(self, region: str, user: str) -> dict[str, Any]:
        """A confluent-kafka configuration with the user's own login: a fence stops no super user."""
        return clients.scram_client_config(self.lab, region, user)

    def kubernetes(self, region: str) -> lightkube.Client:
        """The region's Kubernetes, as its administrator."""
        return clients.kubernetes(self.lab, region)

    def pulumi_environment(self) -> dict[str, str]:
        """The environment in which `pulumi` and `python -m mirror` work on this lab."""
        return {**with_compiled_modules(os.environ), **pulumi_environment(self.lab)}

    def listener(self, region: str, name: str) -> str:
        """The bootstrap servers of a listener."""
        return f"localhost:{known(self.lab)[f'{region}-kafka-{name}']}"

    def mirror_resource(self, name: str) -> Any:
        """The KafkaMirrorMaker2 in region west; ApiError when there is none."""
        return self.kubernetes("west").get(KafkaMirrorMaker2, name, namespace=NAMESPACE)

    def patch_mirror(self, name: str, spec: dict[str, Any]) -> None:
        """Change the KafkaMirrorMaker2 behind Pulumi's back, as somebody with kubectl would."""
        self.kubernetes("west").patch(
            KafkaMirrorMaker2, name, {"spec": spec}, namespace=NAMESPACE, patch_type=PatchType.MERGE
        )

    def annotate_mirror(self, name: str, annotation: str, value: str) -> None:
        """What `kubectl annotate kafkamirrormaker2` does."""
        patch = {"metadata": {"annotations": {annotation: value}}}
        self.kubernetes("west").patch(
            KafkaMirrorMaker2, name, patch, namespace=NAMESPACE, patch_type=PatchType.MERGE
        )

    def patch_user(self, region: str, name: str, spec: dict[str, Any]) -> None:
        """Change a KafkaUser behind Pulumi's back."""
        self.kubernetes(region).patch(
            KafkaUser, name, {"spec": spec}, namespace=NAMESPACE, patch_type=PatchType.MERGE
        )

    def secret(self, region: str, name: str) -> Secret | None:
        """A Secret, or None when there is none."""
        try:
            return self.kubernetes(region).get(Secret, name, namespace=NAMESPACE)
        except ApiError as error:
            if error.status.code != 404:
                raise
            return None

    def put_secret(self, region: str, name: str, content: dict[str, str]) -> None:
        """A Secret of the test's own (`content` in plain text)."""
        metadata = ObjectMeta(name=name, namespace=NAMESPACE)
        secret = Secret(apiVersion="v1", kind="Secret", metadata=metadata, stringData=content)
        self.kubernetes(region).apply(secret, field_manager="tests", force=True)

    def make_user(self, region: str, name: str, authentication: str, acls: Iterable[Acl]) -> None:
        """A KafkaUser with these rights, as the source's administrator would make it; wait for its Secret."""
        rules = [
            {
                "operations": list(acl.operations),
                "resource": {"type": acl.resource_type, "name": acl.name, "patternType": acl.pattern_type},
            }
            for acl in acls
        ]
        labels = {"strimzi.io/cluster": region}
        user = KafkaUser(
            metadata=ObjectMeta(name=name, namespace=NAMESPACE, labels=labels),
            spec={
                "authentication": {"type": authentication},
                "authorization": {"type": "simple", "acls": rules},
            },
        )
        self.kubernetes(region).apply(user, field_manager="tests", force=True)
        until(f"the Secret of {name}", lambda: self.secret(region, name), seconds=60)

    def remove_user(self, region: str, name: str) -> None:
        """The User Operator removes what belongs to it."""
        self.kubernetes(region).delete(KafkaUser, name, namespace=NAMESPACE)

    def rotate_password(self, region: str, name: str) -> tuple[str, str]:
        """Give a SCRAM user a new password as Strimzi's documentation says: delete its Secret. The old
        password and the new one.
        """
        old = self.password(region, name)
        self.kubernetes(region).delete(Secret, name, namespace=NAMESPACE)
        new = until(
            f"a new password of {name}",
            lambda: (now := self.password(region, name)) not in ("", old) and now,
            seconds=60,
        )
        return old, new

    def password(self, region: str, name: str) -> str:
        """A SCRAM user's password; empty while there is no Secret."""
        secret = self.secret(region, name)
        encoded = ((secret.data if secret else None) or {}).get("password", "")
        return base64.b64decode(encoded).decode()

    def kill(self, process: str) -> None:
        """SIGKILL one process of the lab and wait until the supervisor has started another."""
        victim = processes.find(self.lab, process)
        assert victim is not None, f"{process} does not run"
        victim.send_signal(signal.SIGKILL)

        def another() -> bool:
            found = processes.find(self.lab, process)
            return found is not None and found.pid != victim.pid

        until(f"{process} to run again", another, seconds=60)

    @contextmanager
    def frozen(self, process: str) -> Iterator[None]:
        """One process of the lab stopped in its tracks for a while: connections open, answers do not come."""
        victim = processes.find(self.lab, process)
        assert victim is not None, f"{process} does not run"
        victim.suspend()
        try:
            yield
        finally:
            victim.resume()

    def running(self, prefix: str) -> list[str]:
        """The names of the running processes that start so."""
        return [s.name for s in processes.statuses(self.lab) if s.pid and s.name.startswith(prefix)]


__all__ = ["NAMESPACE", "KafkaMirrorMaker2", "KafkaUser", "Regions"]
