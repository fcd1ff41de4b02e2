"""The stack file of the lab's mirror, for the lab that runs, wherever its folder is."""

from __future__ import annotations

from typing import Any

from lab.layout import PROJECT, Lab
from settings.stack_file import parse_stack_file


def lab_sections(lab: Lab) -> dict[str, Any]:
    """Return the sections of `stacks/Pulumi.lab.yaml`, with the kubeconfigs of this lab."""
    raw = parse_stack_file((PROJECT / "stacks" / "Pulumi.lab.yaml").read_text())
    sections: dict[str, Any] = {key: dict(value) for key, value in raw.items() if isinstance(value, dict)}
    for section, region in (("source", "east"), ("target", "west")):
        sections[section]["kubeconfig"] = str(lab.kubeconfig(region))
    return sections
