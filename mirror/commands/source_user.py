"""`python -m mirror source-user`: what the source's administrator makes for the mirror."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import typer
import yaml

from manifests.source_user import commands, kafka_user, principal_of, rights
from mirror.commands.answers import QuietOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.estate.certificates import parsable
from mirror.problems import CouldNotRun
from settings.model import Settings

EPILOG = "Exit codes: 0 printed, 2 the stack file or the command line is wrong. No cluster is asked."


def source_user(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    api_version: Annotated[
        Literal["v1", "v1beta2"],
        typer.Option("--api-version", help="Of the source's Strimzi: v1beta2 before 0.49 (AMQ Streams 2.x)."),
    ] = "v1",
    kafka_acls: Annotated[
        bool,
        typer.Option(
            "--kafka-acls",
            help="Commands of Kafka's own instead; the default where the source is no Strimzi.",
        ),
    ] = False,
    bootstrap_server: Annotated[
        str,
        typer.Option(
            "--bootstrap-server", metavar="HOST:PORT", help="For the commands, where not the stack's."
        ),
    ] = "",
    command_config: Annotated[
        str,
        typer.Option(
            "--command-config", metavar="FILE", help="How the administrator logs in, for the commands."
        ),
    ] = "admin.properties",
    principal: Annotated[
        str,
        typer.Option(
            "--principal", help="For the commands, where the brokers name users by rules of their own."
        ),
    ] = "",
    quiet: QuietOption = False,
) -> None:
    """Print the source's user with exactly the rights that the mirror needs, for the source's administrator.

    A KafkaUser for Strimzi, or the commands of Kafka for any cluster. With the offset syncs on the target
    (the default) the user cannot write anything.

      python -m mirror source-user --stack prod-west > sourceuser.yaml
      python -m mirror source-user --stack msk-to-strimzi --kafka-acls
    """
    chosen = choose(stack, config_file, mirror)
    documents = []
    for group in _by_user(chosen.mirrors):
        first = group[0]
        acls = rights(group)
        if not kafka_acls and first.source.origin != "credentials":
            try:
                body = kafka_user(first, acls, api_version)
            except ValueError as error:
                way_out = "add --kafka-acls, for Kafka's own commands"
                raise CouldNotRun(f"rendering KafkaUser {first.source.user}", str(error), way_out) from None
            documents.append(f"---\n{_comment(group)}{yaml.safe_dump(body, sort_keys=False)}")
            continue
        lines = commands(
            first,
            acls,
            bootstrap_servers=bootstrap_server or first.source.bootstrap_servers or "<host:port>",
            command_config=command_config,
            principal=principal or principal_of(first, _subject(first)),
        )
        documents.append("\n".join([_comment(group).rstrip(), *lines, ""]))
    print("\n".join(documents), end="")


def _by_user(mirrors: Iterable[Settings]) -> list[list[Settings]]:
    """One user may serve several mirrors: it needs the rights of all of them."""
    groups: dict[object, list[Settings]] = {}
    for settings in mirrors:
        source = settings.source
        place = source.alias, source.cluster, source.namespace, source.context, source.kubeconfig
        key = *place, source.bootstrap_servers, source.user, source.authentication
        groups.setdefault(key, []).append(settings)
    return list(groups.values())


def _comment(group: list[Settings]) -> str:
    names = ", ".join(settings.mirror.name for settings in group)
    return f"# As whom region-mirror reads {group[0].source.alias}: mirror {names}.\n"


def _subject(settings: Settings) -> str | None:
    """The subject of a certificate that stands in the stack file; what Pulumi encrypted is not known here."""
    given = settings.source.credentials
    if given is None or given.certificate is None or given.certificate.value is None:
        return None
    certificates = parsable([given.certificate.value])
    return certificates[0].subject.rfc4514_string() if certificates else None
