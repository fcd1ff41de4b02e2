"""Every secret of the lab's two regions, to look for where none may be."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path

from lightkube.resources.core_v1 import Secret

from tests.lab.support.lab import NAMESPACE, Regions

_AT_A_TIME = 1 << 20


def known_secrets(regions: Regions) -> dict[str, str]:
    """All there is to look for, by the place it belongs to; a search for nothing would prove nothing."""
    found = {name: text for name, text in _secrets(regions) if len(text) >= 12}
    assert any("mirror-source/password" in name for name in found)
    assert any(name.endswith("user.key") for name in found)
    return found


def leaks(known: Mapping[str, str], text: str) -> list[str]:
    """The names of the secrets that stand in `text`."""
    return [name for name, secret in known.items() if secret in text]


def leaks_of_file(known: Mapping[str, str], path: Path) -> list[str]:
    """The names of the secrets that stand in a file of any size: a log that something has flooded must fail
    a test, not end the process that runs it for want of memory.
    """
    wanted = {name: secret.encode() for name, secret in known.items()}
    longest = max(map(len, wanted.values()))
    found: set[str] = set()
    before = b""
    with path.open("rb") as file:
        while chunk := file.read(_AT_A_TIME):
            text = before + chunk
            found |= {name for name, secret in wanted.items() if secret in text}
            before = text[-longest:]
    return [name for name in known if name in found]


def _secrets(regions: Regions) -> Iterator[tuple[str, str]]:
    for region in ("east", "west"):
        for secret in regions.kubernetes(region).list(Secret, namespace=NAMESPACE):
            for key, encoded in (secret.data or {}).items():
                if key == "password" or key.endswith((".password", ".key")):
                    plain = base64.b64decode(encoded).decode()
                    assert secret.metadata is not None
                    name = f"{region}/{secret.metadata.name}/{key}"
                    # One line of a key's body is enough to know it by, however it may be wrapped or escaped.
                    yield name, plain.splitlines()[1] if "-----BEGIN" in plain else plain
                    yield f"{name} (base64)", encoded[:64] if "-----BEGIN" in plain else encoded
