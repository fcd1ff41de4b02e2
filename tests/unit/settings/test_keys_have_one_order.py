"""The order of a mapping's keys changes nothing: Pulumi hands them over sorted, and a plan reads the file."""

from __future__ import annotations

from typing import Any

from manifests.declaration import Declaration
from mirror.plan.planned import Plan
from settings.load import load
from settings.model import Settings
from tests.program.every_setting import every_setting
from tests.program.sample import estate
from tests.unit.plan.made_up import plan
from tests.unit.settings.sample import raw

PODS = every_setting(
    users__selector={"team": "orders", "app": "shop"},
    verification__runner="job",
    verification__image="registry.example.com/region-mirror:1",
    verification__resources={"requests": {"memory": "1Gi", "cpu": "1"}, "limits": {"memory": "1Gi"}},
    monitoring__enabled=True,
    monitoring__exporter=True,
    monitoring__labels={"release": "prometheus", "app": "mirror"},
)


def ordered(value: Any, *, backwards: bool) -> Any:
    if isinstance(value, dict):
        return {key: ordered(value[key], backwards=backwards) for key in sorted(value, reverse=backwards)}
    return [ordered(one, backwards=backwards) for one in value] if isinstance(value, list) else value


def both(given: dict[str, Any]) -> tuple[Settings, Settings]:
    """The settings as `pulumi up` gets them, and as somebody wrote them."""
    return load(ordered(given, backwards=False)), load(ordered(given, backwards=True))


def planned(given: dict[str, Any]) -> Plan:
    deployed, written = both(given)
    return plan(written, deployed)


def test_a_plan_of_a_deployed_mirror_shows_no_change() -> None:
    """`resources: {requests, limits}` was enough: each plan changed the exporter, `stacks` showed drift."""
    assert not planned(PODS).changes


def test_a_login_with_extensions_is_one_text() -> None:
    given = raw(
        source__authentication="oauth",
        source__bootstrap_servers="kafka.example.com:9094",
        source__oauth={
            "token_endpoint": "https://id.example.com/token",
            "client_id": "mirror",
            "extensions": {"logicalCluster": "lkc-1", "identityPoolId": "pool-1"},
        },
        source__credentials={"public_ca": True, "password": {"secure": "x"}},
    )
    given["users"] = {}
    for key in ("cluster", "namespace", "listener", "kubeconfig"):
        del given["source"][key]
    one, other = (Declaration.of(settings, estate(settings)) for settings in both(given))
    assert one.fingerprint == other.fingerprint
    assert not planned(given).properties
