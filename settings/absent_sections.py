"""Where the sections may be that a stack file lacks: under another project's name, or in Pulumi ESC."""

from __future__ import annotations

from collections.abc import Mapping

from settings.yaml_errors import UNREADABLE
from settings.yaml_text import PulumiLoader

_NEEDED = frozenset({"source", "target", "mirror", "mirrors"})


def elsewhere(text: str, project: str) -> str:
    """Return a sentence about a stack file of the project; "" where nothing is known, or nothing lacks."""
    try:
        content = PulumiLoader(text).get_single_data()
    except UNREADABLE:
        return ""
    if not isinstance(content, Mapping):
        return ""
    config = content.get("config")
    keys = [str(key) for key in config] if isinstance(config, Mapping) else []
    own = {key.removeprefix(f"{project}:") for key in keys if key.startswith(f"{project}:")}
    if {"source", "target"} <= own and own & {"mirror", "mirrors"}:
        return ""
    others = dict.fromkeys(key.partition(":")[0] for key in keys if key.rpartition(":")[2] in _NEEDED)
    if own & _NEEDED or not others:
        return _of_esc(content)
    return (
        f"The file has sections of project {', '.join(others)}, and Pulumi's project file calls the project "
        f"{project}: write {project}: before each section, or give the project its former name"
    )


def _of_esc(content: Mapping[str, object]) -> str:
    if not content.get("environment"):
        return ""
    return (
        "The file imports environments of Pulumi ESC, which only Pulumi reads: region-mirror's commands need "
        "every section in the file, with its secrets encrypted"
    )
