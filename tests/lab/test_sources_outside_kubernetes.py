"""Sources that are not on Kubernetes: PLAIN, SCRAM, OAuth and certificates, their secrets kept by Pulumi; and
listeners without TLS or login.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from lab import processes
from lab.outside import Source
from tests.lab.support import kafka
from tests.lab.support.identity_provider import identity_provider
from tests.lab.support.known_secrets import leaks, leaks_of_file
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import cluster, deployed, flow, given, outside
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

PLAIN, MTLS = "outside-plain", "outside-mtls"


@pytest.fixture(scope="module")
def stack(regions: Regions, north: Source, south: Source) -> Iterator[Stack]:
    """Topics get their source's alias before them: other tests mirror the same under their own names."""
    mirrors: dict[str, Any] = {
        PLAIN: {"source": outside(north, "plain"), "mirror": flow(PLAIN, north.topic)},
        MTLS: {"source": outside(south, "tls"), "mirror": flow(MTLS, south.topic)},
    }
    for mirror in mirrors.values():
        mirror["mirror"]["replication_policy"] = "default"
    secrets = {
        f"mirrors.{name}.source.credentials.{key}": value
        for name, source in ((PLAIN, north), (MTLS, south))
        for key, value in given(source).items()
    }
    sections = {"target": cluster("west"), "mirrors": mirrors}
    with deployed(regions, "outside", sections, secrets) as made:
        yield made


@pytest.fixture(scope="module")
def secrets(north: Source, south: Source) -> dict[str, str]:
    """What must be seen nowhere: the password, and a line of the key's body."""
    assert north.password
    assert south.key
    return {"the password": north.password, "the key": south.key.splitlines()[1]}


@pytest.mark.parametrize("name", ["north", "south"])
def test_the_records_arrive_as_they_are(
    stack: Stack, regions: Regions, name: str, north: Source, south: Source
) -> None:
    topic = {"north": north, "south": south}[name].topic
    original = kafka.contents(regions.kafka(name), topic)
    assert all(original)
    kafka.arrived(regions.kafka("west"), f"{name}.{topic}", original)


def test_mm2_logs_in_as_the_stack_says(stack: Stack, regions: Regions) -> None:
    logins = {
        name: regions.mirror_resource(name).spec["mirrors"][0]["source"]["authentication"]["type"]
        for name in (PLAIN, MTLS)
    }
    assert logins == {PLAIN: "plain", MTLS: "tls"}


def test_no_secret_in_stack_file_state_preview_logs_or_processes(
    stack: Stack, regions: Regions, secrets: dict[str, str]
) -> None:
    places = {
        "the stack file": stack.file.read_text(),
        "the state": stack.state(),
        "the preview": stack.preview("--show-sames", "--show-reads").ok().output,
        "the report": stack.verify("--json").output,
    }
    for status in processes.statuses(regions.lab):
        if status.pid is not None:
            process = psutil.Process(status.pid)
            places[f"process {status.name}"] = " ".join([*process.cmdline(), *process.environ().values()])
    assert {place for place, text in places.items() if leaks(secrets, text)} == set()
    assert {log.name for log in regions.lab.logs.rglob("*.log*") if leaks_of_file(secrets, log)} == set()


def test_another_mechanism_shows_in_the_preview_and_goes_on_with_the_same_records(
    stack: Stack, regions: Regions, north: Source
) -> None:
    def scram(config: dict[str, Any]) -> None:
        config["mirrors"][PLAIN]["source"]["authentication"] = "scram-sha-256"

    stack.configure(scram)
    assert "scram-sha-256" in stack.preview().ok().output
    stack.up().ok()
    source = regions.mirror_resource(PLAIN).spec["mirrors"][0]["source"]
    assert source["authentication"]["type"] == "scram-sha-256"
    a_new_record_crosses(regions, north, "after the change")


def a_new_record_crosses(regions: Regions, north: Source, record: str) -> None:
    kafka.produce(regions.kafka("north"), north.topic, [record])
    mirrored = f"north.{north.topic}"
    original = kafka.contents(regions.kafka("north"), north.topic)
    until(
        "the new record on the target",
        lambda: kafka.contents(regions.kafka("west"), mirrored) == original,
        seconds=90,
    )


def test_a_token_of_an_identity_provider_logs_in_workers_and_verification(
    stack: Stack, regions: Regions, north: Source
) -> None:
    with identity_provider(regions.lab.pki("north"), north.user) as client:

        def oauth(config: dict[str, Any]) -> None:
            config["mirrors"][PLAIN]["source"] |= {
                "authentication": "oauth",
                "bootstrap_servers": north.addresses["oauth"],
                "oauth": {
                    "token_endpoint": client.token_endpoint,
                    "client_id": client.client_id,
                    "scope": "kafka",
                },
            }

        stack.configure(oauth)
        stack.keep_secret(f"mirrors.{PLAIN}.source.credentials.password", client.client_secret)
        stack.up().ok()
        source = regions.mirror_resource(PLAIN).spec["mirrors"][0]["source"]
        assert source["authentication"]["config"]["sasl.mechanism"] == "OAUTHBEARER"
        assert client.client_secret not in str(source)
        a_new_record_crosses(regions, north, "with a token")
        assert "kafka" in client.asked
        stack.verify("--mirror", PLAIN).ok()
        for log in regions.lab.logs.rglob("*.log*"):
            assert leaks_of_file({"the client's secret": client.client_secret}, log) == [], log.name


@pytest.mark.parametrize("listener", ["open", "anybody"])
def test_a_listener_without_tls_is_mirrored_and_warned_of(
    stack: Stack, regions: Regions, north: Source, listener: str
) -> None:
    def without_tls(config: dict[str, Any]) -> None:
        source = config["mirrors"][PLAIN]["source"]
        source.pop("oauth", None)
        source |= {"encryption": "none", "bootstrap_servers": north.addresses[listener]}
        if listener == "open":
            source |= {"authentication": "scram-sha-512"}
            source["credentials"].pop("ca")
        else:
            source |= {"authentication": "none", "user": "ANONYMOUS"}
            source.pop("credentials")

    if listener == "open":
        assert north.password
        stack.keep_secret(f"mirrors.{PLAIN}.source.credentials.password", north.password)
    stack.configure(without_tls)
    said = stack.up().ok().output
    assert "the connection to north has no TLS (source.encryption: none)" in said
    assert ("does not log in to north" in said) == (listener == "anybody")
    source = regions.mirror_resource(PLAIN).spec["mirrors"][0]["source"]
    assert "tls" not in source
    assert ("authentication" in source) == (listener == "open")
    a_new_record_crosses(regions, north, f"over {listener}")
    report = " ".join(stack.verify("--mirror", PLAIN).ok().output.split())  # a table folds its text
    assert "the connection to north has no TLS" in report
