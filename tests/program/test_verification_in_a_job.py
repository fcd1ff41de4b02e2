"""With `verification.runner: job` the proof comes after all that its Job needs."""

from __future__ import annotations

import pulumi
import pytest

from components.kubernetes import declared
from manifests.declaration import Declaration
from tests.program.conftest import Declare, owned
from tests.program.sample import estate
from tests.unit.settings.sample import settings

JOB = {"verification__runner": "job", "verification__image": "r.example.com/region-mirror:1"}


def test_everything_is_registered_as_it_is_and_the_proof_waits_for_it(declare: Declare) -> None:
    given = settings(**JOB)
    program = declare(given)
    (proof,) = [one for one in program.resources if "fingerprint" in one.inputs]
    manifests = Declaration.of(given, estate(given)).verification
    assert len(manifests) == 6
    for manifest in manifests:
        one = program.one(manifest["kind"], manifest["metadata"]["name"])
        assert one.urn in proof.after
        for key, value in owned(manifest).items():
            assert one.inputs[key] == value


def test_the_report_is_where_the_outputs_say(declare: Declare) -> None:
    assert declare(settings(**JOB)).outputs["verificationReport"] == "kafka/east-to-west-verification"
    assert "verificationReport" not in declare(settings()).outputs


def test_a_mirror_that_stands_still_has_no_schedule(declare: Declare) -> None:
    program = declare(settings(mirror__state="paused", **JOB))
    assert not program.of("CronJob")
    assert "verificationReport" not in program.outputs


def test_nothing_else_is_declared_by_kind() -> None:
    with pytest.raises(ValueError, match="nothing declares a Pod"):
        declared({"kind": "Pod", "metadata": {"name": "p"}}, pulumi.ResourceOptions())
