"""The scopes of mirror/verify."""

from __future__ import annotations

from tests.mutation.scope import Scope, within

_CHECKS, _VALUES, _OF_CHECKS = "mirror/verify/checks", "mirror/verify/values", "tests/unit/verify"
_OF_CUTOVER = "tests/unit/cutover"

OF_CHECKS = {
    "groups": Scope(
        (
            *within(_CHECKS, ["groups_translated", "groups_idle_on_target"]),
            *within(_VALUES, ["translation", "translation_findings", "group_partition", "first_unread"]),
        ),
        (
            *within(
                _OF_CHECKS,
                [
                    "test_equal_records_are_matched_by_their_run",
                    "test_groups_at_the_first_record",
                    "test_translations_must_be_safe",
                    "test_translations_are_reported",
                    "test_groups_that_moved_are_recognised",
                    "test_groups_must_be_idle_on_the_target",
                    "test_searching_for_groups",
                    "test_remedies_say_what_they_destroy",
                ],
            ),
            "tests/unit/mm2/test_stale_translations_are_found.py",
            "tests/unit/offsets/test_offsets_are_proposed.py",
            "tests/unit/offsets/test_offsets_are_applied_only_when_safe.py",
        ),
    ),
    "records": Scope(
        (*within(_CHECKS, ["records_match", "tail_matches"]), *within(_VALUES, ["tail"])),
        within(
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
    "windows": Scope(
        ("mirror/verify/comparison.py", *within(_VALUES, ["probe", "compacted", "written"])),
        within(
            _OF_CHECKS,
            [
                "test_compacted_windows_are_read_whole",
                "test_differences_of_windows_are_reported",
                "test_each_difference_of_a_window_is_told",
                "test_one_window_is_judged",
                "test_what_compaction_explains",
                "test_what_producers_wrote_on_the_target",
                "test_tails_after_compaction_and_retention",
                "test_tails_are_reported",
                "test_tails_must_match",
                "test_windows_after_compaction",
                "test_windows_are_read_where_they_are",
                "test_windows_must_match",
            ],
        ),
    ),
    "source": Scope(
        (
            *within(_CHECKS, ["source_unbroken", "lag"]),
            *within(_VALUES, ["source_partition", "partition_lag"]),
        ),
        (
            *within(
                _OF_CHECKS,
                [
                    "test_hanging_transactions_hold_back_the_mirror",
                    "test_lag_counts_records",
                    "test_lost_offsets_of_a_partition",
                    "test_source_must_be_unbroken",
                    "test_source_unbroken_reports",
                    "test_refused_topics_are_named",
                    "test_remedies_say_what_they_destroy",
                ],
            ),
            *within(_OF_CUTOVER, ["test_the_drain_counts_records"]),
        ),
    ),
    "checks": Scope(
        within(
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
        within(
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
                "test_one_look_judges_every_check",
                "test_refused_configs_are_named",
                "test_refused_topics_are_named",
                "test_remedies_say_what_they_destroy",
                "test_topic_configs_must_match",
                "test_topics_must_be_there",
                "test_topics_that_the_resource_leaves_out",
                "test_what_stops_connectors_is_told",
                "test_workers_must_live",
            ],
        ),
    ),
}
