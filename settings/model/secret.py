"""Secret settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_SECRET_NAME = re.compile(
    r"passw(or)?d|passphrase|secret|credential|jaas|token|api[._-]?key|private[._-]?key|ssl[._]keystore[._]key"
    r"|[._-](pwd|pass)(?![a-z])|auth[._]user[._]info",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"(passw(or)?d|secret|passphrase|\bSharedAccessKey|\bAccountKey)\s*=|-----BEGIN"
    r"|(://|^)[^/\s:@]*:[^/\s@$]+@(?!sha256:)(?=\S)"
    r"|\b(bearer|basic)\s+(?=\S*[0-9])[\w.~+/-]{16,}"
    r"|\b(gh[opsu]_\w{36}|glpat-[\w-]{20}|hvs\.[\w-]{20}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.)",
    re.IGNORECASE,
)
"""An assignment (also in a connection string of Azure), a PEM text, an address with a password
(`https://user:password@host`), the content of an Authorization header, or a token of GitHub, GitLab, Vault or
an identity provider (JWT), each by its form. An image with a digest (`kafka:4.3@sha256:...`) is none.
"""


@dataclass(frozen=True, slots=True)
class SecretText:
    """Text that is encrypted in the stack file (`pulumi config set --secret --path ...`).

    `value` is None if the file was read without Pulumi, because only Pulumi can decrypt it. It never appears
    in a repr.
    """

    value: str | None = field(default=None, repr=False)


def always_private(text: str) -> bool:
    """Tell that a setting is a password or a private key, whatever its text is."""
    return bool(text)


def is_content(text: str) -> bool:
    """Tell whether a text is the content of a file, and not the path of one."""
    return "\n" in text.strip() or text.strip().startswith("{")


def looks_secret(name: object) -> bool:
    """Tell whether the value of a property is likely secret, by its name (`sasl.jaas.config`)."""
    return bool(_SECRET_NAME.search(str(name)))


def is_secret_pair(value: Mapping[str, object]) -> bool:
    """Tell whether `{name: DB_PASSWORD, value: ...}`, as environment variables have it, is likely secret, by
    its name.
    """
    return looks_secret(value.get("name", "")) and bool(value.get("value"))


def contains_secret(value: object) -> bool:
    """Tell whether a text, or a part of a list or mapping, is likely secret, by its content, its key, or the
    name beside it.
    """
    if isinstance(value, Mapping):
        inside = (looks_secret(key) or contains_secret(part) for key, part in value.items())
        return is_secret_pair(value) or any(inside)
    if isinstance(value, list | tuple):
        return any(contains_secret(part) for part in value)
    return isinstance(value, str) and bool(_SECRET_VALUE.search(value))
