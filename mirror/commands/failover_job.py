"""`python -m mirror failover job`: the failover as a Job for the target's Kubernetes."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from mirror.commands.answers import QuietOption
from mirror.commands.moving import ONE_AT_A_TIME
from mirror.commands.moving_options import AliveOption, LeaveOutOption, UnconfirmedOption, UnreadOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one
from mirror.problems import CouldNotRun

EPILOG = "Exit codes: 0 printed, 2 it could not run. Changes nothing, and reads no cluster."


def job(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    promote: Annotated[
        bool,
        typer.Option(
            "--promote",
            help="The Job fails over. Without this option it is the Job of a dry run, whose account may "
            "change nothing.",
        ),
    ] = False,
    image: Annotated[
        str | None,
        typer.Option(
            "--image", metavar="IMAGE", help="Image with region-mirror. Default: verification.image."
        ),
    ] = None,
    source_is_alive: AliveOption = False,
    accept_unconfirmed_stop: UnconfirmedOption = False,
    accept_unread_partitions: UnreadOption = False,
    leave_out_group: LeaveOutOption = None,
    quiet: QuietOption = False,
) -> None:
    """Print the failover as a Job for the target's Kubernetes, with its ServiceAccount, Role and settings,
    for the day on which no other machine reaches the target. Print both Jobs on a good day.

    The Job does every step but those that section `cutover` configures: run `failover` elsewhere for them.

      python -m mirror failover job --stack prod-west > dry-run.yaml
      python -m mirror failover job --stack prod-west --promote > failover.yaml
      kubectl create -f dry-run.yaml
      kubectl -n kafka logs -f job/east-to-west-failover-dry-run
    """
    # Here, because `failover` itself imports this module, and clients wait for its imports.
    from manifests.in_cluster.failover_job import failover_job
    from settings.yaml_text import to_yaml_all

    settings, _ = choose_one(stack, config_file, mirror, ONE_AT_A_TIME)
    image = image or settings.verification.image
    if image is None:
        raise CouldNotRun(
            f"printing the Job of a failover of mirror {settings.mirror.name}",
            "no image is known",
            "add --image IMAGE, or set verification.image (docs/in-cluster.md)",
        )
    settings = replace(settings, verification=replace(settings.verification, image=image))
    options = [f"--leave-out-group={group}" for group in leave_out_group or ()]
    if source_is_alive:
        options.append("--source-is-alive")
    if accept_unconfirmed_stop:
        options.append("--accept-unconfirmed-stop")
    if accept_unread_partitions:
        options.append("--accept-unread-partitions")
    manifests = failover_job(settings, promote=promote, options=options)
    print(to_yaml_all(manifests, sort_keys=False), end="")
