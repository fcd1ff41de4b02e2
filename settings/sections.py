"""One mirror of several: the stack's common sections with the mirror's own on top."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from settings.problems import Problem

MIRRORS = "mirrors"
"""The section with several mirrors, keyed by name; the other sections are then what they have in common."""


@dataclass(frozen=True, slots=True)
class Layers:
    """What the stack file says about one mirror: in common (`raw`), and for itself (`own`)."""

    raw: Mapping[str, object]
    name: str
    own: object

    def problems(self) -> Iterator[Problem]:
        """Find what is wrong with the layers themselves."""
        if not isinstance(self.own, Mapping):
            remedy = f"Write source: ... indented under {self.name}:"
            yield Problem(f"{MIRRORS}.{self.name}", self.own, "must be a mapping of sections", remedy)
        for where, section in (("", self.raw), (f"{MIRRORS}.{self.name}.", self._own)):
            given = _mapping(section.get("mirror")).get("name")
            if given is not None and given != self.name:
                rule = f"has no meaning with {MIRRORS}, where a mirror's name is its key"
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
        """Say where in the stack file a setting of the mirror stands, or would have to."""
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
