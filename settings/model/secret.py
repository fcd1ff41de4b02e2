"""A setting that must not be seen."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SecretText:
    """Text that is encrypted in the stack file (`pulumi config set --secret --path ...`).

    `value` is None where the file was read without Pulumi, which alone can decrypt it: all that is known then
    is that something is set. It never stands in a repr.
    """

    value: str | None = field(default=None, repr=False)

    def reveal(self) -> str:
        """Return the text. Raises ValueError where it could not be decrypted."""
        if self.value is None:
            raise ValueError("encrypted in the stack file; only Pulumi can read it")
        return self.value
