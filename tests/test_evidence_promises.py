"""Promises about what is believed, each with the tests that hold it, as in ``test_promises``.

E: what an answer proves. H: what a harvest believes, spends and hands on. S1: Procura's search.
"""

import pytest

from tests.test_promises import functions_in

INVENTED = "elements/test_invented_answers.py::test_what_a_typed_read_makes_of_invented_answers"
LOSSES = "harvest/test_losses.py::test_h1_after_one_bad_night_all_is_kept_told_and_no_lesson"
BAD_NIGHTS = "cli/test_cli_bad_nights.py::test_h1_one_bad_night_empties_nothing"
AWAY = "harvest/test_weather.py::test_e4_a_server_away_for_a_while_costs_nothing"
NARROWING = "procura/test_procura_narrowing.py"
PROMISES: dict[str, tuple[str, ...]] = {
    # -- E1: a 200 that is not the record
    "E1: an error, or nothing, with 200 is no record, and replaces none": (INVENTED, BAD_NIGHTS),
    "E1: another id is not the one asked for": (
        INVENTED,
        "test_evidence.py::test_what_proves_nothing",
    ),
    "E1: a dossier without links keeps what is below it": (
        "harvest/test_losses.py::test_h1_a_dossier_without_any_links_keeps_what_hangs_on_it",
        (
            "harvest/test_losses.py::"
            "test_e1_a_first_harvest_of_dossiers_without_links_asks_for_what_is_documented"
        ),
    ),
    "E1: a picture that is none": (
        "elements/test_downloads.py::test_e1_what_is_told_of_a_picture_is_proven_or_an_error",
    ),
    # -- E2: lists
    "E2: a list of PHP is a list everywhere": (
        INVENTED,
        "test_evidence.py::test_rows",
        "elements/test_open_typing.py::test_e2_a_list_with_a_gap_inside_a_record",
        "elements/test_open_typing.py::test_e2_one_record_of_a_list_with_a_gap",
        "harvest/test_listing.py::test_whatever_a_list_is_written_as",
        "test_evidence.py::test_the_vendors_objections",
    ),
    "E2: a row without a usable id is put aside, and the others go on": (
        "harvest/test_listing.py::test_a_row_without_a_usable_id_is_put_aside_and_the_others_go_on",
        "harvest/test_listing.py::test_a_row_that_is_no_record_is_put_aside",
        "harvest/test_bad_rows.py::test_e2_a_row_without_a_usable_id_costs_only_itself",
        "harvest/test_bad_rows.py::test_e2_what_is_stored_stays_until_the_row_has_an_id_again",
        "harvest/test_bytes.py::test_a_document_without_an_id_hides_no_other",
    ),
    "E2: a right self link makes a missing list an empty one": (
        INVENTED,
        "test_evidence.py::test_what_was_asked_for",
    ),
    "E2: without one, nothing is an empty list": (
        INVENTED,
        "test_evidence.py::test_what_proves_nothing",
    ),
    "E2: a part is no whole": (
        INVENTED,
        "test_evidence.py::test_a_list_that_says_there_is_more",
        "test_evidence.py::test_a_list_that_does_not",
        "harvest/test_listing.py::test_a_listing_that_says_there_is_more_has_a_gap",
    ),
    "E2: a listing needs ids and digests of rows, no more": (
        "harvest/test_listing.py::test_nothing_but_the_id_of_a_row_can_fail_a_listing",
    ),
    "E2: a query travels": (
        "elements/test_links.py::test_e2_the_query_of_a_read_travels_and_shows_nowhere",
    ),
    # -- E3: one odd field
    "E3: an odd value costs itself": (
        "elements/test_open_typing.py::test_e3_an_odd_value_leaves_none_and_stays_in_extra",
        "elements/test_open_typing.py::test_e3_a_relation_that_is_no_record",
        "elements/test_open_typing.py::test_e3_a_relation_that_is_no_list",
        "elements/test_open_typing.py::test_any_leaf_may_be_anything_and_costs_no_other",
        "harvest/test_drift.py::test_e3_what_does_not_fit_is_counted_by_its_path",
    ),
    "E3: what is shown only as null is anything": (
        "elements/test_open_typing.py::test_e3_what_is_shown_only_as_null_is_kept_as_it_came",
    ),
    "E3: days and instants": (
        "elements/test_open_typing.py::test_a_calendar_day_and_an_instant_in_a_record",
    ),
    "E3: long integers": (
        "elements/test_open_typing.py::test_e3_long_integers_in_texts_are_the_digits_that_came",
        "test_json.py::test_e3_a_long_integer_keeps_its_digits_wherever_it_begins",
    ),
    "E3: depth and size have caps in a stream": (
        "harvest/test_listing.py::test_a_row_that_is_too_much_is_put_aside",
        ("harvest/test_listing.py::test_brackets_without_an_end_take_no_memory_and_are_no_listing"),
        "export/test_export_misfits.py::test_e3_300_levels_in_an_unknown_field_end_no_export",
    ),
    "E3: a byte order mark is ignored": (INVENTED,),
    # -- E4: outages
    "E4: refusals of a while are no facts": (
        AWAY,
        (
            "harvest/test_weather.py::"
            "test_a_burst_of_refusals_that_is_over_before_the_control_is_no_fact"
        ),
        "harvest/test_triage.py::test_one_of_many_refusals_in_a_row_is_asked_for_once_more",
    ),
    "E4: a withdrawn right is no fact about the data": (
        LOSSES,
        "harvest/test_losses.py::test_h1_a_missing_right_is_told_until_it_is_acknowledged_and_grows",
        (
            "harvest/test_weather.py::"
            "test_a_refusal_that_ends_between_two_controls_is_no_missing_right"
        ),
    ),
    "E4: all wait together, and nothing is convicted": (
        AWAY,
        "harvest/test_weather.py::test_a_dossier_that_is_broken_anyway_is_put_aside_in_an_outage",
        "harvest/test_weather.py::test_e4_away_for_longer_than_the_patience",
        "cli/test_cli_weather.py::test_e4_a_server_that_comes_back_is_waited_for_and_told_of",
        "cli/test_cli_weather.py::test_e4_a_server_that_is_not_there",
    ),
    "E4: a cut picture is tried again": (
        "elements/test_whole_downloads.py::test_what_is_kept",
        "elements/test_whole_downloads.py::test_what_is_not",
        (
            "elements/test_whole_downloads.py::"
            "test_a_harvests_picture_is_compared_with_what_was_told_before"
        ),
    ),
    "E4: a stray answer is nobody's": (
        (
            "elements/test_self_links.py::"
            "test_what_carries_nothing_to_recognise_it_by_has_its_own_connection"
        ),
        "elements/test_self_links.py::test_without_a_matching_id_it_is_refused",
        "test_evidence.py::test_a_stray_answer_is_one_however_its_self_link_is_written",
    ),
    "E4: a stop reaches a listing": (
        "harvest/test_weather.py::test_e4_a_stop_reaches_a_listing_that_drips",
    ),
    # -- E5
    "E5: what is not deleted by evidence is exported": (
        "export/test_export_listed.py::test_e5_every_dossier_is_in_an_export",
        (
            "cli/test_cli_bad_nights.py::"
            "test_e5_dossiers_that_are_broken_from_the_first_are_exported_as_listed"
        ),
        "harvest/test_weather_property.py::test_elements_in_any_weather",
        "harvest/test_weather_property.py::test_procura_in_any_weather",
    ),
    # -- H
    "H1: one bad night empties nothing": (
        LOSSES,
        BAD_NIGHTS,
        "harvest/test_bad_rows.py::test_a_collection_of_nulls_is_an_empty_one",
    ),
    "H1: few losses end by themselves, many by a person, and none creep past": (
        "harvest/test_losses.py::test_h1_a_small_firms_four_real_deletions_end_their_doubt",
        (
            "harvest/test_losses.py::"
            "test_h1_a_real_deletion_of_30_percent_is_doubted_accepted_gone_and_erased"
        ),
        "harvest/test_losses.py::test_h1_three_losses_a_run_do_not_creep_past",
        "harvest/test_doubt.py::test_h1_three_wrong_losses_a_run_over_twenty_runs_do_not_creep_past",
    ),
    "H2: every night has all of its share": (
        "harvest/test_nights.py::test_h2_every_night_has_all_of_its_share",
        "harvest/test_nights.py::test_h2_a_run_ends_in_time_and_plans_for_that_time",
        "harvest/test_nights.py::test_h2_where_nothing_is_free_in_time_a_refresh_ends_at_once",
        "harvest/test_nights.py::test_h2_wait_goes_on_day_after_day_in_one_run",
    ),
    "H3: budgets": (
        "harvest/test_begun.py::test_h3_a_small_budget_over_many_dossiers_completes_some",
        "harvest/test_begun.py::test_h3_shared_contact_data_is_in_the_plan_of_a_refresh",
        "harvest/test_missing.py::test_h3_a_picture_that_was_not_there_is_asked_for_again_after_weeks",
        "harvest/test_engine.py::test_no_picture_is_asked_for_unless_it_is_wanted",
    ),
    "H4: another dossier's path is tried": (
        "harvest/test_doubt.py::test_h4_another_dossiers_path_is_tried_before_shared_data_is_lost",
        "harvest/test_doubt.py::test_h4_at_most_two_others_are_tried_a_day",
    ),
    "H5: changes that are none": (
        "harvest/test_doubt.py::test_h5_what_is_asked_for_by_another_dossiers_path_has_not_changed",
        "elements/test_self_links.py::test_only_the_connection_it_came_on_is_dropped",
        "elements/test_self_links.py::test_a_servers_manner_costs_one_request_and_is_told_once",
    ),
    "H6: what is purged is in no file": (
        "harvest/test_losses.py::test_h6_what_is_purged_is_in_no_file",
    ),
    # -- S1
    "S1: an unreadable row costs what no filter tells from it": (
        f"{NARROWING}::test_one_unreadable_row_alone_in_its_cell_costs_itself_alone",
        f"{NARROWING}::test_with_two_neighbours_in_all_filters_it_costs_three",
        f"{NARROWING}::test_rows_that_cannot_be_read_in_the_first_last_or_several_days",
        f"{NARROWING}::test_a_relocation_of_unknown_type",
        (
            "procura/test_procura_walk.py::"
            "test_where_every_second_row_is_unreadable_the_rest_is_delivered"
        ),
        (
            "harvest/test_procura_gaps.py::"
            "test_s1_a_row_that_cannot_be_read_is_told_the_rest_is_harvested_and_it_heals"
        ),
    ),
    "S1: a slow back office delivers everything": (
        f"{NARROWING}::test_a_back_office_whose_time_grows_with_the_rows",
        f"{NARROWING}::test_a_back_office_whose_time_grows_with_the_page_whatever_it_finds",
        "procura/test_procura_walk.py::test_whatever_time_it_takes_everything_is_delivered",
    ),
    "S1: a control tells an interruption from a row": (
        f"{NARROWING}::test_a_control_that_fails_is_an_interruption_and_nothing_counts",
        "harvest/test_procura_gaps.py::test_s1_a_control_that_fails_is_no_gap",
    ),
    "S1: what is known is asked for by its id": (
        "harvest/test_procura_gaps.py::test_s1_what_is_known_is_asked_for_by_its_id_and_never_vanishes",
    ),
    "S1: a page size of one's own": (
        "harvest/test_procura_gaps.py::test_a_page_size_of_ones_own",
        "cli/test_cli_procura.py::test_a_page_size_and_a_row_that_cannot_be_read",
    ),
    "S1: ends of a period": (
        f"{NARROWING}::test_ends_that_are_no_dates",
        f"{NARROWING}::test_years_below_1000_have_four_digits",
    ),
}


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_has_its_tests(promise: str) -> None:
    for each in PROMISES[promise]:
        file, _, name = each.partition("::")
        assert name in functions_in(file), each
