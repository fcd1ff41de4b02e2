"""The sections of one mirror of several: the common ones, overridden by the mirror's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from settings.problems import Problem

MIRRORS = "mirrors"
"""The section with several mirrors, keyed by name; the other sections then hold their common settings."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The settings of one mirror in a stack file: common ones (`raw`), and its own (`own`)."""

    raw: Mapping[str, object]
    name: str
    own: object

    def problems(self) -> Iterator[Problem]:
        """Find the problems of the layers themselves."""
        if not isinstance(self.own, Mapping):
            remedy = f"Write source: ... indented under {self.name}:"
            yield Problem(f"{MIRRORS}.{self.name}", self.own, "must be a mapping of sections", remedy)
        for where, section in (("", self.raw), (f"{MIRRORS}.{self.name}.", self._own)):
            given = _mapping(section.get("mirror")).get("name")
            if given is not None and given != self.name:
                rule = f"has no effect with {MIRRORS}, where a mirror's name is its key"
                yield Problem(f"{where}mirror.name", given, rule, "Remove the line")

    def merged(self) -> dict[str, object]:
        """Return the sections of the mirror."""
        merged = {key: value for key, value in self.raw.items() if key != MIRRORS}
        for key, value in self._own.items():
            common = merged.get(key)
            both = isinstance(common, Mapping) and isinstance(value, Mapping)
            merged[key] = {**_mapping(common), **_mapping(value)} if both else value
        mirror = merged.get("mirror")
        if mirror is None or isinstance(mirror, Mapping):
            merged["mirror"] = {**_mapping(mirror), "name": self.name}
        return merged

    def path(self, path: str) -> str:
        """Return the path in the stack file at which a setting of the mirror is, or would have to be."""
        here = f"{MIRRORS}.{self.name}"
        if path == "mirror.name":
            return here
        section, _, rest = path.partition(".")
        key = re.split(r"[.\[]", rest)[0]
        own, common = self._own.get(section), self.raw.get(section)
        if section in self._own and (not key or not isinstance(own, Mapping) or key in own):
            return f"{here}.{path}"
        in_common = key in _mapping(common) if key else section in self.raw
        return path if in_common else f"{here}.{path}"

    @property
    def _own(self) -> Mapping[str, object]:
        return _mapping(self.own)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
