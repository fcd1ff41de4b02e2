"""The steps of a cutover and what is left for people, by what the stack file configures."""

from __future__ import annotations

import re
from pathlib import Path

from manifests.clients import Client
from manifests.estate import Listener
from mirror.cutover.all_steps import steps_of
from mirror.cutover.failover.steps import failover_steps
from mirror.cutover.remaining import remaining
from settings.load import load
from settings.model import Settings
from tests.unit.settings.sample import raw
from tests.unit.support.dead_source import scene

ALWAYS = [
    "preflight", "fence", "prove-fence", "drain", "stop-sync", "move-groups", "prove", "promote",
]  # fmt: skip
WORKLOADS = [
    {"side": side, "role": role, "namespace": "shop", "labels": {"app": role}}
    for side in ("source", "target")
    for role in ("consumer", "producer")
]


EVERYTHING = {
    "workloads": WORKLOADS,
    "switch_command": ["dns"],
    "binding": {"name": "kafka-active"},
    "way_back_of": "west-to-east",
}
DOCS = Path(__file__).parents[3] / "docs"


def made(**cutover: object) -> Settings:
    return load(raw(**{f"cutover__{key}": value for key, value in cutover.items()}))


def names(**cutover: object) -> list[str]:
    return [step.name for step in steps_of(made(**cutover))]


def rows(page: str) -> list[str]:
    """The steps in the table of a page, in its order."""
    table = re.search(r"^\| step \|.*\n\|[ -|]*\n((?:\|.*\n)+)", (DOCS / page).read_text(), re.MULTILINE)
    assert table is not None
    return [name for row in table[1].splitlines() for name in re.findall(r"`(.*?)`", row.split(" | ")[0])]


def test_without_configuration_there_are_only_the_steps_of_the_mirror() -> None:
    assert names() == ALWAYS


def test_producers_stop_before_the_fence_and_start_last() -> None:
    assert names(workloads=WORKLOADS, switch_command=["dns"], binding={"name": "kafka-active"}) == [
        "preflight", "find-workloads", "bind-source", "stop-producers", "fence", "prove-fence", "drain",
        "stop-sync", "stop-consumers", "move-groups", "prove", "promote", "bind-target", "switch-command",
        "start-consumers", "start-producers",
    ]  # fmt: skip


def test_the_pages_list_every_step_in_its_order() -> None:
    settings = made(**EVERYTHING)
    assert rows("cutover.md") == [step.name for step in steps_of(settings)]
    assert rows("failover.md") == [step.name for step in failover_steps(scene()[0], settings)]


def test_an_entry_for_one_side_has_a_step_for_that_side() -> None:
    found = names(workloads=WORKLOADS[:1])
    assert "stop-consumers" in found
    assert not {"stop-producers", "start-consumers", "start-producers"} & set(found)


def left(*clients: Client, **cutover: object) -> list[str]:
    return remaining(made(**cutover), clients).splitlines()


def test_what_is_not_configured_is_left_for_people() -> None:
    listener = Listener("scram", "west:9094", "scram-sha-512", ())
    user = Client(
        "ann", "scram-sha-512", "none: the password is the source's", listener, "kafka/west-ca", "kafka/ann",
        ("password",),
    )  # fmt: skip
    assert left(user, Client("bob", "tls", "", problem="no listener takes tls")) == [
        "west is promoted. What is left to do:",
        "- Start consumers and then producers there: `region-mirror clients` prints how each copied user "
        "connects",
        "  user ann: bootstrap.servers=west:9094 security.protocol=SASL_SSL, trust Secret kafka/west-ca "
        "(*.crt), change of the credential: none: the password is the source's (Secret kafka/ann: password)",
        "  user bob: no listener takes tls",
        "- Restart every producer that ran on and follows an address that people move by hand: it "
        "keeps the producer id that east gave it, and west may acknowledge its records and not write them "
        "(docs/cutover-clients.md)",
        "- Set `mirror.phase: promoted` in the stack file and run `pulumi up`",
    ]
    assert left(workloads=WORKLOADS[2:3])[1].startswith("- Start producers there")
    nothing = left(user, workloads=WORKLOADS, binding={"name": "kafka-active"})
    assert len(nothing) == 4
    assert nothing[1].startswith("- ConfigMap kafka/kafka-active and its Secrets")


def test_producers_that_follow_a_moved_address_are_to_be_restarted() -> None:
    """Both clusters count producer ids from 0: the target takes records for repetitions. Who moves the
    address makes no difference.
    """
    for cutover, who in (
        ({"switch_command": ["./move-dns"]}, "cutover.switch_command has moved"),
        ({}, "people move by hand"),
        ({"workloads": WORKLOADS}, "people move by hand"),
    ):
        (told,) = [line for line in left(**cutover) if "Restart every producer" in line]
        assert who in told
        assert "keeps the producer id that east gave it" in told
