"""`python -m mirror runbook`: one printable page for the day on which the source is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from manifests.strimzi.resource import read_mirror_maker2
from mirror.commands.answers import QuietOption, progress_console
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.cutover.failover.runbook import Addresses, runbook
from mirror.estate.deployed import DeployedResource
from mirror.estate.target_clients import clients_of
from mirror.problems import CouldNotRun
from mirror.text.busy import Busy
from mirror.text.failures import reason_of
from settings.model import Settings

EPILOG = (
    "Exit codes: 0 printed, also where the target could not be read; 2 it could not run. Changes nothing."
)


def runbook_command(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    quiet: QuietOption = False,
) -> None:
    """Print the runbook of a failover for each mirror of this stack, as Markdown: names, addresses, commands,
    what to expect, and what people have to decide. Print it on a good day; it holds no secret.

    Addresses come from the deployed mirror. Where it cannot be read, the page has room to fill them in.

      python -m mirror runbook --stack prod-west > runbook.md
    """
    chosen = choose(stack, config_file, mirror)
    several = len(chosen.mirrors) > 1 or bool(mirror)
    for settings in chosen.mirrors:
        with Busy(progress_console(quiet), f"reading mirror {settings.mirror.name} ..."):
            addresses = _addresses(settings, chosen.root)
        named = f" --mirror {settings.mirror.name}" if several else ""
        if config_file is not None:
            options = f"--config-file {config_file}"
        else:
            options = f"--stack {stack or (chosen.owner.stack if chosen.owner else '')}".rstrip()
        typer.echo(runbook(settings, f"{options}{named}", addresses, datetime.now(UTC)))


def _addresses(settings: Settings, root: Path) -> Addresses:
    try:
        deployed = DeployedResource(settings, root)
        spec = read_mirror_maker2(deployed.read())
        flow = spec.flows.get(settings.source.alias)
        clients = clients_of(settings, deployed.kubernetes).clients
        return Addresses(
            str(flow.connection.get("bootstrapServers", "")) if flow else "",
            str(spec.target.get("bootstrapServers", "")),
            deployed.kubernetes.where,
            {
                name: one.listener.bootstrap_servers if one.listener else one.problem or "?"
                for name, one in sorted(clients.items())
            },
        )
    except CouldNotRun as error:
        return Addresses(problem=reason_of(error))
