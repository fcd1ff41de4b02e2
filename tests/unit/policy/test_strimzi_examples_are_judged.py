"""Resources that this program did not make: Strimzi's own examples, v1 of 1.2.0 and v1beta2 of 0.45.0."""

from __future__ import annotations

from pathlib import Path

import pytest

from policy.files import read_file, read_paths
from tests.unit.policy.made_up import ids, report

EXAMPLES = Path(__file__).parent / "strimzi"
PODS = "exactly-once-on resources-set survives-a-drain restarts-itself"
FOUND = {
    "v1-identity": "source-only-read topics-named other-systems-left-out read-committed trust-explicit "
    f"login-required internal-topics-hidden group-offsets-synced {PODS}",
    "v1-plain": f"topics-named read-committed trust-explicit login-required group-offsets-synced {PODS}",
    "v1-scram": f"source-only-read topics-named read-committed internal-topics-hidden {PODS}",
    "v1-sync-groups": "source-only-read topics-named read-committed trust-explicit login-required "
    f"internal-topics-hidden {PODS}",
    "v1-tls-auth": f"source-only-read connectors-declared internal-topics-hidden {PODS}",
    "v1-tls": "source-only-read topics-named read-committed login-required internal-topics-hidden "
    f"group-offsets-synced {PODS}",
    "v1beta2-identity": "source-only-read topics-named other-systems-left-out internal-names-pinned "
    f"read-committed trust-explicit login-required group-offsets-synced {PODS}",
    "v1beta2-scram": f"source-only-read topics-named internal-names-pinned read-committed {PODS}",
}


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.yaml")))
def test_an_example_is_judged(name: str) -> None:
    found = report(*read_file(EXAMPLES / f"{name}.yaml"))
    assert set(ids(found)) == set(FOUND[name].split())
    assert not found.passed


def test_the_user_of_the_source_is_found_by_its_name_and_cluster() -> None:
    """The example's users write on both clusters; only that of the source must not."""
    found = report(*read_file(EXAMPLES / "v1-tls-auth.yaml"), rule="source-only-read")
    users = [one.violation for one in found.findings if one.violation.subject.kind == "KafkaUser"]
    assert [one.subject.name for one in users] == ["cluster-a-user"]
    assert "Create, Write on topic mm2-offset-syncs.cluster-b.internal" in users[0].message


def test_examples_in_one_folder_are_compared() -> None:
    """All of them write to cluster-b, several with the same group."""
    found = report(*read_paths([EXAMPLES]), rule="internal-names-unshared")
    assert any("groupId my-mirror-maker-2-group is also used by" in one.message for one in found.findings)
