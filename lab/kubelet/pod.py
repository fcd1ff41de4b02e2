"""What a pod asks for, read off its manifest. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Manifest = Mapping[str, Any]

IMAGE = "region-mirror"
"""The one image of the lab, whatever its registry and tag: this checkout."""
ENTRYPOINT = ("python", "-m", "mirror")
"""As in the Dockerfile."""

_REFERENCE = re.compile(r"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")
_FIELD = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


class Unsupported(Exception):
    """The lab cannot run this pod."""


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod as the API holds it."""

    manifest: Manifest

    @property
    def uid(self) -> str:
        """`metadata.uid`."""
        return str(self.manifest["metadata"]["uid"])

    @property
    def name(self) -> str:
        """`metadata.name`."""
        return str(self.manifest["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """`metadata.namespace`."""
        return str(self.manifest["metadata"]["namespace"])

    @property
    def where(self) -> str:
        """Namespace and name, for messages."""
        return f"{self.namespace}/{self.name}"

    @property
    def node(self) -> str:
        """`spec.nodeName`; empty before the pod is scheduled."""
        return str(self.manifest["spec"].get("nodeName") or "")

    @property
    def phase(self) -> str:
        """`status.phase`, such as Running."""
        return str((self.manifest.get("status") or {}).get("phase") or "Pending")

    @property
    def over(self) -> bool:
        """Whether the pod has ended: no container of it runs again."""
        return self.phase in ("Succeeded", "Failed")

    @property
    def leaving(self) -> bool:
        """Somebody has deleted it; it goes when its container has ended."""
        return "deletionTimestamp" in self.manifest["metadata"]

    @property
    def grace_seconds(self) -> float:
        """`metadata.deletionGracePeriodSeconds`; 0 before the pod is deleted."""
        return float(self.manifest["metadata"].get("deletionGracePeriodSeconds") or 0)

    @property
    def deadline_seconds(self) -> float | None:
        """`spec.activeDeadlineSeconds`; None where the pod has no deadline."""
        found = self.manifest["spec"].get("activeDeadlineSeconds")
        return None if found is None else float(found)

    @property
    def service_account(self) -> str:
        """`spec.serviceAccountName`."""
        return str(self.manifest["spec"].get("serviceAccountName") or "default")

    @property
    def container(self) -> Manifest:
        """Its only container. Raises Unsupported."""
        spec = self.manifest["spec"]
        if spec.get("initContainers") or len(spec["containers"]) != 1:
            raise Unsupported("the lab runs pods of one container")
        if spec.get("restartPolicy", "Always") == "OnFailure":
            raise Unsupported("the lab restarts pods always or never")
        found: Manifest = spec["containers"][0]
        return found

    @property
    def restarts(self) -> bool:
        """Whether its container is started again when it has ended."""
        return bool(self.manifest["spec"].get("restartPolicy", "Always") == "Always")

    @property
    def ready(self) -> bool:
        """Whether the API knows it to be ready."""
        known = (self.manifest.get("status") or {}).get("conditions") or []
        return any(one["type"] == "Ready" and one["status"] == "True" for one in known)

    @property
    def address(self) -> str:
        """Its address; empty before it has one."""
        return str((self.manifest.get("status") or {}).get("podIP") or "")

    @property
    def restart_count(self) -> int:
        """How often its container has been started again."""
        known = (self.manifest.get("status") or {}).get("containerStatuses") or [{}]
        return int(known[0].get("restartCount") or 0)

    @property
    def ended(self) -> Manifest | None:
        """How its container ended the last time, where it was started again."""
        known = (self.manifest.get("status") or {}).get("containerStatuses") or [{}]
        found: Manifest | None = (known[0].get("lastState") or {}).get("terminated")
        return found

    @property
    def volumes(self) -> dict[str, Manifest]:
        """The volumes by name."""
        return {volume["name"]: volume for volume in self.manifest["spec"].get("volumes") or []}

    def field(self, path: str, address: str = "") -> str:
        """A field by its downward API path; `address` is the pod's. Raises Unsupported."""
        metadata, spec = self.manifest["metadata"], self.manifest["spec"]
        if keyed := _FIELD.fullmatch(path):
            return str((metadata.get(keyed[1]) or {}).get(keyed[2], ""))
        simple = {
            "metadata.name": metadata["name"],
            "metadata.namespace": metadata["namespace"],
            "metadata.uid": metadata["uid"],
            "spec.nodeName": spec.get("nodeName", ""),
            "spec.serviceAccountName": self.service_account,
            "status.podIP": address or self.address,
        }
        if path not in simple:
            raise Unsupported(f"the lab knows no field {path}")
        return str(simple[path])


def free_address(port: int, taken: Collection[str]) -> str:
    """An address of the loopback network for one more pod of the region whose API has this port, which no
    other region and no other lab on this machine has. Raises Unsupported.
    """
    for last in range(1, 255):
        found = f"127.{port >> 8}.{port & 255}.{last}"
        if found not in taken:
            return found
    raise Unsupported("the lab has addresses for 254 pods a region")


def has_image(container: Manifest) -> bool:
    """Whether the lab can pull the image."""
    path = str(container.get("image", "")).partition("@")[0].rpartition("/")[2]
    return path.partition(":")[0] == IMAGE


def environment(
    pod: Pod, container: Manifest, config_map: Callable[[str], Mapping[str, str]], address: str = ""
) -> dict[str, str]:
    """The container's variables. Raises Unsupported."""
    found: dict[str, str] = {}
    for variable in container.get("env") or []:
        source = variable.get("valueFrom") or {}
        if "fieldRef" in source:
            value = pod.field(source["fieldRef"]["fieldPath"], address)
        elif "configMapKeyRef" in source:
            value = config_map(source["configMapKeyRef"]["name"])[source["configMapKeyRef"]["key"]]
        elif source:
            # Everybody on this machine can read a process's variables.
            raise Unsupported(f"the lab puts no {next(iter(source))} into variables")
        else:
            value = expanded(str(variable.get("value", "")), found)
        found[variable["name"]] = value
    return found


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """`$(NAME)` replaced as Kubernetes does it: what is unknown stays, `$$` is a dollar."""
    return _REFERENCE.sub(lambda found: "$" if found[0] == "$$" else variables.get(found[1], found[0]), text)


def command(container: Manifest, variables: Mapping[str, str], python: str) -> list[str]:
    """The command line, with this machine's Python where it names Python."""
    argv = [*(container.get("command") or ENTRYPOINT), *(container.get("args") or [])]
    argv = [expanded(str(part), variables) for part in argv]
    return [python if argv[0] in ("python", "python3") else argv[0], *argv[1:]]


def rewritten(text: str, mounts: Mapping[str, Path]) -> str:
    """Mounted paths as they are on this machine, the longest first."""
    for mount in sorted(mounts, key=len, reverse=True):
        there = str(mounts[mount]).replace("\\", r"\\")
        text = re.sub(rf"{re.escape(mount)}(?=/|$|:)", there, text)
    return text
