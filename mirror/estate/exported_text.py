"""Parses exported Kubernetes resources (`oc get ... -o yaml`) and decodes the content of Secrets.

Messages never quote the text, because it holds secrets.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mirror.estate.ca_secret_names import mistaken
from mirror.problems import CouldNotRun
from settings.model.secret import SecretText, is_content
from settings.yaml_errors import UNREADABLE, place_and_problem
from settings.yaml_text import KubernetesLoader

_PATH = re.compile(r"[\w .:~@+\\/-]*(?:\.ya?ml|\.json|/[\w.-]+)", re.ASCII)
"""A value that is certainly a path, and may be shown. Any other value of an encrypted setting may be a
secret.
"""


@dataclass(frozen=True, slots=True)
class Export:
    """One exported text; `where` is its file, or the setting that contains the text."""

    where: str
    setting: str
    text: str = field(repr=False)
    plain_file: bool


def read(value: SecretText, setting: str, root: Path) -> Export:
    """The text that a setting contains, or the content of the file that it names (relative to `root`).

    Raises CouldNotRun.
    """
    if value.value is None:
        raise CouldNotRun(
            f"reading {setting}",
            "it is encrypted in the stack file, and only Pulumi can decrypt it",
            "run `pulumi preview`, which shows the same; for a deployed mirror `region-mirror` needs no "
            "credentials of the source",
        )
    given = value.value.strip()
    if is_content(given):
        return Export(setting, setting, value.value, plain_file=False)
    shown = given if _PATH.fullmatch(given) else "(hidden: the value is not a path to a YAML file)"
    tried = f"reading {shown} ({setting})"
    try:
        content = decode((root / Path(given).expanduser()).read_bytes())
    except UnicodeDecodeError:
        raise CouldNotRun(tried, "it is not UTF-8 (or UTF-16) text", "export it again") from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be read"
        way_out = "export the Secret to this path, which is relative to the project folder"
        raise CouldNotRun(tried, reason, _hinted(given, way_out)) from None
    if not content.strip():
        way_out = "the export failed: `oc get secret` found no Secret with that name"
        raise CouldNotRun(tried, "the file is empty", _hinted(given, way_out))
    return Export(given if _PATH.fullmatch(given) else setting, setting, content, plain_file=True)


def decode(content: bytes) -> str:
    """Decode a text file as UTF-8 or UTF-16, with or without BOM: PowerShell's `>` writes UTF-16.

    Raises UnicodeDecodeError.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    return content.decode("utf-8-sig")


def resources(export: Export) -> list[Mapping[str, Any]]:
    """All resources of a text: one resource, several YAML documents, or a List. Raises CouldNotRun."""
    tried = f"reading {export.where}"
    again = "export it again with `oc get ... -o yaml`"
    try:
        stripped = export.text.lstrip("\ufeff \t\r\n")
        documents = _json(stripped) if stripped.startswith("{") else _yaml(stripped)
    except json.JSONDecodeError as error:
        raise CouldNotRun(tried, f"it is not JSON: line {error.lineno}: {error.msg}", again) from None
    except UNREADABLE as error:
        raise CouldNotRun(tried, f"it is not YAML: {place_and_problem(error)}", again) from None
    found = [one for document in documents for one in _flat(document)]
    _refuse_encrypted(found, tried)
    if not found or not all(_is_resource(one) for one in found):
        raise CouldNotRun(tried, "it is not a Kubernetes resource: it has no `kind` or no `metadata`", again)
    return found


def _yaml(text: str) -> list[Any]:
    return list(yaml.load_all(text, KubernetesLoader))


def _json(text: str) -> list[Any]:
    """One JSON document, or several one after the other (`oc get ... -o json >> FILE`)."""
    decoder, documents, at = json.JSONDecoder(), [], 0
    while at < len(text):
        document, at = decoder.raw_decode(text, at)
        documents.append(document)
        at += len(text[at:]) - len(text[at:].lstrip())
    return documents


def _refuse_encrypted(documents: Iterable[Any], tried: str) -> None:
    """Raises CouldNotRun for what SOPS or Sealed Secrets encrypted for a Git repository."""
    for one in documents:
        if not isinstance(one, Mapping):
            continue
        if "sops" in one:
            way_out = "decrypt it first: `sops decrypt FILE`, or export the Secret from the cluster"
            raise CouldNotRun(tried, "it is encrypted with SOPS", way_out)
        if one.get("kind") == "SealedSecret":
            way_out = "export the Secret that its controller makes of it: `oc get secret <name> -o yaml`"
            raise CouldNotRun(tried, "it holds a SealedSecret, which its controller alone decrypts", way_out)


def keys_of(secret: Mapping[str, Any]) -> frozenset[str]:
    """The keys of a Secret, also of values that cannot be decoded."""
    parts = (secret.get("data"), secret.get("stringData"))
    return frozenset(str(key) for part in parts if isinstance(part, Mapping) for key in part)


def content_of(secret: Mapping[str, Any], where: str) -> dict[str, bytes]:
    """A Secret's decoded `data`, overridden by its `stringData`, as the API server does.

    Raises CouldNotRun, which names every key that cannot be decoded.
    """
    decoded: dict[str, bytes] = {}
    wrong: list[str] = []
    for key, value in _mapping(secret.get("data"), where).items():
        try:
            # `oc` writes one line; an editor may have wrapped it.
            decoded[str(key)] = base64.b64decode("".join((value or "").split()), validate=True)
        except (binascii.Error, ValueError, AttributeError, TypeError):
            wrong.append(f"{key} of data is not base64")
    for key, value in _mapping(secret.get("stringData"), where).items():
        if value is None or isinstance(value, str):
            decoded[str(key)] = (value or "").encode()
        else:
            wrong.append(f"{key} of stringData is not text (put it in quotes)")
    if wrong:
        raise CouldNotRun(
            f"reading {where}", "; ".join(wrong), "export the Secret again, or correct the file"
        )
    return decoded


def _flat(document: Any) -> Iterator[Any]:
    if document is None:
        return
    if isinstance(document, Mapping) and isinstance(document.get("items"), list):
        for item in document["items"]:
            # The items of a typed list (SecretList) have no `kind` of their own.
            kind = str(document.get("kind", "")).removesuffix("List")
            yield {"kind": kind, **item} if kind and isinstance(item, Mapping) else item
        return
    yield document


def _is_resource(one: Any) -> bool:
    if not isinstance(one, Mapping) or not one.get("kind") or not isinstance(one.get("metadata"), Mapping):
        return False
    inner = (one["metadata"].get("labels"), one.get("spec"), one.get("status"))
    return all(part is None or isinstance(part, Mapping) for part in inner)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if value is None or isinstance(value, Mapping):
        return value or {}
    raise CouldNotRun(f"reading {where}", "data is not a mapping of keys", "export the Secret again")


def _hinted(path: str, way_out: str) -> str:
    """The way out, or the right Secret where the file has the name of a wrong one."""
    found = mistaken(path)
    return f"{found[1]} ({path.rsplit('/', 1)[-1]} {found[0]})" if found else way_out
