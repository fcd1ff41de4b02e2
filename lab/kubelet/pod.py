"""What a pod asks for, read off its manifest. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
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
        return str(self.manifest["metadata"]["uid"])

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])

    @property
    def namespace(self) -> str:
        return str(self.manifest["metadata"]["namespace"])

    @property
    def where(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def node(self) -> str:
        return str(self.manifest["spec"].get("nodeName") or "")

    @property
    def phase(self) -> str:
        return str((self.manifest.get("status") or {}).get("phase") or "Pending")

    @property
    def over(self) -> bool:
        return self.phase in ("Succeeded", "Failed")

    @property
    def leaving(self) -> bool:
        """Somebody has deleted it; it goes when its container has ended."""
        return "deletionTimestamp" in self.manifest["metadata"]

    @property
    def grace_seconds(self) -> float:
        return float(self.manifest["metadata"].get("deletionGracePeriodSeconds") or 0)

    @property
    def deadline_seconds(self) -> float | None:
        found = self.manifest["spec"].get("activeDeadlineSeconds")
        return None if found is None else float(found)

    @property
    def service_account(self) -> str:
        return str(self.manifest["spec"].get("serviceAccountName") or "default")

    @property
    def container(self) -> Manifest:
        """Its only container. Raises Unsupported."""
        spec = self.manifest["spec"]
        if spec.get("initContainers") or len(spec["containers"]) != 1:
            raise Unsupported("the lab runs pods of one container")
        if spec.get("restartPolicy") != "Never":
            raise Unsupported("the lab runs pods that are never restarted")
        found: Manifest = spec["containers"][0]
        return found

    @property
    def volumes(self) -> dict[str, Manifest]:
        return {volume["name"]: volume for volume in self.manifest["spec"].get("volumes") or []}

    def field(self, path: str) -> str:
        """A field by its downward API path. Raises Unsupported."""
        metadata, spec = self.manifest["metadata"], self.manifest["spec"]
        if keyed := _FIELD.fullmatch(path):
            return str((metadata.get(keyed[1]) or {}).get(keyed[2], ""))
        simple = {
            "metadata.name": metadata["name"],
            "metadata.namespace": metadata["namespace"],
            "metadata.uid": metadata["uid"],
            "spec.nodeName": spec.get("nodeName", ""),
            "spec.serviceAccountName": self.service_account,
        }
        if path not in simple:
            raise Unsupported(f"the lab knows no field {path}")
        return str(simple[path])


def has_image(container: Manifest) -> bool:
    """Whether the lab can pull the image."""
    path = str(container.get("image", "")).partition("@")[0].rpartition("/")[2]
    return path.partition(":")[0] == IMAGE


def environment(
    pod: Pod, container: Manifest, config_map: Callable[[str], Mapping[str, str]]
) -> dict[str, str]:
    """The container's variables. Raises Unsupported."""
    found: dict[str, str] = {}
    for variable in container.get("env") or []:
        source = variable.get("valueFrom") or {}
        if "fieldRef" in source:
            value = pod.field(source["fieldRef"]["fieldPath"])
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


def conditions(former: Sequence[Manifest], *, ready: bool, completed: bool, now: str) -> list[dict[str, Any]]:
    """The kubelet's conditions of a pod, beside those that are others' (DisruptionTarget)."""
    own = {"PodScheduled": True, "Initialized": True, "ContainersReady": ready, "Ready": ready}
    kept = [dict(one) for one in former if one["type"] not in own]
    made: list[dict[str, Any]] = []
    for kind, holds in own.items():
        one: dict[str, Any] = {"type": kind, "status": str(holds), "lastTransitionTime": now}
        if completed and not holds:
            one["reason"] = "PodCompleted"
        made.append(one)
    return [*kept, *made]
