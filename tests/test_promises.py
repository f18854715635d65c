"""Promises about writes, tokens, nights and Procura's server, each with the tests that hold it.

Names of tests are easily changed and tests easily dropped: here it would be noticed.
"""

import ast
import functools
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PROMISES = {
    # -- writes
    "a write that is answered by anything undocumented is of unknown outcome": (
        "elements/test_write_evidence.py::test_what_proves_nothing_leaves_the_outcome_unknown",
        "elements/test_write_evidence.py::test_a_refusal_is_one_whatever_its_status",
        "elements/test_write_evidence.py::test_what_is_documented_is_success",
        "procura/test_procura_evidence.py::test_a_write_succeeds_as_documented_and_in_no_other_way",
    ),
    "a relative Location is resolved, and an id in the body is used": (
        "elements/test_write_evidence.py::test_a_relative_location_is_resolved",
        "elements/test_write_evidence.py::test_what_is_documented_is_success",
    ),
    "the server's reasons are attributes, and in no text": (
        "procura/test_reasons.py::test_the_servers_reasons_reach_the_caller_and_nobody_else",
    ),
    "a bad method or path is an InputError and never leaves": (
        "procura/test_reasons.py::test_a_bad_method_is_an_input_error_on_both",
        (
            "procura/test_reasons.py::"
            "test_a_path_or_header_with_a_line_feed_never_leaves_and_reaches_no_log"
        ),
        "procura/test_reasons.py::test_a_closed_session_of_the_callers_has_sent_nothing",
    ),
    "the longest body is a setting": (
        "procura/test_reasons.py::test_the_longest_body_is_a_setting",
    ),
    "a day may be given as any unambiguous time": (
        "elements/test_days.py::test_a_day_of_elements",
        "elements/test_days.py::test_every_body_error_tells_of_the_way_past_the_checks",
    ),
    "a journal's entry begins on its own line, whole, or nothing leaves": (
        "test_journal.py::test_an_entry_after_a_torn_line_is_kept",
        "test_journal.py::test_with_a_journal_on_a_full_disk_nothing_leaves",
        "test_journal.py::test_a_journal_that_takes_half_an_entry_keeps_none_of_it",
    ),
    # -- safe create
    "a case that is stored late is filed once": (
        "procura/test_procura_late.py::test_what_is_stored_late_is_found_and_not_filed_again",
        (
            "procura/test_procura_late.py::"
            "test_three_hundred_creates_against_a_back_office_that_stores_late"
        ),
        (
            "procura/test_procura_late.py::"
            "test_one_that_is_later_than_all_waits_is_seen_twice_and_never_told_as_done"
        ),
    ),
    "the server's own refusals are refusals at once, an unknown extract among them": (
        "procura/test_procura_late.py::test_a_refusal_in_a_500_is_one_at_once",
        "procura/test_procura_texts.py::test_a_create_that_is_refused_was_not_carried_out",
    ),
    # -- tokens
    "only invalid_grant for that very token drops a refresh token": (
        (
            "tokens/test_token_refusals.py::"
            "test_a_refresh_token_outlives_every_refusal_that_is_not_its_own"
        ),
        "tokens/test_token_refusals.py::test_invalid_grant_ends_a_persons_refresh_token",
    ),
    "a bare 401 says to check the address": (
        (
            "tokens/test_token_refusals.py::"
            "test_a_bare_401_says_first_to_check_the_address_and_invents_no_word"
        ),
    ),
    "an expired token is renewed once, whatever the status": (
        "tokens/test_token_refusals.py::test_an_expired_token_is_renewed_once_however_it_is_told",
    ),
    "a refused token ends no run by itself": (
        "harvest/test_weather.py::test_tokens_that_are_refused_for_seconds_end_no_run",
        "harvest/test_weather.py::test_tokens_that_stay_refused_end_the_run_as_what_they_are",
        "harvest/test_weather.py::test_a_part_that_refuses_every_token_is_a_missing_right",
        (
            "tokens/test_token_lives.py::"
            "test_a_path_that_refuses_every_token_costs_the_others_no_renewals"
        ),
    ),
    "an impossible lifetime is capped": ("test_oauth.py::test_lifetimes",),
    "a setting that was copied with something around it is refused": (
        "test_oauth.py::test_a_setting_that_was_copied_with_something_around_it_is_refused",
    ),
    "credentials may be a mapping, and nothing odd": (
        "test_oauth.py::test_a_mapping_is_taken",
        "test_oauth.py::test_what_is_no_pair_is_no_credentials",
    ),
    "one text is one scope": (
        "test_oauth.py::test_one_text_is_one_scope",
        "test_oauth.py::test_one_text_is_one_scope_of_every_grant",
    ),
    "a token endpoint's date to come back at is obeyed": (
        "tokens/test_token_refusals.py::test_a_token_endpoint_that_names_a_date_is_waited_for",
    ),
    "86,400 seconds are a day": (
        "scheduler/test_scheduler_classify.py::test_the_first_period_in_the_text_decides",
    ),
    # -- nights
    "what a clock that was ahead has fetched is due, and counts in no staleness": (
        "harvest/test_clock_ahead.py::test_what_was_fetched_in_the_future_is_refreshed_now",
        "harvest/test_rolling.py::test_what_a_clock_fetched_that_was_ahead_is_due_whatever_it_says",
        "tokens/test_token_refusals.py::test_a_token_that_was_fetched_in_the_future_is_renewed",
    ),
    "a clock that was ahead locks the quota for one window at most": (
        (
            "scheduler/test_scheduler_quota.py::"
            "test_a_clock_that_was_ahead_when_the_quota_was_counted_locks_for_one_window"
        ),
    ),
    "--until is the wall's time, also in the night the clocks change": (
        "cli/test_cli_budgets.py::test_until_is_what_the_clock_on_the_wall_shows",
    ),
    "a new store takes nothing out of an old log": (
        "harvest/test_store.py::test_a_new_store_takes_nothing_out_of_an_old_log",
        "harvest/test_store.py::test_what_holds_nothing_is_taken_away",
    ),
    "a store is one, whatever path leads to it": (
        "harvest/test_store.py::test_whatever_path_leads_to_a_store_it_is_locked_once",
        "harvest/test_store.py::test_who_looks_through_a_link_sees_what_is_in_the_log",
    ),
    "a lock is released by whoever took it, and only by that one": (
        "test_lock.py::test_whoever_took_it_releases_it_and_nobody_else",
    ),
    "processes that begin one ledger wait for each other, and block no loop": (
        (
            "scheduler/test_scheduler_ledger.py::"
            "test_processes_that_begin_a_file_together_wait_for_each_other"
        ),
        "scheduler/test_scheduler_ledger.py::test_a_held_ledger_is_waited_for_and_the_loop_goes_on",
    ),
    "odd file systems are no reason to lose a token": (
        "tokens/test_token_stores.py::test_a_folder_that_cannot_be_synced_is_no_reason_to_fail",
        "tokens/test_token_stores.py::test_where_no_modes_can_be_set_tokens_are_kept",
        "tokens/test_token_stores.py::test_a_mode_that_cannot_be_mended_is_no_reason_to_fail",
    ),
    "talk that cannot be written ends nothing": (
        "cli/test_cli_streams.py::test_a_harvest_goes_on_when_talk_cannot_be_written",
        "cli/test_cli_streams.py::test_a_full_stderr_changes_no_exit_code",
    ),
    "streams that are missing or full, and no HOME": (
        "cli/test_cli_streams.py::test_streams_that_are_not_there",
        "cli/test_cli_streams.py::test_a_full_stdout_is_told_without_a_traceback",
        "cli/test_cli_streams.py::test_without_a_home_nothing_is_made_in_the_working_directory",
    ),
    "SIGHUP is as SIGTERM": (
        "cli/test_cli_streams.py::test_the_end_of_a_terminal_ends_as_a_termination_does",
        "cli/test_cli_streams.py::test_under_nohup_the_end_of_a_terminal_is_nothing",
    ),
    "a second Ctrl-C leaves a cursor and a resume line": (
        "cli/test_cli_streams.py::test_a_second_ctrl_c_on_a_terminal",
    ),
    "an idle connection of a browser holds no login up": (
        "cli/test_cli_streams.py::test_an_idle_connection_of_the_browser_ends_with_the_page",
    ),
    "texts of servers steer neither terminals nor logs, and name nobody": (
        "cli/test_cli_streams.py::test_nothing_of_a_server_steers_the_terminal_or_the_log",
        "cli/test_cli_streams.py::test_scopes_of_a_server_are_escaped",
        "cli/test_cli_canary.py::test_nothing_of_a_harvest_shows_them",
        "cli/test_cli_canary.py::test_nothing_of_a_call_shows_them",
        "procura/test_procura_canary.py::test_no_call_shows_them",
        "procura/test_procura_canary.py::test_no_harvest_shows_them",
    ),
    "an id that leads elsewhere is none": (
        "procura/test_procura_older.py::test_what_leads_elsewhere_is_no_id_of_a_document",
        "procura/test_procura_client.py::test_ids_that_lead_elsewhere_are_refused",
        "harvest/test_procura_gaps.py::test_a_row_that_names_no_dossier_is_put_aside",
    ),
    "files of people are read whatever mark they begin with, or told by line": (
        "cli/test_cli_settings.py::test_ids_are_read_as_spreadsheets_and_editors_write_them",
        "cli/test_cli_settings.py::test_what_is_no_id_is_told_with_line_and_reason",
        "cli/test_cli_settings.py::test_settings_are_read_whatever_mark_they_begin_with",
        "cli/test_cli_settings.py::test_a_misspelt_table_or_key_is_told",
    ),
    "a rate is never above the one asked for": (
        "cli/test_cli_settings.py::test_a_rate_is_never_above_what_was_asked_for",
        "cli/test_cli_settings.py::test_a_rate_that_makes_no_sense_is_refused",
        "cli/test_cli_settings.py::test_five_point_nought_is_five",
    ),
    "proxies as curl has them": (
        "test_proxies.py::test_the_variables",
        "test_proxies.py::test_what_goes_without",
        "test_proxies.py::test_socks_is_told",
    ),
    "events begin on their own line": (
        "cli/test_cli_events.py::test_events_after_a_torn_line_begin_on_their_own",
    ),
    "leftovers of a dead export are taken away": (
        "export/test_export_folder.py::test_what_a_killed_one_left_is_taken_away",
        "export/test_export_folder.py::test_one_that_is_under_way_is_left_alone",
    ),
    "a flipped bit is noticed": (
        "export/test_damage.py::test_a_flipped_bit_is_told_by_status",
        "export/test_damage.py::test_an_export_is_not_made_of_damaged_bodies",
        "export/test_damage.py::test_a_refresh_puts_it_right",
    ),
    "a pilot that did as told exits 0": (
        (
            "cli/test_cli_budgets.py::"
            "test_a_pilot_that_did_as_told_exits_0_and_its_resume_leads_to_the_rest"
        ),
    ),
    "a full disk: path, cause, room, one exit code": (
        (
            "cli/test_cli_durability.py::"
            "test_wherever_the_disk_takes_no_more_path_cause_and_room_are_told_by_one_code"
        ),
    ),
    "all that is missing at once": (
        "cli/test_cli_settings.py::test_all_that_is_missing_is_told_at_once",
    ),
    "errors travel": (
        "test_errors_travel.py::test_every_class_survives",
        "test_errors_travel.py::test_every_class_comes_out_of_a_process_pool",
        "test_errors_travel.py::test_every_class_comes_out_of_a_multiprocessing_pool",
    ),
    "statements name their placeholders": (
        "test_promises.py::test_no_statement_of_sqlite_numbers_its_placeholders",
    ),
    # -- Procura's server
    "S2: two cases under one reference are told as such": (
        "procura/test_procura_texts.py::test_an_ambiguous_reference_is_told_as_such",
        (
            "procura/test_procura_late.py::"
            "test_two_at_once_under_one_reference_are_both_stored_by_such_a_back_office"
        ),
    ),
    "S3: bodies that the server takes": (
        "procura/test_procura_bodies.py::test_every_case_takes_what_the_server_sets_itself",
        "procura/test_procura_bodies.py::test_fields_that_the_server_reads",
        "procura/test_procura_bodies.py::test_fields_that_the_server_reads_and_ignores",
        "procura/test_procura_bodies.py::test_what_the_server_takes_and_drops_is_warned_of",
        (
            "procura/test_procura_bodies.py::"
            "test_bounds_of_a_period_with_an_offset_lose_it_as_the_server_does"
        ),
    ),
    "S3: read, change, send back": (
        "procura/test_procura_bodies.py::test_the_record_that_get_gave_is_a_body",
        "procura/test_procura_bodies.py::test_the_json_that_get_gave_is_a_body",
    ),
    "S4: every text means what it means": (
        "procura/test_procura_texts.py::test_a_text_that_refuses",
        "procura/test_procura_texts.py::test_another_kind_of_dossier",
        "procura/test_procura_texts.py::test_the_back_office_proves_nothing",
    ),
    "S5: a dossier whose detail cannot be read keeps its row": (
        (
            "harvest/test_procura_gaps.py::"
            "test_s5_a_dossier_whose_detail_cannot_be_read_keeps_its_row_and_is_exported"
        ),
    ),
    "S5: an id of the server has any length": (
        "harvest/test_procura_gaps.py::test_s5_a_long_document_id_does_not_lose_the_list",
        "procura/test_procura_older.py::test_a_document_is_downloaded_by_the_id_that_add_returned",
        "procura/test_procura_older.py::test_what_people_type_has_a_longest_length",
    ),
    "S5: only a commitment is cancelled as one": (
        "procura/test_procura_cancel.py::test_a_case_of_another_kind_is_not_cancelled",
        "procura/test_procura_cancel.py::test_the_look_can_be_skipped",
    ),
    "S5: a lost import, and a case known by its row alone": (
        "procura/test_procura_cancel.py::test_a_lost_import_hints_at_no_collection",
        "procura/test_procura_create.py::test_a_case_that_the_server_cannot_tell_is_still_found",
    ),
    "S5: --last is the server's day": (
        "cli/test_cli_procura.py::test_the_last_day_is_today_in_the_netherlands",
    ),
    "S5: info of an older server": (
        "procura/test_procura_older.py::test_before_1_0_22_the_version_is_told_to_a_token_only",
        "procura/test_procura_older.py::test_since_then_to_everybody",
    ),
    "S5: the sandbox answers as the server": (
        "sandbox_procura/test_sandbox_procura_cases.py::test_what_is_taken",
        "sandbox_procura/test_sandbox_procura_cases.py::test_what_is_refused",
        "sandbox_procura/test_sandbox_procura_search.py::test_searches_that_fail",
        (
            "sandbox_procura/test_sandbox_procura_search.py::"
            "test_a_row_that_cannot_be_converted_breaks_every_search_that_finds_it"
        ),
        "sandbox_procura/test_sandbox_procura_weather.py::test_late_commit",
    ),
}


@functools.cache
def functions_in(file: str) -> set[str]:
    """The test functions of a file."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {each.name for each in tree.body if isinstance(each, functions)}


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_has_its_tests(promise: str) -> None:
    for each in PROMISES[promise]:
        file, _, name = each.partition("::")
        assert name in functions_in(file), each


def test_no_statement_of_sqlite_numbers_its_placeholders() -> None:
    """From Python 3.12.1 on, ``?1`` with a sequence of values is deprecated."""
    package = TESTS.parent / "elements_procura"
    for path in package.rglob("*.py"):
        texts = [
            each.value
            for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        assert not [each for each in texts if any(f"?{digit}" in each for digit in "123")], path
