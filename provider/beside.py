"""The mirrors of one program. A stack file has rules between its `mirrors`; a program declares each mirror as
a component of its own, and none of them sees another one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

from provider.inputs import refuse
from settings.consistency.mirrors import mismatches
from settings.model import Settings
from settings.problems import Problem

DEPLOYING = frozenset({"RegionMirror", "MirrorMaker2"})
"""The components that declare a KafkaMirrorMaker2."""


class MirrorsBeside:
    """The mirrors that the plugin has declared since it was started: those of one preview or `up`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, Settings] = {}

    def judge(self, component: str, settings: Settings) -> None:
        """Compare a component's mirror with those of the components before it. `component`: its type and
        name. Raises InputPropertiesError.
        """
        with self._lock:
            mirrors = {self._key(name, one): one for name, one in self._seen.items() if name != component}
            mirrors[self._key(component, settings)] = settings
            if problems := list(mismatches(mirrors)):
                refuse([_in_words(one, mirrors) for one in problems])
            self._seen[component] = settings

    def _key(self, component: str, settings: Settings) -> str:
        """Name a mirror for messages. Two targets may each have a mirror of one name."""
        name = settings.mirror.name
        twice = any(one.mirror.name == name for other, one in self._seen.items() if other != component)
        return f"{name} ({component})" if twice else name


def _in_words(problem: Problem, mirrors: Iterable[str]) -> Problem:
    """Name the mirror in the text: a component has no section `mirrors`."""
    for name in sorted(mirrors, key=len, reverse=True):
        path = f"mirrors.{name}"
        if problem.path == path or problem.path.startswith(f"{path}."):
            rest = problem.path.removeprefix(path).lstrip(".")
            return replace(problem, path=rest or "mirror", rule=f"of mirror {name} {problem.rule}")
    return problem
