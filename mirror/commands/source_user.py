"""`python -m mirror source-user`: the user that the source's administrator creates for the mirror."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Literal

import typer

from manifests.msk_policy import CLUSTER, policy
from manifests.source_user import commands, kafka_user, principal_of, rights
from mirror.commands.answers import QuietOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.estate.certificates import parsable
from mirror.problems import CouldNotRun
from settings.model import Settings
from settings.yaml_text import to_yaml

EPILOG = "Exit codes: 0 printed, 2 the stack file or the command line is wrong. Connects to no cluster."
_IAM = (
    "# An IAM policy for its role, because Kafka's ACLs do not apply. Replace "
    f"{' and '.join(CLUSTER)}; these two lines are no JSON.\n"
)


def source_user(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    api_version: Annotated[
        Literal["v1", "v1beta2"],
        typer.Option(
            "--api-version",
            help="API version of the source's Strimzi: v1beta2 before 0.49 (AMQ Streams 2.x).",
        ),
    ] = "v1",
    kafka_acls: Annotated[
        bool,
        typer.Option(
            "--kafka-acls",
            help="Print Kafka's own commands instead; the default where Strimzi does not manage the source.",
        ),
    ] = False,
    bootstrap_server: Annotated[
        str,
        typer.Option(
            "--bootstrap-server",
            metavar="HOST:PORT",
            help="For the commands; default: that of the stack file.",
        ),
    ] = "",
    command_config: Annotated[
        str,
        typer.Option(
            "--command-config",
            metavar="FILE",
            help="For the commands: the file with the administrator's login.",
        ),
    ] = "admin.properties",
    principal: Annotated[
        str,
        typer.Option(
            "--principal",
            metavar="PRINCIPAL",
            help="For the commands, where the brokers map names of users (`ssl.principal.mapping.rules`).",
        ),
    ] = "",
    quiet: QuietOption = False,
) -> None:
    """Print the source's user with exactly the permissions that the mirror needs, for the administrator.

    The output is a KafkaUser for Strimzi, Kafka's own commands for any other cluster, or an IAM policy for
    Amazon MSK with an AWS identity. With the offset syncs on the target (the default) the user has no write
    permission.

      python -m mirror source-user --stack prod-west > sourceuser.yaml
      python -m mirror source-user --stack msk-to-strimzi --kafka-acls
    """
    chosen = choose(stack, config_file, mirror)
    documents = []
    for group in _by_user(chosen.mirrors):
        first = group[0]
        acls = rights(group)
        if (identity := first.source.msk_iam) is not None:
            documents.append(f"{_comment(group)}{_IAM}{json.dumps(policy(identity, acls), indent=2)}\n")
            continue
        if not kafka_acls and first.source.origin != "credentials":
            try:
                body = kafka_user(first, acls, api_version)
            except ValueError as error:
                way_out = "add --kafka-acls to print Kafka's own commands"
                raise CouldNotRun(f"rendering KafkaUser {first.source.user}", str(error), way_out) from None
            documents.append(f"---\n{_comment(group)}{to_yaml(body, sort_keys=False)}")
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
    """The mirrors by source user: one user may serve several mirrors and needs the permissions of all."""
    groups: dict[object, list[Settings]] = {}
    for settings in mirrors:
        source = settings.source
        place = source.alias, source.cluster, source.namespace, source.context, source.kubeconfig
        key = *place, source.bootstrap_servers, source.user, source.authentication
        groups.setdefault(key, []).append(settings)
    return list(groups.values())


def _comment(group: list[Settings]) -> str:
    names = ", ".join(settings.mirror.name for settings in group)
    return f"# The user with which region-mirror reads {group[0].source.alias}, for mirror {names}.\n"


def _subject(settings: Settings) -> str | None:
    """The subject of the certificate in the stack file; None where Pulumi encrypted it."""
    given = settings.source.credentials
    if given is None or given.certificate is None or given.certificate.value is None:
        return None
    certificates = parsable([given.certificate.value])
    return certificates[0].subject.rfc4514_string() if certificates else None
