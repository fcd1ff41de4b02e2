"""A Secret in a file of a rendered folder, and what a person has done to it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from manifests.rendered import PLACEHOLDER
from settings.yaml_errors import UNREADABLE

ENCRYPTED, _FILLED, _BROKEN = "encrypted", "filled in", "no valid YAML"


@dataclass(frozen=True, slots=True)
class SecretFile:
    """The keys of a Secret, and those whose value is no placeholder. Sops leaves keys readable."""

    keys: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    encrypted: bool = False
    broken: bool = False
    """Whether the file is no YAML: a person is editing it."""

    @classmethod
    def read(cls, text: str) -> SecretFile:
        """Read a file's text."""
        try:
            content = yaml.safe_load(text)
        except UNREADABLE:
            return cls(broken=True)
        if not isinstance(content, dict):
            return cls(broken=content is not None)
        parts = [content.get(part) for part in ("data", "stringData")]
        values = {str(key): value for one in parts if isinstance(one, dict) for key, value in one.items()}
        filled = frozenset(key for key, value in values.items() if not str(value).startswith(PLACEHOLDER))
        return cls(frozenset(values), filled, "sops" in content)

    @property
    def _untouched(self) -> str:
        """Why nobody but a person changes it at all; "" where that depends on its values."""
        return ENCRYPTED if self.encrypted else _BROKEN if self.broken else ""

    def kept_before(self, rendered: SecretFile) -> str:
        """Say why the file must not be replaced by a rendered one, in which a placeholder would take the
        place of a value; "" where it may be replaced.
        """
        lost = self.filled & (rendered.keys - rendered.filled)
        return self._untouched or (_FILLED if lost else "")

    def kept_without(self) -> str:
        """Say why the file must not be deleted; "" where it may be. A Secret of certificates alone was
        rendered as it is.
        """
        of_a_person = any(not key.endswith(".crt") for key in self.filled)
        return self._untouched or (_FILLED if of_a_person else "")
