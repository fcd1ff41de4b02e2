"""KafkaUser, whose body is the same in v1 and v1beta2: the mirror's own users, and the copied ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from manifests.estate import CopiedUser, StrimziApi
from manifests.metadata import metadata
from manifests.strimzi.api import api_version
from manifests.strimzi.standby import denied_writes
from settings.acls import Acl, renamed
from settings.model import Settings
from settings.names import Names
from settings.scopes import Scope


def own_user(settings: Settings, name: str, acls: Iterable[Acl], api: StrimziApi = "v1") -> dict[str, Any]:
    """Render one of the mirror's own users. The User Operator creates its credential."""
    return _kafka_user(
        settings,
        name,
        {
            "authentication": {"type": settings.target.authentication},
            "authorization": {"type": "simple", "acls": [acl_body(acl) for acl in acls]},
        },
        api,
    )


def copy_of(settings: Settings, user: CopiedUser, api: StrimziApi = "v1") -> dict[str, Any]:
    """Render the target's copy of a user; one that is read from the target stays as it is."""
    if user.deployed:
        return _kafka_user(settings, user.name, dict(user.spec), api)
    return copied_user(settings, user.name, user.spec, api)


def copied_user(
    settings: Settings, name: str, spec: Mapping[str, Any], api: StrimziApi = "v1"
) -> dict[str, Any]:
    """Render the target's copy of a source's KafkaUser with its ACLs and quotas. Until the promotion it may
    only read mirrored topics (`users.standby_writes`).

    A SCRAM user keeps its password (`Names.password_secret`). A TLS user gets a new certificate or keeps its
    own (`users.tls`), because the private key of the source's CA is not copied. `template` is not copied: it
    labels the Secrets of the source.
    """
    copy: dict[str, Any] = {}
    if spec.get("authentication"):
        copy["authentication"] = _authentication(settings, name, spec["authentication"], api)
    authorization = spec.get("authorization")
    if authorization:
        acls = [copy for acl in authorization.get("acls") or [] for copy in _copied_acls(settings, acl)]
        if settings.read_only:
            acls += denied_writes(settings, acls)
        copy["authorization"] = {"type": authorization["type"], "acls": acls}
    if spec.get("quotas"):
        copy["quotas"] = {key: value for key, value in spec["quotas"].items() if value is not None}
    return _kafka_user(settings, name, copy, api)


def _authentication(
    settings: Settings, name: str, given: Mapping[str, Any], api: StrimziApi
) -> dict[str, Any]:
    kind = given["type"]
    if kind == "scram-sha-512":
        secret = Names.of(settings).password_secret(name)
        return {
            "type": kind,
            "password": {"valueFrom": {"secretKeyRef": {"name": secret, "key": "password"}}},
        }
    if kind == "tls" and settings.users.tls == "keep-certificate":
        return {"type": "tls-external"}
    # v1beta2 has no validity of a single user's certificate; the clients CA's applies.
    own = ("validityDays", "renewalDays") if kind == "tls" and api == "v1" else ()
    return {"type": kind, **{key: given[key] for key in own if key in given}}


def _copied_acls(settings: Settings, acl: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Copy one rule, its topics under the names that they have on the target."""
    copy = {key: acl[key] for key in ("type", "host") if key in acl}
    # v1beta2 also has a single `operation`; v1 does not.
    copy["operations"] = list(acl["operations"]) if acl.get("operations") else [acl["operation"]]
    resource = acl["resource"]
    is_everything = resource.get("name") == "*" and resource.get("patternType", "literal") == "literal"
    if resource["type"] != "topic" or is_everything:
        return [{**copy, "resource": dict(resource)}]
    found = renamed(settings, Scope(resource["name"], resource.get("patternType", "literal")))
    return [
        {**copy, "resource": {**resource, "name": scope.name, **_pattern_type(resource, scope)}}
        for scope in found
    ]


def _pattern_type(resource: Mapping[str, Any], scope: Scope) -> dict[str, str]:
    """Name the type of a scope; a rule that names none is literal, and its copies remain as they were."""
    return {"patternType": scope.pattern_type} if "patternType" in resource else {}


def _kafka_user(settings: Settings, name: str, spec: dict[str, Any], api: StrimziApi) -> dict[str, Any]:
    return {
        "apiVersion": api_version(api),
        "kind": "KafkaUser",
        # Without the label the User Operator does not see the user.
        "metadata": metadata(settings, name, labels={"strimzi.io/cluster": settings.target.cluster}),
        "spec": spec,
    }


def acl_body(acl: Acl) -> dict[str, Any]:
    """Render one of `spec.authorization.acls`."""
    return {
        "operations": list(acl.operations),
        "resource": {"type": acl.resource_type, "name": acl.name, "patternType": acl.pattern_type},
    }
