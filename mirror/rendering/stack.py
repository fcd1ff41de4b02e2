"""Renders all mirrors of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from manifests.declaration import Declaration
from manifests.estate import Estate
from manifests.metadata import Owner
from manifests.rendered import Secrets, files
from mirror.estate.reading import read_estate, read_target_estate
from mirror.rendering.assumed import Assumed, Given, assumed, assumed_source, source_notes
from settings.model import Settings


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of a stack by their path, and notes about what they lack."""

    files: dict[str, str] = field(repr=False)
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"files": self.files, "notes": list(self.notes)}


def render_offline(
    mirrors: Sequence[Settings], given: Given, secrets: Secrets, *, folders: bool = False
) -> Rendered:
    """Render the mirrors from the stack file alone. `folders`: each mirror in a folder of its own, because
    the stack has several, which may have other clusters.
    """
    return _rendered(mirrors, [assumed(settings, given) for settings in mirrors], secrets, folders=folders)


def render_online(
    mirrors: Sequence[Settings],
    root: Path,
    owner: Owner | None,
    given: Given,
    secrets: Secrets,
    *,
    folders: bool = False,
) -> Rendered:
    """Render the mirrors for the regions as their Kubernetes describes them; `folders` as for
    `render_offline`. Raises CouldNotRun.
    """
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = list(pool.map(lambda settings: _read(settings, root, owner, given), mirrors))
    return _rendered(mirrors, found, secrets, folders=folders)


def _read(settings: Settings, root: Path, owner: Owner | None, given: Given) -> Assumed:
    if settings.source.origin != "credentials":
        return Assumed(read_estate(settings, root, owner), (), ca_known=True)
    # Pulumi alone can decrypt the credential, and nothing that is rendered derives from it.
    source, ca_known = assumed_source(settings, given)
    notes = tuple(source_notes(settings, given, ca_known))
    return Assumed(Estate(source, read_target_estate(settings, root)), notes, ca_known)


def _rendered(
    mirrors: Sequence[Settings], found: Sequence[Assumed], secrets: Secrets, *, folders: bool
) -> Rendered:
    every: dict[str, str] = {}
    notes: dict[str, None] = {}
    for settings, one in zip(mirrors, found, strict=True):
        declared = Declaration.of(settings, one.estate)
        folder = f"{settings.mirror.name}/" if folders else ""
        every |= {
            f"{folder}{name}": text for name, text in files(declared, secrets, ca_known=one.ca_known).items()
        }
        mirror = f"mirror {settings.mirror.name}: " if folders else ""
        notes |= dict.fromkeys(f"{mirror}{note}" for note in one.notes)
    return Rendered(dict(sorted(every.items())), tuple(notes))
