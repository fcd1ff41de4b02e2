"""The manifests that rules judge, as plain data with their origin."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from manifests.metadata import PHASE
from manifests.strimzi.resource import MirrorFlow, MirrorMaker2Spec, read_mirror_maker2
from settings.load import load
from settings.model import Settings

MIRROR_KIND = "RegionMirror"
"""The kind of a document with the settings of one mirror of a stack, which no Kubernetes object shows."""
_LIST = "List"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a violation is about: a manifest of a file or stack."""

    origin: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} in {self.origin}"

    def matches(self, pattern: str) -> bool:
        """Tell whether a pattern with `*` and `?` matches the origin, the name, or both as `origin/name`."""
        texts = (self.origin, self.name, f"{self.origin}/{self.name}")
        return any(fnmatch.fnmatchcase(text, pattern) for text in texts)


@dataclass(frozen=True, slots=True)
class Document:
    """One manifest. `origin` is a stack's name or a file's path."""

    origin: str
    manifest: Mapping[str, Any] = field(repr=False)

    @property
    def kind(self) -> str:
        """The kind; empty where there is none."""
        return str(self.manifest.get("kind") or "")

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The metadata; empty where there is none."""
        found = self.manifest.get("metadata")
        return found if isinstance(found, Mapping) else {}

    @property
    def name(self) -> str:
        """`namespace/name`, or the name alone."""
        return "/".join(str(part) for key in ("namespace", "name") if (part := self.metadata.get(key)))

    @property
    def spec(self) -> Mapping[str, Any]:
        """The spec; empty where there is none."""
        found = self.manifest.get("spec")
        return found if isinstance(found, Mapping) else {}

    @property
    def ended(self) -> bool:
        """Whether it is a mirror that a cutover has stopped for good (promoted or retired). One that somebody
        has started again, or that has the annotation alone, is none.
        """
        if (self.metadata.get("annotations") or {}).get(PHASE) not in ("promoted", "retired"):
            return False
        return not any(flow.not_stopped for flow in read_mirror_maker2(self.manifest).mirrors)

    @property
    def subject(self) -> Subject:
        """The subject of a violation of this document."""
        return Subject(self.origin, self.kind, self.name)


@dataclass(frozen=True, slots=True)
class MirrorDocument:
    """One entry of `spec.mirrors` of a KafkaMirrorMaker2 of anybody, with the content of the resource."""

    document: Document
    spec: MirrorMaker2Spec
    flow: MirrorFlow

    @property
    def target(self) -> str:
        """The alias of the target."""
        return str(self.spec.target.get("alias") or "")

    @property
    def direction(self) -> str:
        """`source -> target`, for messages."""
        return f"{self.flow.alias} -> {self.target}"


@dataclass(frozen=True, slots=True)
class Documents:
    """Manifests that are judged together."""

    documents: tuple[Document, ...]

    def of(self, kind: str) -> Iterator[Document]:
        """Return those of a kind."""
        return (one for one in self.documents if one.kind == kind)

    def mirror_makers(self) -> Iterator[tuple[Document, MirrorMaker2Spec]]:
        """Return each KafkaMirrorMaker2 with its content."""
        for one in self.of("KafkaMirrorMaker2"):
            yield one, read_mirror_maker2(one.manifest)

    def mirrors(self) -> Iterator[MirrorDocument]:
        """Return each entry of `spec.mirrors` of each KafkaMirrorMaker2."""
        for document, spec in self.mirror_makers():
            for flow in spec.mirrors:
                yield MirrorDocument(document, spec, flow)

    def settings(self) -> Iterator[tuple[Document, Settings]]:
        """Return the settings of each mirror of a stack."""
        for one in self.of(MIRROR_KIND):
            yield one, load(one.spec)


def flattened(manifests: Iterable[object], origin: str) -> Iterator[Document]:
    """Return the Kubernetes objects of a file; a `List` is replaced by its items, other content left out."""
    for manifest in manifests:
        if not isinstance(manifest, Mapping) or not isinstance(kind := manifest.get("kind"), str):
            continue
        items = manifest.get("items")
        if kind.endswith(_LIST) and isinstance(items, list):
            # The items of `KafkaMirrorMaker2List` have no kind of their own.
            implied = kind.removesuffix(_LIST)
            yield from flattened(({"kind": implied, **one} for one in items if isinstance(one, dict)), origin)
        else:
            yield Document(origin, manifest)
