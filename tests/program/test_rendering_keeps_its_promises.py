"""For any sound settings: what has to agree agrees, v1 and v1beta2 mean the same, Secrets hold all secrets,
and Strimzi's CRDs accept all of it.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis

from manifests.declaration import Declaration
from manifests.estate import StrimziApi
from settings.model import Settings
from tests.program.crd import problems
from tests.program.examples import EXAMPLES, stack
from tests.program.meaning import meaning, same_connect
from tests.program.sample import SECRETS, estate
from tests.program.strategies import rendered_settings

EQUAL = (
    "replication.policy.class",
    "replication.policy.separator",
    "offset-syncs.topic.location",
    "topic.filter.class",
)
"""`MirrorCheckpointConnector` reads with them what `MirrorSourceConnector` wrote with them."""


def declared(settings: Settings, api: StrimziApi | None = None) -> Declaration:
    found = estate(settings)
    if api is not None:
        found = replace(found, target=replace(found.target, api=api))
    return Declaration.of(settings, found)


@given(rendered_settings())
def test_both_connectors_agree_where_they_must(drawn: Settings) -> None:
    (mirror,) = declared(drawn).mirror_maker2["spec"]["mirrors"]
    source, checkpoint = mirror["sourceConnector"]["config"], mirror["checkpointConnector"]["config"]
    assert [source[key] for key in EQUAL] == [checkpoint[key] for key in EQUAL]
    shared = set(source) & set(checkpoint)
    assert all(source[key] == checkpoint[key] for key in shared)


@given(rendered_settings())
def test_v1_and_v1beta2_mean_the_same(drawn: Settings) -> None:
    v1, v1beta2 = declared(drawn, "v1"), declared(drawn, "v1beta2")
    assert meaning(v1.mirror_maker2) == meaning(v1beta2.mirror_maker2)
    assert [generic(m) for m in v1.manifests[:-1]] == [generic(m) for m in v1beta2.manifests[:-1]]


def generic(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return it without what tells the generation."""
    result = {**manifest, "apiVersion": manifest["apiVersion"].removesuffix("beta2")}
    return same_connect(result) if manifest["kind"] == "KafkaConnect" else result


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_means_the_same_in_both(example: str) -> None:
    for settings in stack(example):
        v1, v1beta2 = declared(settings, "v1"), declared(settings, "v1beta2")
        assert meaning(v1.mirror_maker2) == meaning(v1beta2.mirror_maker2)


def test_meaning_tells_what_differs() -> None:
    (settings,) = stack("lab")
    one, other = (declared(settings, "v1beta2").mirror_maker2 for _ in range(2))
    other["spec"]["clusters"][0]["tls"] = {}
    assert meaning(one) != meaning(other)
    other = declared(settings, "v1beta2").mirror_maker2
    other["spec"]["clusters"][1]["config"]["group.id"] = "another"
    assert meaning(one) != meaning(other)


@given(rendered_settings())
def test_no_secret_stands_outside_the_data_of_a_secret(drawn: Settings) -> None:
    declaration = declared(drawn)
    in_the_open = [
        {key: value for key, value in manifest.items() if manifest["kind"] != "Secret" or key != "data"}
        for manifest in declaration.manifests
    ]
    text = json.dumps(in_the_open) + repr(declaration) + declaration.fingerprint
    held = [user.name for user in estate(drawn).source.kafka_users]
    for secret in (*SECRETS, *(f"s3cret-of-{name}" for name in held)):
        assert secret not in text
        assert base64.b64encode(secret.encode()).decode().rstrip("=")[:-1] not in text


@hypothesis(max_examples=30)
@given(rendered_settings())
def test_strimzis_crds_accept_everything(drawn: Settings) -> None:
    for manifest in declared(drawn).manifests:
        if manifest["kind"] not in ("Secret", "ConfigMap"):
            assert problems(manifest) == [], manifest["metadata"]["name"]


@given(rendered_settings())
def test_every_property_is_text(drawn: Settings) -> None:
    def configs(value: Any) -> list[dict[str, Any]]:
        if isinstance(value, dict):
            found = [value["config"]] if isinstance(value.get("config"), dict) else []
            return found + [part for one in value.values() for part in configs(one)]
        return [part for one in value for part in configs(one)] if isinstance(value, list) else []

    found = configs(declared(drawn).mirror_maker2["spec"])
    assert len(found) >= 3
    assert all(isinstance(value, str) for config in found for value in config.values())


def test_another_process_renders_the_same() -> None:
    # Sets and hashes of text differ from process to process.
    program = (
        "import hashlib, json\n"
        "from tests.program.examples import EXAMPLES, stack, manifests\n"
        "rendered = [manifests(settings) for name in EXAMPLES for settings in stack(name)]\n"
        "print(hashlib.sha256(json.dumps(rendered).encode()).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
