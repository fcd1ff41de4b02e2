"""Real CRDs, Strimzi's and the Prometheus operator's, as JSON schemas that refuse what the API server's
server-side apply would refuse.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from lab.toolchain import Toolchain
from lab.toolchain.toolchain import ToolchainIncomplete


@cache
def crd_folder() -> Path:
    """Return the folder of the generated CRDs; skips where `make setup` has not made them."""
    try:
        return Toolchain.load().crds
    except ToolchainIncomplete as problem:
        pytest.skip(f"Strimzi's CRDs are not built: {problem} (make setup)")


def crd_file(kind: str, version: str) -> Path:
    """Return the CRD of a kind: of the lab's Strimzi, or of the last one that served v1beta2 alone."""
    folder = crd_folder() if version == "v1" else crd_folder() / version
    return folder / f"{kind.lower()}.yaml"


OPERATOR = Path(__file__).parent / "prometheus_operator"


def problems(manifest: dict[str, Any]) -> list[str]:
    """Return what the custom resource's own CRD has against it."""
    group, _, version = manifest["apiVersion"].rpartition("/")
    kind = manifest["kind"]
    strimzis = group != "monitoring.coreos.com"
    path = crd_file(kind, version) if strimzis else OPERATOR / f"{group}_{kind.lower()}s.yaml"
    found = _validator(path, version).iter_errors(manifest)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found]


@cache
def _validator(path: Path, version: str) -> Draft202012Validator:
    crd = yaml.safe_load(path.read_text())
    (schema,) = [v["schema"]["openAPIV3Schema"] for v in crd["spec"]["versions"] if v["name"] == version]
    return Draft202012Validator(_closed(schema))


def _closed(schema: Any, path: tuple[str, ...] = ()) -> Any:
    """Refuse unknown fields wherever the CRD names the known ones."""
    if isinstance(schema, list):
        return [_closed(part, path) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value, (*path, key)) for key, value in schema.items()}
    known = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    if known and not schema.get("x-kubernetes-preserve-unknown-fields"):
        closed["additionalProperties"] = False
        if not path:  # the API server itself knows these
            closed["properties"] = {**closed["properties"], "metadata": {"type": "object"}}
    return closed
