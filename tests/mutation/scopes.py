"""The modules that are mutated, and the unit tests that judge each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Scope:
    """Modules, and the test modules that state what is right for them. One run of mutmut.

    Tests that draw random data or start a broker also notice many mutants. They are not run:
    a unit test with the right value takes milliseconds.
    """

    modules: tuple[str, ...]
    tests: tuple[str, ...]


def _in(folder: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}.py" for name in names)


_CHECKS, _VALUES, _CUTOVER = "mirror/verify/checks", "mirror/verify/values", "mirror/cutover"
_OF_CHECKS, _OF_CUTOVER = "tests/unit/verify", "tests/unit/cutover"

SCOPES = {
    "groups": Scope(
        (
            *_in(_CHECKS, ["groups_translated", "groups_idle_on_target"]),
            *_in(_VALUES, ["translation", "translation_findings", "group_partition"]),
        ),
        (
            *_in(
                _OF_CHECKS,
                [
                    "test_equal_records_are_matched_by_their_run",
                    "test_groups_at_the_first_record",
                    "test_translations_must_be_safe",
                    "test_translations_are_reported",
                    "test_groups_that_moved_are_recognised",
                    "test_groups_must_be_idle_on_the_target",
                    "test_remedies_say_what_they_destroy",
                ],
            ),
            "tests/unit/mm2/test_stale_translations_are_found.py",
            "tests/unit/offsets/test_offsets_are_proposed.py",
            "tests/unit/offsets/test_offsets_are_applied_only_when_safe.py",
        ),
    ),
    "records": Scope(
        (*_in(_CHECKS, ["records_match", "tail_matches"]), *_in(_VALUES, ["tail"])),
        _in(
            _OF_CHECKS,
            [
                "test_differences_of_windows_are_reported",
                "test_remedies_say_what_they_destroy",
                "test_tails_after_compaction_and_retention",
                "test_tails_are_reported",
                "test_tails_must_match",
                "test_one_look_judges_every_check",
                "test_windows_after_compaction",
                "test_windows_must_match",
            ],
        ),
    ),
    "source": Scope(
        (
            *_in(_CHECKS, ["source_unbroken", "lag"]),
            *_in(_VALUES, ["source_partition", "partition_lag"]),
        ),
        (
            *_in(
                _OF_CHECKS,
                [
                    "test_lag_counts_records",
                    "test_lost_offsets_of_a_partition",
                    "test_source_must_be_unbroken",
                    "test_source_unbroken_reports",
                    "test_refused_topics_are_named",
                    "test_remedies_say_what_they_destroy",
                ],
            ),
            *_in(_OF_CUTOVER, ["test_the_drain_counts_records"]),
        ),
    ),
    "excuses": Scope(
        ("mirror/audit/excuses.py",),
        _in(
            "tests/unit/audit",
            ["test_what_is_rightly_on_one_side", "test_what_was_removed_during_an_audit"],
        ),
    ),
    "acls": Scope(
        _in(_CUTOVER, ["fence/acls", "users/judge"]),
        _in(
            _OF_CUTOVER,
            [
                "fence/test_acls",
                "fence/test_acls_are_judged",
                "test_copied_users_may_write_after_the_promotion",
            ],
        ),
    ),
    "cutover": Scope(
        _in(_CUTOVER, ["connectors/judge", "failover/placement"]),
        _in(
            _OF_CUTOVER,
            [
                "test_connectors_are_stopped",
                "failover/test_a_failover_needs_no_source",
                "failover/test_groups_are_placed_without_the_source",
                "failover/test_states_of_placed_groups",
                "failover/test_the_last_records_of_the_target_place_groups",
            ],
        ),
    ),
    "recovery": Scope(
        _in(
            f"{_CUTOVER}/recovery",
            ["missing", "in_order", "read_twice", "choices", "marks", "topics", "groups"],
        ),
        _in(
            f"{_OF_CUTOVER}/recovery",
            [
                "test_marks",
                "test_quarantine_topics_are_created",
                "test_what_never_crossed",
                "test_what_was_processed_twice",
                "test_where_records_go",
            ],
        ),
    ),
    "checks": Scope(
        _in(
            _CHECKS,
            [
                "certificates_valid",
                "connectors_running",
                "internal_topics_safe",
                "topic_configs_match",
                "topics_present",
                "users_work",
            ],
        ),
        _in(
            _OF_CHECKS,
            [
                "test_brokers_present_their_certificates",
                "test_certificates_must_be_valid",
                "test_connectors_must_run",
                "test_connectors_without_tasks",
                "test_copied_users_are_read",
                "test_copied_users_must_work",
                "test_failed_tasks_say_why",
                "test_internal_topics_must_be_safe",
                "test_refused_topics_are_named",
                "test_remedies_say_what_they_destroy",
                "test_topic_configs_must_match",
                "test_topics_must_be_there",
            ],
        ),
    ),
}


def missing(root: Path) -> list[str]:
    """Files of the scopes that do not exist."""
    return [
        name
        for scope in SCOPES.values()
        for name in (*scope.modules, *scope.tests)
        if not (root / name).is_file()
    ]
