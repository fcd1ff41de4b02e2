"""Writes the stack file of the way back: aliases, sides and logins are exchanged. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from mirror.cutover.failback.starts import Starts
from settings.load import dump, load
from settings.model import Settings
from settings.yaml_text import to_yaml

_SIDE = ("alias", "cluster", "namespace", "kubeconfig", "context", "ca_secret", "public_ca", "listener")
_PROGRAMS = ("fence_command", "switch_command")
"""Of the section `cutover`: programs for one direction."""
_OF_ONE_MIRROR = (
    "name",
    "phase",
    "state",
    "moved",
    "start_from",
    "start_from_by_topic",
    "group_id",
    "configs_topic",
    "offsets_topic",
    "status_topic",
    "leftovers",
    "identity_change",
    "take_over",
    "offset_syncs_topic_location",
)
"""Settings of the way out that are not those of another mirror."""
SECTIONS = ("source", "target", "mirror", "workers", "users", "verification", "monitoring", "cutover")


def mirror_name(settings: Settings) -> str:
    """Name the way back: the aliases in the name are exchanged, else `<name>-back`."""
    here, there, name = settings.source.alias, settings.target.alias, settings.mirror.name
    words = re.split(r"(-)", name)
    if here in words and there in words:
        swap = {here: there, there: here}
        return "".join(swap.get(word, word) for word in words)
    return f"{name}-back"


def reader(settings: Settings) -> str:
    """Name the KafkaUser as which the way back reads: that of the way out, if it logs in."""
    return settings.source.user if settings.source.logs_in else "mirror-source"


def reversed_sections(settings: Settings, starts: Starts, left_out: Sequence[str]) -> dict[str, Any]:
    """Return the sections of the stack file. `left_out`: patterns of topics that do not go back. Raises
    SettingsError where they contradict a rule.
    """
    plain = {name: _given(getattr(settings, name), found) for name, found in dump(settings).items()}
    source, target = plain["source"], plain["target"]
    mirror = {key: value for key, value in plain["mirror"].items() if key not in _OF_ONE_MIRROR}
    mirror["name"] = mirror_name(settings)
    mirror["topics_exclude"] = [*dict.fromkeys([*mirror.get("topics_exclude", ()), *left_out])]
    mirror["start_from_by_topic"] = dict(starts.by_topic)
    # The copies exist in the old region: that is where production began.
    mirror["leftovers"] = "adopt"
    sections = {
        "source": {
            **_side(target),
            "user": reader(settings),
            "authentication": settings.target.authentication,
        },
        "target": {**_side(source), "authentication": _login(settings.source.authentication)},
        "mirror": mirror,
        **{name: plain[name] for name in ("workers", "verification", "monitoring") if plain.get(name)},
        "cutover": _cutover(settings, plain["cutover"]),
        # They are in the old region already, with their passwords.
        "users": {"copy": []},
    }
    load(sections)
    return sections


def rendered(settings: Settings, sections: Mapping[str, Any], project: str, remarks: list[str]) -> str:
    """Return the text of the file; `remarks` become comments."""
    head = [
        f"The way back of mirror {settings.mirror.name}: {settings.target.alias} -> {settings.source.alias}.",
        "Written by `region-mirror reverse`: only what is new since the promotion crosses.",
        *remarks,
    ]
    config = {f"{project}:{name}": sections[name] for name in SECTIONS if sections.get(name)}
    body = to_yaml({"config": config}, sort_keys=False, allow_unicode=True, width=110)
    return "".join(f"# {line}\n" for line in head) + body


def _given(section: Any, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out settings that have their default."""
    found = {}
    for one in fields(section):
        usual = one.default if one.default_factory is MISSING else one.default_factory()
        if one.name in plain and getattr(section, one.name) != usual:
            found[one.name] = plain[one.name]
    return found


def _cutover(settings: Settings, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Users that cannot be fenced are those of one region, and so are the programs that stop producers and
    switch clients (`[./move-dns, west]`): they are left out. Each workload stays where it is. The cutover
    home removes only a fence that is in KafkaUsers.
    """
    left_out = ("accept_unfenced", *_PROGRAMS, "way_back_of")
    found = {key: value for key, value in plain.items() if key not in left_out}
    if workloads := found.get("workloads"):
        swap = {"source": "target", "target": "source"}
        found["workloads"] = [{**one, "side": swap[one["side"]]} for one in workloads]
    if settings.fence == "strimzi":
        found["way_back_of"] = settings.mirror.name
    return found


def _side(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {key: plain[key] for key in _SIDE if key in plain}


def _login(authentication: str) -> str:
    """The User Operator makes credentials of two kinds only."""
    return authentication if authentication in ("scram-sha-512", "tls") else "scram-sha-512"
