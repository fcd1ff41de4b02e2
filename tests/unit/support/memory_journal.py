"""A journal of a cutover in memory: it keeps values as JSON does."""

from __future__ import annotations

import json
from typing import Any


class MemoryJournal:
    """`content`: what was kept, by step and key. `acted`: the steps whose events it has."""

    def __init__(self) -> None:
        self.content: dict[tuple[str, str], Any] = {}
        self.acted: set[str] = set()

    def keep(self, step: str, key: str, value: Any) -> None:
        self.acted.add(step)  # the engine tells that a step acts before the step keeps anything
        self.content[step, key] = json.loads(json.dumps(value))

    def kept(self, step: str, key: str) -> Any:
        return self.content.get((step, key))

    def forget(self, step: str, key: str) -> None:
        self.content.pop((step, key), None)

    def confirm(self) -> None:
        """There is no other operator."""

    def knows(self, *steps: str) -> bool:
        return not self.acted.isdisjoint(steps)
