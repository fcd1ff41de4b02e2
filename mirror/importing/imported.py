"""The result of an import: a stack file, its differences from the mirror, and what a person has to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mirror.importing.differences import Difference
from mirror.importing.sections import Sections
from mirror.text.foreign import printable
from settings.yaml_text import to_yaml


@dataclass(frozen=True, slots=True)
class Imported:
    """A mirror as the sections of a stack file. `origin`: where it comes from."""

    mirror: str
    origin: str
    sections: Sections
    differences: tuple[Difference, ...]
    todo: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether the stack file has everything that the mirror has, and nothing has to be filled in."""
        return not self.todo and not any(one.kind == "not kept" for one in self.differences)

    def stack_file(self) -> str:
        """Return the stack file. A comment at its beginning says what has to be filled in."""
        head = [
            "# yaml-language-server: $schema=../docs/stack.schema.json",
            f"# Imported from {self.origin}.",
            *(f"# To do: {line}" for line in self.todo),
        ]
        config = {f"region-mirror:{name}": section for name, section in self.sections.items()}
        body = to_yaml({"config": config}, sort_keys=False, width=110, allow_unicode=True)
        return "\n".join([*(printable(" ".join(line.split())) for line in head), body])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "mirror": self.mirror,
            "origin": self.origin,
            "complete": self.complete,
            "stackFile": self.stack_file(),
            "todo": list(self.todo),
            "differences": [one.to_json() for one in self.differences],
        }
