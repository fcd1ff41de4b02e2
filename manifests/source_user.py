"""The read-only source user, for the administrator of the source cluster. Pure.

Both forms derive from one list of ACLs (`settings.acls.source_user_acls`): a KafkaUser for Strimzi's User
Operator, and Kafka's own commands for every other cluster.
"""

from __future__ import annotations

import shlex
import typing
from collections.abc import Iterable, Sequence
from typing import Any

from manifests.estate import StrimziApi
from manifests.strimzi.api import api_version
from manifests.strimzi.kafka_user import acl_body
from settings.acls import Acl, source_user_acls
from settings.model import Settings, SourceAuthentication, TargetAuthentication

_ACLS, _CONFIGS = "kafka-acls.sh", "kafka-configs.sh"
_OPTIONS = {
    "topic": "--topic",
    "group": "--group",
    "transactionalId": "--transactional-id",
}
_ELSEWHERE = {
    "tls": "by its certificate",
    "plain": "as the brokers' JAAS configuration says",
    "oauth": "with a token of the identity provider",
    "aws-msk-iam": "with an AWS identity",
    "none": "without a credential, as everybody else can",
}
_MECHANISMS = {"scram-sha-512": "SCRAM-SHA-512", "scram-sha-256": "SCRAM-SHA-256"}


def rights(mirrors: Iterable[Settings]) -> tuple[Acl, ...]:
    """Return the ACLs that one source user needs for several mirrors, with each resource once."""
    operations: dict[tuple[Any, str, Any], dict[str, None]] = {}
    for settings in mirrors:
        for acl in source_user_acls(settings):
            key = acl.resource_type, acl.name, acl.pattern_type
            operations.setdefault(key, {}).update(dict.fromkeys(acl.operations))
    return tuple(
        Acl(kind, name, pattern, tuple(sorted(ops))) for (kind, name, pattern), ops in operations.items()
    )


def kafka_user(settings: Settings, acls: Iterable[Acl], api: StrimziApi) -> dict[str, Any]:
    """Render the source user for its own Kubernetes. Raises ValueError for a mechanism that Strimzi lacks.

    Without `source.cluster` the label has the placeholder `<cluster>`, which Kubernetes refuses until it is
    replaced.
    """
    source = settings.source
    if source.authentication not in typing.get_args(TargetAuthentication):
        raise ValueError(f"Strimzi's User Operator makes no user with {source.authentication}")
    metadata: dict[str, Any] = {
        "name": source.user,
        "labels": {"strimzi.io/cluster": source.cluster or "<cluster>"},
    }
    if source.namespace:
        metadata["namespace"] = source.namespace
    return {
        "apiVersion": api_version(api),
        "kind": "KafkaUser",
        "metadata": metadata,
        "spec": {
            "authentication": {"type": source.authentication},
            "authorization": {
                "type": "simple",
                "acls": [acl_body(acl) for acl in acls],
            },
        },
    }


def commands(
    settings: Settings, acls: Sequence[Acl], *, bootstrap_servers: str, command_config: str, principal: str
) -> list[str]:
    """Return the lines of a shell script for Kafka's own tools. No command line contains a password."""
    common = ["--bootstrap-server", bootstrap_servers, "--command-config", command_config]
    lines = list(_login(settings.source.authentication, settings.source.user, common))
    for acl in acls:
        where = [_OPTIONS[acl.resource_type], acl.name, "--resource-pattern-type"]
        pattern = "prefixed" if acl.pattern_type == "prefix" else "literal"
        operations = [part for operation in acl.operations for part in ("--operation", operation)]
        grant = ["--add", "--force", "--allow-principal", principal]
        lines.append(shlex.join([_ACLS, *common, *grant, *operations, *where, pattern]))
    return lines


def principal_of(settings: Settings, subject: str | None = None) -> str:
    """Return the user's principal: its name, or the subject of its certificate (with the default
    `ssl.principal.mapping.rules`), which is `CN=<user>` if Strimzi issued it.
    """
    source = settings.source
    if source.authentication != "tls":
        return f"User:{source.user}"
    return f"User:{subject or f'CN={source.user}'}"


def _login(authentication: SourceAuthentication, user: str, common: list[str]) -> Iterable[str]:
    mechanism = _MECHANISMS.get(authentication)
    if mechanism is None:
        how = _ELSEWHERE[authentication]
        yield f"# {user} logs in {how}: there is nothing to create for that."
        return
    # A file's value goes to the broker as it is: the brackets of --add-config belong on command lines only.
    yield "# The login. The password goes through a file that only you can read, and through no command line,"
    yield "# where everybody on the machine would see it. Type it, then Enter:"
    yield "scram=$(umask 077; mktemp) && trap 'rm -f \"$scram\"' EXIT"
    yield "IFS= read -rs password"
    # A Java properties file: a backslash of the password is written as two.
    yield f'printf \'{mechanism}=password=%s\\n\' "${{password//\\\\/\\\\\\\\}}" > "$scram"; unset password'
    alter = ["--alter", "--entity-type", "users", "--entity-name", user, "--add-config-file"]
    yield f'{shlex.join([_CONFIGS, *common, *alter])} "$scram"'
    yield "# The rights: to read, nothing else unless a line says Write."
