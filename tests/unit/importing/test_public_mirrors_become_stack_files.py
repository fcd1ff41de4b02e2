"""Mirrors as people publish them: each is imported, rendered back and compared with what it was."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR, read_mirror_maker2
from mirror.importing.convert import convert, normalized, rendered
from mirror.importing.found import from_properties, one_mirror, resource_in
from mirror.importing.imported import Imported
from mirror.importing.sections import Where
from mirror.mm2.identity import Identity
from mirror.plan.identities import refused
from mirror.plan.planned import DeployedResources
from settings.load import load_stack
from settings.model import Settings
from settings.plain_secrets import plain_secrets
from settings.profiles import kafka_default
from settings.stack_file import parse_stack_file
from tests.program.strimzi.cases import CASES

FOLDER = Path(__file__).parent / "mirrors"
TARGET = Where("prod", "kafka", "tls")


def resource(file: str, source: str = "", target: str = "") -> Mapping[str, Any]:
    text = (FOLDER / file).read_text()
    found = resource_in(text, file, "")
    if found is None:
        return from_properties(text, file, source, target)
    return one_mirror(found, source)


def of_strimzi() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The examples of docs/strimzi-examples.md, mirror by mirror."""
    for case in CASES:
        for spec in case.examples:
            for mirror in spec["mirrors"]:
                whole = {"apiVersion": "kafka.strimzi.io/v1", "metadata": {"name": "my-mirror-maker-2"}}
                yield case.title, {**whole, "spec": {**spec, "mirrors": [mirror]}}


FILES = {
    one.name: resource(one.name)
    for one in sorted(FOLDER.iterdir())
    if one.name not in ("README.md", "hub.yaml", "transforms.properties")
}
FLOWS = {
    "hub.yaml a": resource("hub.yaml", "a"),
    "hub.yaml c": resource("hub.yaml", "c"),
    "transforms.properties left": resource("transforms.properties", "left"),
    "transforms.properties right": resource("transforms.properties", "right"),
}
EXAMPLES = {f"{title} {number}": one for number, (title, one) in enumerate(of_strimzi())}
MIRRORS: dict[str, Mapping[str, Any]] = {**FILES, **FLOWS, **EXAMPLES}


@pytest.fixture(params=MIRRORS)
def theirs(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    return MIRRORS[request.param]


def settings_of(imported: Imported) -> Settings:
    """The settings of the stack file, as every other command reads it."""
    raw = parse_stack_file(imported.stack_file())
    assert plain_secrets(raw) == []
    (settings,) = load_stack(raw)
    return settings


def dedicated(theirs: Mapping[str, Any]) -> bool:
    return "dedicatedMode" in theirs["spec"]


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 12
    assert len(MIRRORS) >= 24


def test_names_and_positions_are_kept(theirs: Mapping[str, Any]) -> None:
    """Aliases, Connect's group and topics, MM2's topics: a deployment of the stack file is not refused."""
    settings = settings_of(convert(theirs, TARGET, "test"))
    old = read_mirror_maker2(normalized(theirs))
    new = read_mirror_maker2(rendered(settings, theirs))
    (before,), (after,) = old.mirrors, new.mirrors
    assert (before.alias, old.target["alias"]) == (after.alias, new.target["alias"])
    assert before.connection["bootstrapServers"] == after.connection["bootstrapServers"]
    merged = {**before.config(CHECKPOINT_CONNECTOR), **before.config(SOURCE_CONNECTOR)}
    for key in ("replication.policy.separator", "offset-syncs.topic.location"):
        for name in (SOURCE_CONNECTOR, CHECKPOINT_CONNECTOR):
            assert str(merged.get(key, kafka_default("source", key))) == after.config(name)[key]
    if not dedicated(theirs):
        assert old.connect == new.connect
        assert settings.mirror.name == theirs["metadata"]["name"]
        assert list(refused(settings, DeployedResources(), old)) == []
        assert Identity.of(settings).resource.endswith(f"/{theirs['metadata']['name']}")
    else:
        assert old.connect.items().isdisjoint(new.connect.items())


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Each scalar with the field in which it is."""
    if isinstance(value, Mapping):
        for inner, part in value.items():
            yield from leaves(part, inner)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, key)
    else:
        yield key, str(value).lower() if isinstance(value, bool) else str(value)


def lost(theirs: Mapping[str, Any], imported: Imported) -> list[tuple[str, str]]:
    """Scalars of the resource that are not rendered, no default of Kafka, and not named by a difference."""
    ours = dict.fromkeys(leaves(rendered(settings_of(imported), theirs)))
    named = "\n".join(f"{one.where} {one.key} {one.theirs}" for one in imported.differences)
    names = {"pattern": "trustedCertificates", "secretName": "trustedCertificates"}
    return [
        (key, value)
        for key, value in leaves(normalized(theirs)["spec"])
        if (key, value) not in ours
        and value not in (kafka_default("source", key), kafka_default("checkpoint", key))
        and key not in ("sourceCluster", "targetCluster", "connectCluster")
        and (key, value) != ("enabled", "true")
        and key not in named
        and names.get(key, key) not in named
    ]


def test_no_field_is_lost_silently(theirs: Mapping[str, Any]) -> None:
    """The check knows nothing of how the import works."""
    found = lost(theirs, convert(theirs, TARGET, "test"))
    unused = {"a", "c", "a-kafka-bootstrap:9092", "c-kafka-bootstrap:9092"}  # the hub's other sources
    assert [one for one in found if one[1] not in unused] == []


PLACES: dict[str, tuple[str, ...]] = {
    "spec": (),
    "target": ("target",),
    "mirror": ("mirrors", "0"),
    "source connector": ("mirrors", "0", "sourceConnector"),
    "source connector's properties": ("mirrors", "0", "sourceConnector", "config"),
    "checkpoint connector's properties": ("mirrors", "0", "checkpointConnector", "config"),
    "source": ("mirrors", "0", "source"),
    "source's properties": ("mirrors", "0", "source", "config"),
    "workers' properties": ("target", "config"),
    "template": ("template", "pod"),
}


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_field_is_kept_or_named(place: str) -> None:
    theirs: dict[str, Any] = copy.deepcopy(dict(FILES["cloud-source.yaml"]))
    where: Any = theirs["spec"]
    for part in PLACES[place]:
        where = where[int(part)] if part.isdigit() else where.setdefault(part, {})
    where["ssl.protocol.unheard.of"] = "planted"
    imported = convert(theirs, TARGET, "test")
    ours = dict.fromkeys(leaves(rendered(settings_of(imported), theirs)))
    named = [one for one in imported.differences if "unheard" in one.key]
    assert ("ssl.protocol.unheard.of", "planted") in ours or named
    assert all(one.kind == "not kept" for one in named)


def test_every_difference_has_a_reason(theirs: Mapping[str, Any]) -> None:
    for one in convert(theirs, TARGET, "test").differences:
        assert one.why
        assert one.why != "see docs/settings.md", one
        assert one.theirs != one.ours or str(one.theirs).endswith("…")


def test_a_stack_file_is_the_same_each_time(theirs: Mapping[str, Any]) -> None:
    assert convert(theirs, TARGET, "x").stack_file() == convert(theirs, TARGET, "x").stack_file()
    assert yaml.safe_load(convert(theirs, TARGET, "x").stack_file())["config"]


def test_no_secret_of_the_file_is_shown(theirs: Mapping[str, Any]) -> None:
    assert "5ecr3t" not in str(convert(theirs, TARGET, "x").to_json())
