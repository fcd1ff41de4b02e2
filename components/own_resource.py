"""Custom resources whose provider is this project's own Python code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi

PACKAGE = "region-mirror"

_hosting = False


class Hosted(pulumi.CustomResource):
    """Such a resource where this project is a plugin: its own process makes it (`provider.own_resources`)."""

    def __init__(self, kind: str, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(f"{PACKAGE}:index:{kind}", name, props, opts)


def host() -> None:
    """Say that this process is the plugin. Dynamic resources need a program in Python: Pulumi makes them with
    the program's virtual environment, and with the modules in the program's folder.
    """
    global _hosting
    _hosting = True


def own_resource(
    kind: str,
    dynamic: Callable[[str, dict[str, Any], pulumi.ResourceOptions], Any],
    name: str,
    props: dict[str, Any],
    opts: pulumi.ResourceOptions,
) -> Any:
    """Declare it: as `dynamic` does in a program of ours, as `Hosted` in the plugin.

    Outputs are keys of `props` with the value None; the resource has an attribute for each.
    """
    return Hosted(kind, name, props, opts) if _hosting else dynamic(name, props, opts)
