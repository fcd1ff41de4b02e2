"""The steps of a cutover and what is left for people, by what the stack file configures."""

from __future__ import annotations

from mirror.cutover.all_steps import steps_of
from mirror.cutover.remaining import remaining
from settings.load import load
from tests.unit.settings.sample import raw

ALWAYS = [
    "preflight", "fence", "prove-fence", "drain", "stop-sync", "move-groups", "prove", "promote",
]  # fmt: skip
WORKLOADS = [
    {"side": side, "role": role, "namespace": "shop", "labels": {"app": role}}
    for side in ("source", "target")
    for role in ("consumer", "producer")
]


def names(**cutover: object) -> list[str]:
    given = {f"cutover__{key}": value for key, value in cutover.items()}
    return [step.name for step in steps_of(load(raw(**given)))]


def test_without_configuration_there_are_only_the_steps_of_the_mirror() -> None:
    assert names() == ALWAYS


def test_producers_stop_before_the_fence_and_start_last() -> None:
    assert names(workloads=WORKLOADS, switch_command=["dns"], binding={"name": "kafka-active"}) == [
        "preflight", "find-workloads", "bind-source", "stop-producers", "fence", "prove-fence", "drain",
        "stop-sync", "stop-consumers", "move-groups", "prove", "promote", "bind-target", "switch-command",
        "start-consumers", "start-producers",
    ]  # fmt: skip


def test_an_entry_for_one_side_has_a_step_for_that_side() -> None:
    found = names(workloads=WORKLOADS[:1])
    assert "stop-consumers" in found
    assert not {"stop-producers", "start-consumers", "start-producers"} & set(found)


def test_what_is_not_configured_is_left_for_people() -> None:
    everything = remaining(load(raw()))
    assert "Start consumers and then producers there: `region-mirror clients`" in everything
    assert everything.endswith("Then set `mirror.phase: promoted` in the stack file and run `pulumi up`")
    assert "Start producers there" in remaining(load(raw(cutover__workloads=WORKLOADS[2:3])))
    nothing = remaining(load(raw(cutover__workloads=WORKLOADS, cutover__binding={"name": "kafka-active"})))
    assert "Start" not in nothing
    assert "ConfigMap kafka/kafka-active" in nothing
