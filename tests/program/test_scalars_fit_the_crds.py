"""A number or boolean of the stack file becomes what the CRDs of both generations ask for at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from manifests.declaration import Declaration
from manifests.strimzi.scalars import typed
from settings.load import load
from tests.program.crd import crd_file, problems
from tests.program.every_setting import every_setting
from tests.program.sample import estate

GIVEN = ("resources", "jvmOptions", "template")
"""The fields of `spec` that a stack file fills."""


def leaves(schema: Mapping[str, Any], key: str, within: str) -> Iterator[tuple[str, str, str]]:
    """Each scalar field: its type, its name, and the field that contains it."""
    if schema.get("x-kubernetes-int-or-string"):
        yield "int-or-string", key, within
    elif schema.get("type") == "array":
        yield from leaves(schema["items"], key, within)
    elif schema.get("type") == "object":
        for name, inner in schema.get("properties", {}).items():
            yield from leaves(inner, name, key)
        if isinstance(schema.get("additionalProperties"), dict):
            yield from leaves(
                schema["additionalProperties"], "weight", key
            )  # a key that is a number elsewhere
    else:
        yield schema["type"], key, within


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
def test_every_field_has_the_type_of_the_crd(api: str) -> None:
    crd = yaml.safe_load(crd_file("KafkaMirrorMaker2", api).read_text())
    (schema,) = [one["schema"] for one in crd["spec"]["versions"] if one["name"] == api]
    spec = schema["openAPIV3Schema"]["properties"]["spec"]["properties"]
    found = {leaf for name in GIVEN for leaf in leaves(spec[name], name, "spec")}
    assert len(found) > 50
    samples: dict[str, tuple[Any, ...]] = {
        "string": (4, 4.0, True, 0.5, "x"),
        "integer": (4, 4.0, "4"),
        "boolean": (True, "true", "false"),
        "int-or-string": (4, 4.0, 0.5, "500m"),
    }
    kinds = {"string": str, "integer": int, "boolean": bool, "int-or-string": int | str}
    for kind, key, within in sorted(found):
        for value in samples[kind]:
            made = typed(value, key, within)
            assert isinstance(made, kinds[kind]), (within, key, value, made)
            assert kind == "boolean" or not isinstance(made, bool), (within, key, value)


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
def test_a_stack_file_as_people_write_it(api: str) -> None:
    settings = load(
        every_setting(
            api,
            workers__jvm_options={
                "-Xmx": "1g",
                "-XX": {"TieredStopAtLevel": 4, "UseG1GC": True},
                "gcLoggingEnabled": "true",
                "javaSystemProperties": [{"name": "java.net.preferIPv4Stack", "value": True}],
            },
            workers__resources={"requests": {"cpu": 0.5, "memory": "2Gi"}, "limits": {"cpu": 2}},
            workers__template={
                "pod": {
                    "metadata": {"labels": {"team": 7, "mode": False}, "annotations": {"weight": 1.5}},
                    "terminationGracePeriodSeconds": "60",
                    "securityContext": {"runAsNonRoot": "true", "runAsUser": 1001, "supplementalGroups": [1]},
                },
                "connectContainer": {"env": [{"name": "LEVEL", "value": 3}, {"name": "ON", "value": True}]},
            },
            workers__tolerations=[{"key": "kafka", "operator": "Equal", "value": 1, "effect": "NoSchedule"}],
        )
    )
    made = Declaration.of(settings, estate(settings)).mirror_maker2
    assert problems(made) == []
    assert made["spec"]["jvmOptions"]["-XX"] == {"TieredStopAtLevel": "4", "UseG1GC": "true"}
    assert made["spec"]["resources"]["requests"]["cpu"] == "0.5"
    assert made["spec"]["template"]["pod"]["metadata"]["labels"] == {"team": "7", "mode": "false"}
