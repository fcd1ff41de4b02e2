"""Every alert fires when it should, not when it should not, and no other with it: Prometheus' own word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from manifests.monitoring.prometheus_rule import groups
from mirror.verify.register import CHECKS
from tests.program.promtool import MIRROR, NAMES, Fires, check, evaluate

DAY = 86_400
HOURS = 180
"""Minutes that a series lasts."""


def one(name: str, value: str = "", *, mirror: str = MIRROR, **labels: str) -> dict[str, str]:
    """A series with its values: a number stands for the whole time."""
    own = {"mirror": mirror, "instance": "a", **labels}
    text = ",".join(f'{key}="{label}"' for key, label in own.items())
    return {f"region_mirror_{name}{{{text}}}": value if set(value) & set("x_ ") else f"{value}+0x{HOURS}"}


def passed(check: str, value: str, **labels: str) -> dict[str, str]:
    return one("check_passed", value, check=check, **labels)


def topic(lag: str, used: str, losing: str = "0") -> dict[str, str]:
    return {
        **one("topic_lag_seconds", lag, topic="orders"),
        **one("topic_retention_used_ratio", used, topic="orders"),
        **one("topic_partitions_losing", losing, topic="orders"),
    }


def certificate(days: int) -> dict[str, str]:
    return one("certificate_expiry_timestamp_seconds", str(days * DAY), certificate="broker 0 of west")


EXPORTER = {
    **one("look_success", "1"),
    **one("look_interval_seconds", "60"),
    **one("look_duration_seconds", "5"),
    **one("look_last_success_timestamp_seconds", f"0+60x{HOURS}"),
}
HEALTHY = {
    **EXPORTER,
    **{key: value for name in (one.name for one in CHECKS) for key, value in passed(name, "1").items()},
    **one("lag_limit_seconds", "30"),
    **topic("2", "0"),
    **one("checkpoints_overdue", "0"),
    **one("certificate_margin_seconds", str(14 * DAY)),
    **certificate(365),
}

DOWN, SLOW = Fires("MirrorDown", "critical"), Fires("MirrorDown", "warning")
STOPPED = passed("connectors-running", "0")
ORDERS = {"topic": "orders"}
LOSES = Fires("MirrorLagAgainstRetention", "critical", ORDERS)
BROKER = {"certificate": "broker 0 of west"}
BLIND = Fires("MirrorExporterBlind", "warning")
GONE = Fires("MirrorExporterAbsent", "warning")
MISSES = "MirrorFailoverWouldMiss"
SILENT = Fires("MirrorSourceSilent", "critical")
LIMITS = one("failover_limit_records", "1000") | one("failover_limit_seconds", "300")
LAST_LOOK = LIMITS | one("last_look_timestamp_seconds", "0")


def late(value: str) -> Fires:
    return Fires("MirrorLagAgainstRetention", "warning", ORDERS, value)


def fails(name: str) -> Fires:
    return Fires("MirrorVerificationFailed", "warning", {"check": name})


Expected = dict[str, Sequence[Fires]]
CASES: dict[str, tuple[dict[str, str], Expected]] = {
    "healthy": (HEALTHY, {"1m": [], "30m": [], "2h": []}),
    "a connector stops": (
        HEALTHY | passed("connectors-running", "1x9 0x60"),
        {"14m": [], "16m": [DOWN], "60m": [DOWN]},
    ),
    "workers roll": (HEALTHY | STOPPED | one("reconciling", "1"), {"9m": [], "59m": [], "62m": [SLOW]}),
    "a connector restarts now and then": (
        HEALTHY | passed("connectors-running", "1 0 0 1 1 0 0 0 1 0 1 1 0 0 0 0 1 1x60"),
        {f"{minute}m": [] for minute in range(0, 20)},
    ),
    "a connector is stopped, and every second look fails": (
        HEALTHY
        | passed("connectors-running", "0 stale " * 30)
        | passed("users-work", "0 0 stale stale " * 15)
        | one("look_success", "1 0 " * 30),
        {"4m": [], "6m": [DOWN], "20m": [DOWN, fails("users-work")], "50m": [DOWN, fails("users-work")]},
    ),
    "one look says that records are lost, and the next ones fail": (
        HEALTHY | topic("9", "0.1", "0x5 1 stale"),
        {f"{minute}m": [] for minute in range(5, 20)},
    ),
    "a connector stops while the exporter moves to another pod": (
        HEALTHY
        | passed("connectors-running", "1x9 0x3 stale")
        | passed("connectors-running", "_x12 0x60", instance="b"),
        {"14m": [], "16m": [DOWN]},
    ),
    "a source removes what is not mirrored": (
        HEALTHY | topic("9", "0.1", "0x5 1x60"),
        {"10m": [], "12m": [LOSES]},
    ),
    "half of the retention is gone": (
        HEALTHY | topic("5000", "0.6"),
        {"4m": [], "6m": [LOSES], "14m": [LOSES], "16m": [LOSES, late("60%")]},
    ),
    "a quarter of the retention is gone": (HEALTHY | topic("5000", "0.3"), {"14m": [], "16m": [late("30%")]}),
    "old timestamps of a topic that is not late": (HEALTHY | topic("10", "0.9"), {"60m": []}),
    "a failover would miss too many records": (
        HEALTHY
        | LAST_LOOK
        | one("failover_missing_records", "10x9 2000x60")
        | one("failover_covered_until_timestamp_seconds", f"0+60x{HOURS}"),
        {"9m": [], "13m": [], "16m": [Fires(MISSES, "warning")]},
    ),
    "the source has not been seen for minutes, and the exporter cannot look": (
        EXPORTER
        | LAST_LOOK
        | one("look_success", "0")
        | one("failover_missing_records", "10")
        | one("failover_covered_until_timestamp_seconds", f"0x{HOURS}"),
        {"9m": [], "12m": [Fires(MISSES, "warning"), BLIND]},
    ),
    "no broker of the source answers": (
        EXPORTER
        | one("look_success", "1x2 0x60")
        | one("look_last_success_timestamp_seconds", f"0x{HOURS}")
        | one("source_silent", "0x2 1x60"),
        {"6m": [], "9m": [SILENT], "20m": [SILENT, BLIND]},
    ),
    "the source answers one of two exporters": (
        HEALTHY | one("source_silent", "1") | one("source_silent", "0", instance="b"),
        {"30m": []},
    ),
    "a silent source after the promotion": (EXPORTER | one("source_silent", "1x9 stale"), {"30m": []}),
    "no look at the source is kept, as without the right to": (
        HEALTHY | LIMITS | one("last_look_timestamp_seconds", "_x30 1x60"),
        {"4m": [], "6m": [Fires(MISSES, "warning")], "40m": []},
    ),
    "a promoted mirror misses nothing": (HEALTHY, {"60m": []}),
    "a mirror that has failed is promoted": (
        HEALTHY | passed("connectors-running", "0x9 stale") | EXPORTER | one("promoted", "0x9 1x60"),
        {"8m": [DOWN], "16m": [], "60m": []},
    ),
    "checkpoints no longer come": (
        HEALTHY | one("checkpoints_overdue", "0x5 3x60"),
        {"15m": [], "17m": [Fires("MirrorCheckpointsStale", "warning", value="3")]},
    ),
    "checkpoints come late now and then": (
        HEALTHY | one("checkpoints_overdue", "0 1 0 0 2 2 0 1x5 0x60"),
        {"20m": []},
    ),
    "a certificate ends in 22 days": (HEALTHY | certificate(22), {"2h": []}),
    "a certificate ends in 20 days": (
        HEALTHY | certificate(20),
        {"50m": [], "2h": [Fires("MirrorCertificateExpires", "warning", BROKER, "19d 22h 0m 0s")]},
    ),
    "certificates of three days, which are renewed a day before their end": (
        HEALTHY | certificate(2) | one("certificate_margin_seconds", "0"),
        {"3h": []},
    ),
    "a certificate of a week is not renewed two days before its end": (
        HEALTHY | certificate(2) | one("certificate_margin_seconds", str(2 * DAY)),
        {"10m": [], "2h": [Fires("MirrorCertificateExpires", "warning", BROKER, "1d 22h 0m 0s")]},
    ),
    "a certificate ends in 2 days": (
        HEALTHY | certificate(2),
        {
            "10m": [Fires("MirrorCertificateExpires", "critical", BROKER, "1d 23h 50m 0s")],
            "2h": [
                Fires("MirrorCertificateExpires", "critical", BROKER, "1d 22h 0m 0s"),
                Fires("MirrorCertificateExpires", "warning", BROKER, "1d 22h 0m 0s"),
            ],
        },
    ),
    "a check fails": (
        HEALTHY | passed("tail-matches", "1x5 0x60") | passed("lag", "0x10 1x60"),
        {"18m": [], "22m": [fails("tail-matches")]},
    ),
    "the exporter cannot look, and withdraws all else": (
        EXPORTER | one("look_success", "0") | one("look_last_success_timestamp_seconds", f"0x{HOURS}"),
        {"9m": [], "11m": [BLIND]},
    ),
    "looks no longer end": (
        HEALTHY | one("look_last_success_timestamp_seconds", f"0x{HOURS}"),
        {"10m": [], "18m": [BLIND]},
    ),
    "a look fails now and then": (HEALTHY | one("look_success", "1 0 1 1 0 0 1 0 1x60"), {"12m": []}),
    "there is no exporter": ({}, {"9m": [], "11m": [GONE]}),
    "there is an exporter, of another mirror": (
        one("look_success", "0", mirror="west-to-east") | passed("lag", "0", mirror="west-to-east"),
        {"30m": [GONE]},
    ),
    "another mirror is down": (
        HEALTHY | passed("connectors-running", "0", mirror="west-to-east"),
        {"30m": []},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_exactly_what_should_fire_fires(case: str, tmp_path: Path) -> None:
    series, expected = CASES[case]
    evaluate(tmp_path, series, expected)


def test_with_an_hour_between_looks_one_look_is_no_reason_to_wake_anybody(tmp_path: Path) -> None:
    """Each value stays for an hour: workers that roll at the moment of one look raised MirrorDown."""

    def hourly(*values: str) -> str:
        return " ".join(value for value in values for _ in range(60))

    down = hourly(*"10101100000")
    series = {key: text.replace(f"x{HOURS}", "x660") for key, text in HEALTHY.items()}
    series |= one("look_interval_seconds", "3600x660") | one("look_success", down)
    series |= passed("connectors-running", down)
    series |= passed("tail-matches", hourly("1", "0", "stale", "1", *"1111111"))
    expected: Expected = {f"{60 * hour + 30}m": [] for hour in range(8)}
    evaluate(tmp_path, series, expected | {"510m": [DOWN, BLIND]}, groups(MIRROR, "docs/alerts.md", 3600))


def test_each_alert_is_seen_to_fire() -> None:
    fired = {
        (one.alert, one.severity)
        for _, expected in CASES.values()
        for all in expected.values()
        for one in all
    }
    assert {name for name, _ in fired} == set(NAMES)
    assert len(fired) == 12


def test_prometheus_loads_the_rules(tmp_path: Path) -> None:
    check(tmp_path)


def test_a_wrong_expectation_would_be_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="MirrorDown"):
        evaluate(tmp_path, HEALTHY, {"30m": [DOWN]})
    with pytest.raises(AssertionError, match="MirrorDown"):
        evaluate(tmp_path, HEALTHY | passed("connectors-running", "0"), {"30m": []})
