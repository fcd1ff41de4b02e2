"""The runbook: names, addresses, commands and decisions of one mirror on a page, without a secret."""

from __future__ import annotations

from datetime import UTC, datetime

from mirror.cutover.failover.runbook import Addresses, runbook
from tests.unit.support.made_up import settings

PRINTED = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
READ = Addresses(
    "east.example.com:9094", "west.example.com:9094", "https://west:6443 (context west)", {"orders": "w:9094"}
)


def test_it_names_this_mirror_and_what_to_type() -> None:
    page = runbook(settings(), "--stack prod-west", READ, PRINTED)
    for expected in (
        "# west takes over for east: mirror east-to-west",
        "Printed 2026-11-29 03:00 UTC",
        "| Kafka east (source) | east.example.com:9094 |",
        "| orders | w:9094 |",
        "`region-mirror failover --stack prod-west --dry-run`",
        "`region-mirror failover --stack prod-west --report incident.html`",
        "ConfigMap kafka/east-to-west-last-look",
        "`kubectl -n kafka edit kafkamirrormaker2 east-to-west`",
    ):
        assert expected in page
    assert len(page.splitlines()) < 80, "one page"


def test_what_could_not_be_read_has_room_to_be_filled_in() -> None:
    page = runbook(settings(), "--stack lab", Addresses(problem="reaching https://west: no answer"), PRINTED)
    assert page.count("(not read: fill in)") == 3
    assert "Not read when this was printed: reaching `https://west:` no answer" in page


def test_a_name_cannot_break_the_page() -> None:
    page = runbook(settings(), "--stack lab", Addresses(clients={"a|b": "<script>"}), PRINTED)
    assert "a\\|b" in page
    assert "<script>" not in page
