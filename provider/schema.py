"""The package's schema, derived from the settings: types, descriptions, secret properties.

https://www.pulumi.com/docs/iac/using-pulumi/extending-pulumi/schema/
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from typing import Any, Literal

from components.own_resource import PACKAGE
from mirror import __version__
from provider.spelling import camel_case, in_program
from settings.kinds import is_section, required, without_none
from settings.model import Settings
from settings.model.secret import SecretText

Json = dict[str, Any]

_ANY: Json = {"$ref": "pulumi.json#/Any"}
_TEXT: Json = {"type": "string"}
_TEXTS: Json = {"type": "array", "items": _TEXT}

# The purpose and the outputs of each component. All components have the settings of one mirror as inputs.
COMPONENTS: Mapping[str, tuple[str, Mapping[str, tuple[Json, str]]]] = {
    "RegionMirror": (
        "One complete mirror: the source's credentials beside the target, users, MirrorMaker 2, and the "
        "verification.",
        {
            "mirror": (_TEXT, "Namespace and name of the KafkaMirrorMaker2."),
            "sourceBootstrapServers": (
                _TEXT,
                "The bootstrap servers from which MirrorMaker 2 reads.",
            ),
            "targetBootstrapServers": (
                _TEXT,
                "The target's bootstrap servers, to which MirrorMaker 2 writes and moved clients connect.",
            ),
            "connectors": (_TEXTS, "Names of its connectors."),
            "copiedUsers": (_ANY, "Each copied user: its authentication on the target, and its Secret."),
            "verification": (_ANY, "The result of each check, or the reason why nothing was verified."),
            "verificationReport": (
                _TEXT,
                "Namespace and name of the ConfigMap with the newest report; absent unless verification runs "
                "in a Job.",
            ),
            "consumers": (_TEXT, "How to move a consumer to the target."),
            "clients": (
                _ANY,
                "Each copied user: the target's listener that takes its login, the Secret of the CA to "
                "trust, and the Secret with its credential.",
            ),
        },
    ),
    "SourceCredentials": (
        "The source's CA certificates and the source user's credential as Secrets beside the mirror.",
        {
            "caSecret": (
                _TEXT,
                "Name of the Secret with the source's CA certificates; absent for a public CA.",
            ),
            "userSecret": (_TEXT, "Name of the Secret with the source user's credential."),
        },
    ),
    "KafkaUsers": (
        "The mirror's own users on the target with the permissions they need, and the copied users, guarded "
        "against `pulumi destroy` while clients use them.",
        {
            "mirrorUser": (_TEXT, "The KafkaUser with which MirrorMaker 2 writes to the target."),
            "copiedUsers": (_TEXTS, "The names of the users that are copied from the source."),
        },
    ),
    "MirrorMaker2": (
        "Only the KafkaMirrorMaker2, with its baseline and with the guards of its identity, owner, first "
        "deployment and `pulumi destroy`. It refers to the Secrets and users of SourceCredentials and "
        "KafkaUsers, so it must depend on them.",
        {
            "mirror": (_TEXT, "Namespace and name of the KafkaMirrorMaker2."),
            "connectors": (_TEXTS, "Names of its connectors."),
        },
    ),
    "MirrorVerification": (
        "Only the verification: it succeeds if all checks pass for the mirror that is deployed with the same "
        "settings.",
        {"verification": (_ANY, "The result of each check.")},
    ),
}

_OPTIONAL = frozenset({"caSecret", "verificationReport"})


def package() -> Json:
    """Return the package's schema."""
    types: dict[str, Json] = {}
    inputs = _object(Settings, types)
    return {
        "name": PACKAGE,
        "version": __version__,
        "displayName": PACKAGE,
        "description": "Mirrors Kafka to another region with Strimzi's MirrorMaker 2, and proves it",
        "resources": {
            f"{PACKAGE}:index:{name}": _component(summary, outputs, inputs)
            for name, (summary, outputs) in COMPONENTS.items()
        },
        "types": types,
        "language": {
            name: {"respectSchemaVersion": True} for name in ("nodejs", "python", "go", "csharp", "java")
        },
    }


def _component(summary: str, outputs: Mapping[str, tuple[Json, str]], inputs: Json) -> Json:
    return {
        "isComponent": True,
        "type": "object",
        "description": summary,
        "inputProperties": inputs["properties"],
        "requiredInputs": inputs["required"],
        "properties": {name: {**kind, "description": doc} for name, (kind, doc) in outputs.items()},
        "required": [name for name in outputs if name not in _OPTIONAL],
    }


def _object(kind: type[Any], types: dict[str, Json]) -> Json:
    hints = typing.get_type_hints(kind)
    fields = dataclasses.fields(kind)
    return {
        "type": "object",
        "description": in_program(" ".join((kind.__doc__ or "").split())),
        "properties": {
            camel_case(field.name): _property(field, hints[field.name], kind, types) for field in fields
        },
        "required": [camel_case(field.name) for field in fields if required(field)],
    }


def _property(field: dataclasses.Field[Any], hint: Any, owner: type[Any], types: dict[str, Json]) -> Json:
    kind = without_none(hint)
    section = owner.__name__.removesuffix("Settings")
    spec = _type(kind, f"{section}{field.name.title().replace('_', '')}", types)
    doc = field.metadata.get("doc") or " ".join((kind.__doc__ or "").partition("\n\n")[0].split())
    # As text: generated code would send a `default`, and so keep an old default after it has changed here.
    if isinstance(field.default, bool | int | str):
        doc += f" Default: {json.dumps(field.default)}."
    if SecretText in (kind, *typing.get_args(kind)):
        spec["secret"] = True
    return {**spec, "description": in_program(doc)}


def _type(kind: Any, name: str, types: dict[str, Json]) -> Json:
    """Return a setting's type; a choice is an enum called `name`.

    Secrets may be outputs of resources. All other settings decide which resources are declared, so they must
    be plain.
    """
    if kind is SecretText:
        return dict(_TEXT)
    if is_section(kind):
        types[f"{PACKAGE}:index:{kind.__name__}"] = _object(kind, types)
        return {"$ref": f"#/types/{PACKAGE}:index:{kind.__name__}", "plain": True}
    origin = typing.get_origin(kind)
    if origin is Literal:
        values = [{"name": _identifier(value), "value": value} for value in typing.get_args(kind)]
        types[f"{PACKAGE}:index:{name}"] = {"type": "string", "enum": values}
        return {"$ref": f"#/types/{PACKAGE}:index:{name}", "plain": True}
    if origin is tuple:
        (part, *_) = typing.get_args(kind)
        whole = {"type": "array", "items": _type(part, name, types)}
        return whole if part is SecretText else {**whole, "plain": True}
    if origin is not None and issubclass(origin, Mapping):
        inner = _type(typing.get_args(kind)[1], name, types)
        return {"type": "object", "additionalProperties": inner, "plain": True}
    simple = {bool: "boolean", int: "integer", str: "string"}
    return {"type": simple[kind], "plain": True} if kind in simple else {**_ANY, "plain": True}


def _identifier(value: str) -> str:
    """Name an enum's value in a way that is valid in every language: `ScramSha512`."""
    return "".join(part.capitalize() for part in value.split("-"))
