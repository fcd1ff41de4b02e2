"""The manifests of a stack file without any cluster: what only a cluster knows is a placeholder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from manifests.declaration import Declaration
from manifests.estate import Estate, SourceEstate, TargetEstate
from manifests.source_user import kafka_user, rights
from manifests.strimzi.login_keys import keys_of_copy
from policy.documents import MIRROR_KIND, Document
from settings.load import dump, load_stack
from settings.model import Settings
from settings.stack_file import parse_stack_file

_SECTION = re.compile(r"([^:]+):(source|target|mirror|mirrors)")
_PLACEHOLDER = "not read"


def stack_documents(settings: Settings, origin: str) -> Iterator[Document]:
    """Return the manifests of one mirror, its settings, and the source's user as region-mirror needs it."""
    declaration = Declaration.of(settings, offline_estate(settings))
    yield Document(
        origin,
        {
            "kind": MIRROR_KIND,
            "metadata": {"name": settings.mirror.name, "namespace": settings.target.namespace},
            "spec": dump(settings),
        },
    )
    for manifest in declaration.manifests:
        yield Document(origin, manifest)
    if settings.source.authentication in ("scram-sha-512", "tls"):
        yield Document(origin, kafka_user(settings, rights([settings]), "v1"))


def offline_estate(settings: Settings) -> Estate:
    """Return an estate with placeholders for what only the clusters know. Copied users are left out."""
    source, target = settings.source, settings.target
    address = source.bootstrap_servers or f"{source.cluster}-kafka-bootstrap.{source.namespace}.svc:9093"
    given = source.credentials.ca if source.credentials else None
    ca = (given.value if given else None) or _PLACEHOLDER
    return Estate(
        SourceEstate(
            address,
            {"ca.crt": ca} if source.trusts_a_named_ca else {},
            dict.fromkeys(keys_of_copy(source), _PLACEHOLDER),
        ),
        TargetEstate(
            f"{target.cluster}-kafka-bootstrap.{target.namespace}.svc:9093",
            api="v1beta2" if target.api_version == "v1beta2" else "v1",
        ),
    )


def projects_of(content: object) -> dict[str, set[str]]:
    """Return the projects of which the content of a YAML file configures sections of a mirror, with these
    sections; none for a file that is no stack file.
    """
    config = content.get("config") if isinstance(content, Mapping) else None
    keys = [_SECTION.fullmatch(str(key)) for key in (config if isinstance(config, Mapping) else {})]
    found: dict[str, set[str]] = {}
    for one in keys:
        if one:
            found.setdefault(one[1], set()).add(one[2])
    return found


def read_stack_text(text: str, origin: str, project: str, common: Mapping[str, object]) -> list[Document]:
    """Return the manifests of all mirrors of a stack file. `common`: the sections that the project's file has
    for all stacks. Raises SettingsError.
    """
    stack = load_stack({**common, **parse_stack_file(text, project)})
    return [document for settings in stack for document in stack_documents(settings, origin)]
