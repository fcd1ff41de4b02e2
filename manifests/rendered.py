"""The manifests of one mirror as files: sorted, one file an object, the same bytes for the same input. Pure.

The files have what the components hand to Pulumi, with three exceptions. No secret is rendered. The
annotation with the version of the credentials is left out, because it derives from them. No stack is recorded
as owner, because the files are not applied by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from manifests.declaration import CREDENTIALS_VERSION, Declaration
from manifests.metadata import Manifest
from settings.yaml_text import Dumper

SecretForm = Literal["placeholder", "external-secret", "sops"]
HEADER = "# Rendered by region-mirror. A later rendering overwrites changes."
"""First line of each file, by which a later rendering knows the files that it may delete."""
KUSTOMIZATION = "kustomization.yaml"
SOPS_RULES = ".sops.yaml"
PLACEHOLDER = "PLACEHOLDER"
"""Begins each value that a person or a program has to replace."""
SECRET_PREFIX = "secret-"  # noqa: S105 - begins the name of a file
_LEFT_OUT = (CREDENTIALS_VERSION,)
_WIDTH = 10**9  # characters; a folded line would make a change of one word a change of several lines
_SECRETS_LEFT_OUT = (
    "# Not listed: {}. They hold placeholders, which would overwrite the Secrets of a running mirror.\n"
)
FILL_IN = "# Replace the placeholders"
_FILL_IN = FILL_IN + ", then encrypt: sops --encrypt --in-place {}\n"
_SOPS = (
    "# Rendered once; add the keys of your team. https://getsops.io\n"
    "creation_rules:\n"
    f"- path_regex: (^|/){SECRET_PREFIX}[^/]*\\.yaml$\n"
    "  encrypted_regex: ^(data|stringData)$\n"
    "  # age: age1...\n"
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """How Secrets are rendered. `store`: kind and name of the store of the External Secrets Operator."""

    form: SecretForm = "placeholder"
    store: str = "ClusterSecretStore/region-mirror"


def files(declared: Declaration, secrets: Secrets, *, ca_known: bool = True) -> dict[str, str]:
    """Render a mirror: the text of each file by its name. `ca_known`: the CA certificates of the source are
    the real ones; they are public, and are rendered as they are.
    """
    found: dict[str, str] = {}
    listed: list[str] = []
    for manifest in declared.manifests:
        shown = ca_known and manifest is declared.source_ca
        rendered = _object(manifest) if shown or manifest["kind"] != "Secret" else _secret(manifest, secrets)
        name = file_name(rendered)
        is_placeholder = rendered["kind"] == "Secret" and not shown
        note = _FILL_IN.format(name) if is_placeholder and secrets.form == "sops" else ""
        found[name] = f"{HEADER}\n{note}{dump(rendered)}"
        if not is_placeholder or secrets.form == "sops":
            listed.append(name)
    found[KUSTOMIZATION] = _kustomization(sorted(listed), sorted(found.keys() - set(listed)))
    if secrets.form == "sops":
        found[SOPS_RULES] = _SOPS
    return dict(sorted(found.items()))


def file_name(manifest: Manifest) -> str:
    """Name the file of an object after its kind and name."""
    return f"{manifest['kind'].lower()}-{manifest['metadata']['name']}.yaml"


def dump(value: Any) -> str:
    """Return YAML with sorted keys; text of several lines is written as such."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=True, width=_WIDTH, allow_unicode=True)


def _object(manifest: Manifest) -> Manifest:
    metadata = dict(manifest["metadata"])
    annotations = metadata.get("annotations") or {}
    metadata["annotations"] = {key: value for key, value in annotations.items() if key not in _LEFT_OUT}
    return {**manifest, "metadata": metadata}


def _secret(manifest: Manifest, secrets: Secrets) -> Manifest:
    """Render a Secret without its values."""
    keys = sorted(manifest["data"])
    if secrets.form == "external-secret":
        return _external_secret(manifest, keys, secrets.store)
    rendered = _object(manifest)
    del rendered["data"]
    rendered["stringData"] = {key: f"{PLACEHOLDER}-{key}" for key in keys}
    return rendered


def _external_secret(manifest: Manifest, keys: list[str], store: str) -> Manifest:
    """Render the ExternalSecret from which the External Secrets Operator makes the Secret. The store has it
    under `<namespace>/<name>`, with a property for each key.
    """
    kind, _, store_name = store.partition("/")
    metadata = manifest["metadata"]
    name, path = metadata["name"], f"{metadata['namespace']}/{metadata['name']}"
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": metadata,
        "spec": {
            "refreshInterval": "1h",
            "secretStoreRef": {"kind": kind, "name": store_name},
            # The mirror's annotations, without which the Secret would look like one of somebody else.
            "target": {
                "name": name,
                "creationPolicy": "Owner",
                "template": {"metadata": {"annotations": metadata["annotations"]}},
            },
            "data": [{"secretKey": key, "remoteRef": {"key": path, "property": key}} for key in keys],
        },
    }


def _kustomization(listed: list[str], left_out: list[str]) -> str:
    note = _SECRETS_LEFT_OUT.format(", ".join(left_out)) if left_out else ""
    content = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": listed,
    }
    return f"{HEADER}\n{note}{dump(content)}"


class _Dumper(Dumper):
    """Repeats a shared value instead of referring to it: a reviewer looks for no anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def documents(rendered: dict[str, str]) -> Iterator[str]:
    """Return the files of Kubernetes objects as documents of one YAML stream."""
    for name, text in rendered.items():
        if name.rsplit("/", 1)[-1] not in (KUSTOMIZATION, SOPS_RULES):
            yield f"---\n# {name}\n{text.removeprefix(HEADER).lstrip()}"
