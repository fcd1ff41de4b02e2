"""Hides the values of a Secret in a file before it is shown. Pure.

A rendered Secret has placeholders. In a folder, a person may have replaced them, and not encrypted the file
yet.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import yaml

from manifests.rendered import FILL_IN, HEADER, PLACEHOLDER, dump
from settings.yaml_errors import UNREADABLE

HIDDEN = "(hidden)"
_ENCRYPTED = "ENC["
"""Begins each value that sops has encrypted."""
_PUBLIC = "-----BEGIN CERTIFICATE-----"
_PRIVATE = "PRIVATE KEY"
_COMMENTS = (HEADER, FILL_IN)
_PARTS = ("data", "stringData")


def without_values(text: str) -> str:
    """Return a Secret's YAML with `(hidden)` for each value but placeholders, certificates and what is
    encrypted. Of a file that is no Secret in YAML nothing is shown.
    """
    try:
        content = yaml.safe_load(text)
    except UNREADABLE:
        content = text
    if content is None:
        return ""
    if not isinstance(content, Mapping) or not all(
        isinstance(content.get(part) or {}, Mapping) for part in _PARTS
    ):
        return f"{HIDDEN}\n"
    shown = {
        part: {key: HIDDEN if _hides(part, value) else value for key, value in content[part].items()}
        for part in _PARTS
        if content.get(part)
    }
    # A comment may hold the value that it stands beside.
    comments = [line for line in text.splitlines() if line.startswith(_COMMENTS)]
    return "\n".join([*comments, dump({**content, **shown})])


def _hides(part: str, value: Any) -> bool:
    text = str(value)
    if text.startswith((PLACEHOLDER, _ENCRYPTED)):
        return False
    if part == "data":
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, ValueError):
            return True
    return not text.startswith((PLACEHOLDER, _PUBLIC)) or _PRIVATE in text
