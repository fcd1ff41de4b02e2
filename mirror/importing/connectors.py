"""MM2's connectors in a Connect that runs other connectors, too, as properties of dedicated mode. Pure.

They are KafkaConnectors of Strimzi, or configurations as Connect's REST API takes them. Connect keeps their
positions by their names in its own offsets topic, so a KafkaMirrorMaker2 cannot continue them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mirror.importing.mm2_properties import DEDICATED
from mirror.problems import CouldNotRun
from mirror.text.names import few
from settings.profiles import read_by_another

KIND = "KafkaConnector"
CONNECTOR = "connector "
"""How the value of the annotation begins that says where the resource is from."""
_CLASSES = {
    "source": ("MirrorSourceConnector", "MirrorSource"),
    "checkpoint": ("MirrorCheckpointConnector", "MirrorCheckpoint"),
}
"""Connect also takes a class without its package, and without `Connector` (`PluginUtils.simpleName`)."""
_ALIASES = {"source": "source.cluster.alias", "target": "target.cluster.alias"}
_FIELDS = {"state": str, "pause": bool, "autoRestart": dict}
_OF_CONNECT = frozenset({"name", "connector.class", *_ALIASES.values()})


@dataclass(frozen=True, slots=True)
class MirrorConnector:
    """One connector of MM2. `role` is "source" or "checkpoint"."""

    name: str
    role: str
    config: Mapping[str, str] = field(repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Of the KafkaConnector: `state`, `pause`, `autoRestart`."""
    namespace: str = ""

    @property
    def flow(self) -> tuple[str, str]:
        """The aliases; MM2's defaults are `source` and `target`."""
        source, target = (self.config.get(key, side) for side, key in _ALIASES.items())
        return source, target


def flattened(documents: Iterable[object]) -> Iterator[Mapping[str, Any]]:
    """Return the mappings among documents, in lists, and in what Connect answers to
    `GET /connectors?expand=info`.
    """
    for one in documents:
        if isinstance(one, list):
            yield from flattened(one)
        elif isinstance(one, Mapping):
            yield one
            yield from (value["info"] for value in one.values() if _has_info(value))


def _has_info(value: object) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("info"), Mapping)


def mirror_connectors(documents: Iterable[Mapping[str, Any]]) -> Iterator[MirrorConnector]:
    """Return MM2's source and checkpoint connectors among Kubernetes objects and configurations."""
    for one in documents:
        spec = one.get("spec") if one.get("kind") == KIND else None
        given = (spec.get("config") or {}) if isinstance(spec, Mapping) else one.get("config", one)
        if not isinstance(given, Mapping):
            continue
        own: dict[str, Any] = {str(key): value for key, value in given.items()}
        metadata = {"name": one.get("name") or own.get("name")}
        fields: dict[str, Any] = {}
        if isinstance(spec, Mapping):
            metadata = found if isinstance(found := one.get("metadata"), dict) else {}
            own |= {"connector.class": spec.get("class")}
            own |= {} if spec.get("tasksMax") is None else {"tasks.max": spec["tasksMax"]}
            fields = {key: spec[key] for key, kind in _FIELDS.items() if isinstance(spec.get(key), kind)}
        shown = str(own.get("connector.class") or "").rpartition(".")[2]
        for role, names in _CLASSES.items():
            if shown in names:
                name, namespace = (str(metadata.get(key) or "") for key in ("name", "namespace"))
                config = {key: _text(value) for key, value in own.items()}
                yield MirrorConnector(name, role, config, fields, namespace)


def one_of_each_flow(found: Iterable[MirrorConnector], where: str, name: str) -> list[MirrorConnector]:
    """Return the connectors without a second one of the same flow; `name` chooses a source connector. Raises
    CouldNotRun.
    """
    every = list(found)
    sources = [one for one in every if one.role == "source"]
    if every and not sources:
        happened = "it has a checkpoint connector of MM2 and no source connector, which copies the records"
        raise CouldNotRun(f"importing {where}", happened, "name a file that has both")
    if same := [one.name for one in sources if len(set(one.flow)) == 1]:
        happened = f"source and target of {few(same)} have the same alias, and a stack file needs two"
        raise CouldNotRun(f"importing {where}", happened, "import a copy of the file with another one")
    if name and name not in [one.name for one in sources]:
        has = few([one.name for one in sources]) or "none"
        raise CouldNotRun(f"looking for connector {name} in {where}", f"it has: {has}", "check --name")
    chosen = [one for one in sources if name in ("", one.name)]
    flows = [one.flow for one in chosen]
    if twice := [one.name for one in chosen if flows.count(one.flow) > 1]:
        happened = f"{few(twice)} mirror between the same aliases. Each becomes a mirror of its own"
        raise CouldNotRun(f"choosing the connector in {where}", happened, "choose one with --name")
    return [*chosen, *(one for one in every if one.role == "checkpoint" and one.flow in flows)]


def as_properties(connectors: Iterable[MirrorConnector]) -> dict[str, str]:
    """Return the properties of dedicated mode that mean the same."""
    every = list(connectors)
    clusters = dict.fromkeys(alias for one in every for alias in one.flow)
    found = {"clusters": ",".join(clusters)}
    # What the source connector has counts, but for what only the checkpoint connector reads.
    for one in sorted(every, key=lambda each: each.role):
        source, target = one.flow
        found[f"{source}->{target}.enabled"] = "true"
        for key, value in one.config.items():
            if key in _OF_CONNECT or (one.role == "source" and read_by_another("source", key)):
                continue
            found[_scoped(key, source, target)] = value
    return found


def with_fields(resource: dict[str, Any], connectors: Iterable[MirrorConnector]) -> dict[str, Any]:
    """Add to the KafkaMirrorMaker2 of a flow what properties cannot say; without a checkpoint connector it
    declares none.
    """
    by_role = {one.role: one for one in connectors}
    (mirror,) = resource["spec"]["mirrors"]
    for role in _CLASSES:
        connector = mirror[f"{role}Connector"]
        if role not in by_role:
            del mirror[f"{role}Connector"]
            continue
        own = by_role[role].config
        # Dedicated mode gives each property to every connector.
        connector["config"] = {
            key: own.get(key, value)
            for key, value in connector["config"].items()
            if key in own or key.startswith(("source.", "target."))
        }
        connector.pop("tasksMax", None)
        if (tasks := own.get("tasks.max", "")).isdecimal():
            connector["tasksMax"] = int(tasks)
        connector |= by_role[role].fields
    source = by_role["source"]
    resource["metadata"]["annotations"][DEDICATED] = f"{CONNECTOR}{source.name}"
    resource["metadata"] |= {"namespace": source.namespace} if source.namespace else {}
    return resource


def _scoped(key: str, source: str, target: str) -> str:
    for prefix, alias in (("source.cluster.", source), ("target.cluster.", target)):
        if key.startswith(prefix):
            return f"{alias}.{key.removeprefix(prefix)}"
    return f"{source}->{target}.{key}"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
