"""Secret settings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_SECRET_NAME = re.compile(
    r"passw(or)?d|passphrase|secret|credential|jaas|token|api[._-]?key|private[._-]?key|ssl[._]keystore[._]key",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SecretText:
    """Text that is encrypted in the stack file (`pulumi config set --secret --path ...`).

    `value` is None if the file was read without Pulumi, because only Pulumi can decrypt it. It never appears
    in a repr.
    """

    value: str | None = field(default=None, repr=False)

    def reveal(self) -> str:
        """Return the text. Raises ValueError where it could not be decrypted."""
        if self.value is None:
            raise ValueError("encrypted in the stack file; only Pulumi can read it")
        return self.value


def looks_secret(name: object) -> bool:
    """Tell whether the value of a property is likely secret, by its name (`sasl.jaas.config`)."""
    return bool(_SECRET_NAME.search(str(name)))
