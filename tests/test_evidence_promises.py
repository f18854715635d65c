"""Promises about what is believed, each with the tests that hold it, as in ``test_promises``.

E: what an answer proves. H: what a harvest believes, spends and hands on. S1: Procura's search.
"""

import pytest

from tests.test_promises import functions_in

INVENTED = "elements/test_invented_answers.py::test_what_a_typed_read_makes_of_invented_answers"
BY_PROCURA = "procura/test_procura_evidence.py"
EVIDENCE = "test_evidence.py"
LOSSES = "harvest/test_losses.py"
ONE_BAD_NIGHT = f"{LOSSES}::test_h1_after_one_bad_night_all_is_kept_told_and_no_lesson"
BAD_NIGHTS = "cli/test_cli_bad_nights.py::test_h1_one_bad_night_empties_nothing"
DOUBT, LOOKS = "harvest/test_doubt.py", "harvest/test_looks.py"
LISTING, BAD_ROWS = "harvest/test_listing.py", "harvest/test_bad_rows.py"
TYPING, WIRE = "elements/test_open_typing.py", "test_wire.py"
WEATHER = "harvest/test_weather.py"
AWAY = f"{WEATHER}::test_e4_a_server_away_for_a_while_costs_nothing"
LONGER = f"{WEATHER}::test_e4_away_for_longer_than_the_patience"
WHOLE, SELF_LINKS = "elements/test_whole_downloads.py", "elements/test_self_links.py"
NIGHTS, BEGUN = "harvest/test_nights.py", "harvest/test_begun.py"
NARROWING, GAPS = "procura/test_procura_narrowing.py", "harvest/test_procura_gaps.py"
WALK = "procura/test_procura_walk.py"
PROMISES: dict[str, tuple[str, ...]] = {
    # -- E1: a 200 that is not the record
    "E1: an error, a message or nothing with 200 is no record": (
        INVENTED,
        f"{EVIDENCE}::test_what_proves_nothing",
        f"{BY_PROCURA}::test_what_is_no_case_is_an_error",
        f"{EVIDENCE}::test_an_error_is_no_empty_list_and_no_record_that_nothing_names",
    ),
    "E1: and in a harvest it replaces nothing": (
        BAD_NIGHTS,
        f"{EVIDENCE}::test_a_record_that_holds_nothing",
        f"{EVIDENCE}::test_a_case_that_holds_nothing",
    ),
    "E1: another id is not the one asked for": (
        INVENTED,
        f"{EVIDENCE}::test_another_resources_answer",
        f"{BY_PROCURA}::test_a_case_is_known_by_its_id_or_a_reference",
    ),
    "E1: a dossier without links keeps what is below it": (
        f"{LOSSES}::test_h1_a_record_without_any_links_keeps_what_hangs_on_it",
        f"{LOSSES}::test_h1_links_that_name_nothing_are_none",
        f"{LOSSES}::test_h1_a_product_whose_sort_is_odd_keeps_its_page",
    ),
    "E1: and on a first harvest what is documented is asked for": (
        f"{LOSSES}::test_e1_a_first_harvest_of_dossiers_without_links_asks_for_what_is_documented",
    ),
    "E1: what is told of a picture is a record, or an error": (
        "elements/test_downloads.py::test_e1_what_is_told_of_a_picture_is_proven_or_an_error",
    ),
    # -- E2: lists
    "E2: a list of PHP is a list: of a collection": (INVENTED, f"{EVIDENCE}::test_rows"),
    "E2: a list of PHP is a list: that is streamed": (
        INVENTED,
        f"{LISTING}::test_whatever_a_list_is_written_as",
    ),
    "E2: a list of PHP is a list: inside a record": (
        f"{TYPING}::test_e2_a_list_with_a_gap_inside_a_record",
        f"{TYPING}::test_e2_one_record_of_a_list_with_a_gap",
    ),
    "E2: a list of PHP is a list: of faults": (f"{EVIDENCE}::test_the_vendors_objections",),
    "E2: an empty map is an empty list, given a right self link": (INVENTED,),
    "E2: a row without a usable id is put aside, and the others go on": (
        f"{LISTING}::test_a_row_without_a_usable_id_is_put_aside_and_the_others_go_on",
        f"{LISTING}::test_a_row_that_is_no_record_is_put_aside",
        f"{BAD_ROWS}::test_e2_a_row_without_a_usable_id_costs_only_itself",
        f"{BAD_ROWS}::test_e2_what_is_stored_stays_until_the_row_has_an_id_again",
        "harvest/test_bytes.py::test_a_document_without_an_id_hides_no_other",
        f"{GAPS}::test_a_row_that_names_no_dossier_is_put_aside",
    ),
    "E2: a right self link makes a missing list an empty one": (
        INVENTED,
        f"{EVIDENCE}::test_what_was_asked_for",
    ),
    "E2: without one, nothing is an empty list": (
        INVENTED,
        f"{EVIDENCE}::test_what_proves_nothing",
        f"{NARROWING}::test_what_is_no_search_result_is_never_an_empty_one",
        f"{EVIDENCE}::test_what_is_no_list_as_a_whole_answer",
        f"{EVIDENCE}::test_what_is_said_in_the_place_of_a_list_is_no_list",
        f"{EVIDENCE}::test_rows_under_another_name_make_no_empty_list",
    ),
    "E2: a part is no whole, and nothing counts as deleted by it": (
        INVENTED,
        f"{EVIDENCE}::test_a_list_that_says_there_is_more",
        f"{EVIDENCE}::test_a_list_that_does_not",
        f"{LISTING}::test_a_listing_that_says_there_is_more_has_a_gap",
        f"{BY_PROCURA}::test_a_page_holds_the_rows_that_it_counts",
        "harvest/test_weather_property.py::test_elements_in_any_weather",
        f"{EVIDENCE}::test_a_header_that_says_there_is_more",
        f"{EVIDENCE}::test_a_header_that_does_not",
        f"{EVIDENCE}::test_a_page_that_says_there_is_more",
        "procura/test_procura_searching.py::test_a_page_that_was_cut",
    ),
    "E2: a listing needs ids and digests of rows, no more": (
        f"{LISTING}::test_nothing_but_the_id_of_a_row_can_fail_a_listing",
        f"{LISTING}::test_the_digest_tells_a_change_and_no_other_spelling",
        f"{GAPS}::test_one_odd_field_of_a_row_does_not_keep_its_dossier_out",
    ),
    "E2: a query travels": (
        "elements/test_links.py::test_e2_the_query_of_a_read_travels_and_shows_nowhere",
        f"{BY_PROCURA}::test_the_query_of_an_address_travels",
    ),
    # -- E3: one odd field
    "E3: an odd date, amount, flag or text costs itself": (
        f"{TYPING}::test_e3_an_odd_value_leaves_none_and_stays_in_extra",
        f"{TYPING}::test_any_leaf_may_be_anything_and_costs_no_other",
        "harvest/test_drift.py::test_e3_what_does_not_fit_is_counted_by_its_path",
    ),
    "E3: so does an odd relation": (
        f"{TYPING}::test_e3_a_relation_that_is_no_record",
        f"{TYPING}::test_e3_a_relation_that_is_no_list",
    ),
    "E3: strict are ids, lists and records": (
        f"{TYPING}::test_ids_are_strict",
        f"{TYPING}::test_lists_and_records_within_are_strict",
    ),
    "E3: the 19 that are shown only as null are anything": (
        f"{TYPING}::test_e3_the_fields_that_the_documentation_shows_only_as_null_are_these",
        f"{TYPING}::test_e3_what_is_shown_only_as_null_is_kept_as_it_came",
    ),
    "E3: a calendar day is the day as written, and midnight in Amsterdam is its day": (
        f"{WIRE}::test_calendar_dates",
        f"{WIRE}::test_dates_are_the_same_wherever_the_program_runs",
        f"{TYPING}::test_a_calendar_day_and_an_instant_in_a_record",
    ),
    "E3: what is behind a day does not fit": (f"{WIRE}::test_what_is_no_calendar_day",),
    "E3: instants with and without an offset compare": (
        f"{WIRE}::test_all_instants_compare_and_equal_themselves_when_they_come_back",
    ),
    "E3: long integers are the digits that came, both ways alike": (
        f"{TYPING}::test_e3_long_integers_in_texts_are_the_digits_that_came",
        "test_json.py::test_e3_a_long_integer_keeps_its_digits_wherever_it_begins",
        "elements/test_stream.py::test_e3_long_integers_in_texts_are_the_same_whole_and_row_by_row",
        f"{BY_PROCURA}::test_long_integers_keep_their_digits",
    ),
    "E3: 300 levels in an unknown field end no export": (
        "export/test_export_misfits.py::test_e3_300_levels_in_an_unknown_field_end_no_export",
    ),
    "E3: a thousand levels end no erasure, disclosure or report of drift": (
        "rights/test_deep_bodies.py::test_whom_was_erased_is_left_out_however_deep",
        "rights/test_deep_bodies.py::test_it_is_disclosed_as_its_text",
    ),
    "E3: half a character costs itself": (
        "test_half_characters.py::test_half_a_character_is_replaced_and_nothing_else",
        "test_half_characters.py::test_it_is_drift_by_its_place_and_breaks_nothing",
    ),
    "E3: depth and size have caps in a stream": (
        f"{LISTING}::test_a_row_that_is_too_much_is_put_aside",
        f"{LISTING}::test_brackets_without_an_end_take_no_memory_and_are_no_listing",
    ),
    "E3: a byte order mark is ignored, before a token as well": (
        INVENTED,
        "test_oauth.py::test_e3_a_byte_order_mark_before_a_token_is_ignored",
        "tokens/test_token_refusals.py::test_an_expired_token_is_renewed_once_however_it_is_told",
    ),
    # -- E4: outages
    "E4: refusals of a while are no facts": (
        AWAY,
        f"{WEATHER}::test_a_burst_of_refusals_that_is_over_before_the_control_is_no_fact",
        "harvest/test_triage.py::test_one_of_many_refusals_in_a_row_is_asked_for_once_more",
    ),
    "E4: a withdrawn right is no fact about the data": (
        ONE_BAD_NIGHT,
        BAD_NIGHTS,
        f"{LOSSES}::test_h1_a_missing_right_is_told_until_it_is_acknowledged_and_grows",
        f"{WEATHER}::test_a_refusal_that_ends_between_two_controls_is_no_missing_right",
    ),
    "E4: pages with 200 or 400 for a while convict nobody": (AWAY, LONGER),
    "E4: all wait together, and nothing is convicted": (
        AWAY,
        f"{WEATHER}::test_while_the_server_is_away_only_probes_leave",
        f"{WEATHER}::test_a_dossier_that_is_broken_anyway_is_put_aside_in_an_outage",
        "cli/test_cli_weather.py::test_e4_a_server_that_comes_back_is_waited_for_and_told_of",
    ),
    "E4: away for longer than the patience is 5, and resumable": (
        LONGER,
        "cli/test_cli_weather.py::test_e4_a_server_that_is_not_there",
    ),
    "E4: names that are not found are weather once anything was answered": (AWAY, LONGER),
    "E4: a cut picture is tried again": (
        f"{WHOLE}::test_what_is_kept",
        f"{WHOLE}::test_what_is_not",
        f"{WHOLE}::test_a_harvests_picture_is_compared_with_what_was_told_before",
        f"{WHOLE}::test_what_is_no_picture",
        f"{WHOLE}::test_a_part_that_tells_the_whole_size_is_no_picture",
    ),
    "E4: a stray answer is nobody's": (
        f"{SELF_LINKS}::test_what_carries_nothing_to_recognise_it_by_has_its_own_connection",
        f"{SELF_LINKS}::test_without_a_matching_id_it_is_refused",
        f"{EVIDENCE}::test_a_stray_answer_is_one_however_its_self_link_is_written",
    ),
    "E4: a stop reaches a listing": (f"{WEATHER}::test_e4_a_stop_reaches_a_listing_that_drips",),
    # -- E5
    "E5: nothing is erased by a status alone": (
        BAD_NIGHTS,
        f"{DOUBT}::test_few_losses_are_believed_and_erased_after_a_second_look",
        "harvest/test_weather_property.py::test_elements_in_any_weather",
        "harvest/test_weather_property.py::test_procura_in_any_weather",
    ),
    "E5: what is not deleted by evidence is exported, as listed if need be": (
        "export/test_export_listed.py::test_e5_every_dossier_is_in_an_export",
        (
            "cli/test_cli_bad_nights.py::"
            "test_e5_dossiers_that_are_broken_from_the_first_are_exported_as_listed"
        ),
        f"{GAPS}::test_s5_a_dossier_whose_detail_cannot_be_read_keeps_its_row_and_is_exported",
    ),
    # -- H1: one bad night
    "H1: maintenance, 403, 404, missing links, empty collections": (
        ONE_BAD_NIGHT,
        BAD_NIGHTS,
        f"{BAD_ROWS}::test_a_collection_of_nulls_is_an_empty_one",
    ),
    "H1: missing or renamed links are breaking drift": (
        f"{LOSSES}::test_h1_links_that_are_missing_or_renamed_are_breaking_drift",
    ),
    "H1: every doubt names the option that settles it; the policy learns nothing": (
        BAD_NIGHTS,
        ONE_BAD_NIGHT,
    ),
    "H1: erasing takes two looks at least 20 hours apart": (
        f"{DOUBT}::test_few_losses_are_believed_and_erased_after_a_second_look",
        f"{DOUBT}::test_a_clock_that_was_ahead_makes_no_second_look",
        f"{LOOKS}::test_one_adviser_that_leaves_is_erased_after_the_second_look",
    ),
    "H1: a small doubt ends by itself at the second look": (
        f"{LOSSES}::test_h1_a_small_firms_four_real_deletions_end_their_doubt",
        f"{DOUBT}::test_a_small_doubt_ends_with_the_second_look",
        f"{DOUBT}::test_h1_a_doubt_ends_by_a_look_and_not_by_growing_smaller",
        f"{DOUBT}::test_h1_a_doubt_of_which_some_are_found_again_needs_two_looks_anew",
    ),
    "H1: no doubt waits for a look that nothing can take": (
        f"{LOOKS}::test_a_dossier_that_is_deleted_takes_the_doubts_about_it_along",
        f"{LOOKS}::test_a_collection_that_is_gone_takes_the_doubts_below_it_along",
        f"{LOOKS}::test_advisers_that_leave_for_good_end_their_doubt_at_the_second_look",
        f"{LOOKS}::test_advisers_of_deleted_dossiers_are_looked_for_by_the_listing",
    ),
    "H1: and what is lost with something doubted waits for that": (
        f"{DOUBT}::test_what_is_lost_with_something_doubted_is_not_believed_before_it",
        f"{LOOKS}::test_what_is_lost_beside_something_doubted_waits_for_it",
        f"{LOOKS}::test_what_hangs_on_a_doubted_collection_waits_for_it_however_often_it_is_looked_at",
        f"{LOOKS}::test_no_look_is_a_pass_that_could_not_read_what_leads_there",
    ),
    "H1: 30 % are doubted, told, accepted, gone": (
        (f"{LOSSES}::test_h1_a_real_deletion_of_30_percent_is_doubted_accepted_gone_and_erased"),
    ),
    "H1: three a run do not creep past": (
        f"{LOSSES}::test_h1_three_losses_a_run_do_not_creep_past",
        f"{DOUBT}::test_h1_three_wrong_losses_a_run_over_twenty_runs_do_not_creep_past",
    ),
    # -- H2 to H6
    "H2: every night has all of its share": (
        f"{NIGHTS}::test_h2_every_night_has_all_of_its_share",
        f"{NIGHTS}::test_h2_a_run_ends_in_time_and_plans_for_that_time",
        f"{NIGHTS}::test_h2_where_nothing_is_free_in_time_a_refresh_ends_at_once",
        f"{NIGHTS}::test_h2_wait_goes_on_day_after_day_in_one_run",
    ),
    "H3: shared data is in the plan": (
        f"{BEGUN}::test_h3_shared_contact_data_is_in_the_plan_of_a_refresh",
    ),
    "H3: a tenth of the quota ends no run with an error": (
        f"{NIGHTS}::test_h2_a_night_of_a_quota_that_is_smaller_than_the_share",
    ),
    "H3: what is begun is finished first": (
        f"{BEGUN}::test_h3_a_small_budget_over_many_dossiers_completes_some",
        f"{BEGUN}::test_h3_what_another_run_has_begun_is_finished_first",
    ),
    "H3: pictures come when asked for, and a 404 is remembered": (
        "harvest/test_missing.py::test_h3_a_picture_that_was_not_there_is_asked_for_again_after_weeks",
        "harvest/test_engine.py::test_no_picture_is_asked_for_unless_it_is_wanted",
    ),
    "H4: another dossier's path is tried, at most two a day, and no 200 gives way to a 403": (
        f"{DOUBT}::test_h4_another_dossiers_path_is_tried_before_shared_data_is_lost",
        f"{DOUBT}::test_h4_at_most_two_others_are_tried_a_day",
    ),
    "H4: none of a kind whose 404 is usual": (
        "harvest/test_missing.py::test_h3_a_picture_that_was_not_there_is_asked_for_again_after_weeks",
    ),
    "H5: changes that are none": (
        f"{DOUBT}::test_h5_what_is_asked_for_by_another_dossiers_path_has_not_changed",
        f"{DOUBT}::test_links_count_by_name_only",
    ),
    "H5: an upgraded store shows no change": (
        f"{DOUBT}::test_the_version_before_is_brought_up_and_loses_nothing",
        "harvest/test_rolling.py::test_a_store_of_the_first_schema_is_brought_up_and_refreshed",
    ),
    "H5: a self link that differs costs its own connection, and is told once": (
        f"{SELF_LINKS}::test_only_the_connection_it_came_on_is_dropped",
        f"{SELF_LINKS}::test_a_servers_manner_costs_one_request_and_is_told_once",
    ),
    "H6: what is purged is in no file, however SQLite was compiled": (
        f"{LOSSES}::test_h6_what_is_purged_is_in_no_file",
    ),
    # -- S1
    "S1: an unreadable row costs what no filter tells from it": (
        f"{NARROWING}::test_one_unreadable_row_alone_in_its_cell_costs_itself_alone",
        f"{NARROWING}::test_with_two_neighbours_in_all_filters_it_costs_three",
        f"{NARROWING}::test_rows_that_cannot_be_read_in_the_first_last_or_several_days",
        f"{NARROWING}::test_a_relocation_of_unknown_type",
        f"{WALK}::test_only_what_no_filter_tells_from_an_unreadable_row_is_missing",
        f"{WALK}::test_where_every_second_row_is_unreadable_the_rest_is_delivered",
    ),
    "S1: a slow back office delivers everything": (
        f"{NARROWING}::test_a_back_office_whose_time_grows_with_the_rows",
        f"{NARROWING}::test_a_back_office_whose_time_grows_with_the_page_whatever_it_finds",
        f"{WALK}::test_whatever_time_it_takes_everything_is_delivered",
        "procura/test_procura_searching.py::test_why_a_search_fails",
    ),
    "S1: a full answer is never taken as complete": (
        f"{NARROWING}::test_lists_of_php_and_totals_above_the_rows",
        "procura/test_procura_search.py::test_five_thousand_dossiers_all_of_them_once",
    ),
    "S1: texts come first": (f"{NARROWING}::test_a_refusal_is_a_refusal",),
    "S1: a control tells an interruption from a row": (
        f"{NARROWING}::test_a_control_that_fails_is_an_interruption_and_nothing_counts",
        f"{NARROWING}::test_a_server_that_goes_away_while_a_search_is_narrowed",
        f"{GAPS}::test_s1_a_control_that_fails_is_no_gap",
    ),
    "S1: what is known is asked for by its id": (
        f"{GAPS}::test_s1_what_is_known_is_asked_for_by_its_id_and_never_vanishes",
    ),
    "S1: it is told, put aside, exit 3 until acknowledged, and heals": (
        f"{GAPS}::test_s1_a_row_that_cannot_be_read_is_told_the_rest_is_harvested_and_it_heals",
        "cli/test_cli_procura.py::test_a_row_that_cannot_be_read_is_told_until_somebody_has_seen_it",
    ),
    "S1: a page size of one's own": (
        f"{GAPS}::test_a_page_size_of_ones_own",
        "cli/test_cli_procura.py::test_a_page_size_and_a_row_that_cannot_be_read",
    ),
    "S1: ends of a period": (
        f"{NARROWING}::test_ends_that_are_no_dates",
        f"{NARROWING}::test_dates_with_a_time_count_by_the_day_as_it_is_written",
        f"{NARROWING}::test_years_below_1000_have_four_digits",
    ),
}


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_has_its_tests(promise: str) -> None:
    for each in PROMISES[promise]:
        file, _, name = each.partition("::")
        assert name in functions_in(file), each
