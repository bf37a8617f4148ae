"""Attacks on a server as it is by default: for each line of the checklist a test that makes the attack.

    line  attack                              test
       1  another website's request           test_line_1_and_2_another_origin_is_refused
       2  `Origin: null`                      test_line_1_and_2_another_origin_is_refused
       3  Fetch metadata of another site      test_line_3_fetch_metadata_of_another_site_is_refused
       4  a form in place of JSON             test_line_4_forms_and_plain_text_are_refused_from_browsers
       5  a change by GET                     test_line_5_reading_changes_nothing
       6  a foreign name for this machine     test_line_6_another_name_for_this_machine_is_refused
       7  sockets of strangers                test_line_7_sockets_of_other_origins_are_refused
       8  open to the network, no token       test_line_8_the_program_says_so_and_ends
       9  answers that others may read        test_line_9_no_answer_lets_other_origins_read_it
      10  scripts in pages, pages in frames   test_line_10_every_answer_carries_its_rules
      11  the checks behind a reverse proxy   test_the_checks_stay_on
      12  names of files that lead out        test_line_12_no_name_leads_out_of_the_folders
      13  links that lead out                 test_line_13_links_that_lead_out_are_not_followed
      14  archives that unpack elsewhere      test_line_14_no_archive_is_ever_unpacked_into_a_folder
      15  uploads that a browser runs         test_line_15_what_a_browser_could_run_is_saved_not_shown
      16  uploads among code and settings     test_line_12_and_16_uploads_land_below_the_folders_or_nowhere
      17  settings and state as user data     test_line_17_settings_and_state_are_no_user_data
      18  line breaks in settings             test_line_18_names_of_settings_hold_no_line_breaks
      19  prefixes that lead out, probing     test_line_19_no_prefix_of_a_graph_leads_out
      20  programs in pickles                 test_line_20_to_22_files_that_lie_end_in_a_sentence
      21  containers and endings that lie     test_line_20_to_22_files_that_lie_end_in_a_sentence
      22  headers that lie                    test_line_20_to_22_files_that_lie_end_in_a_sentence
      23  another loader beside ours          test_the_package_has_no_other_way_to_unpickle
      24  classes and objects in YAML         test_line_24_a_configuration_beside_a_model_imports_nothing
      25  pictures that unfold                test_line_25_pictures_that_unfold_beyond_all_measure_are_not_drawn
      26  a workflow that is opened           test_line_26_a_workflow_that_is_kept_runs_and_fetches_nothing
      27  texts that become code              test_line_27_no_text_becomes_code
      28  graphs that are too much            test_line_28_circles_are_told_and_never_followed
      29  sizes beyond all measure            test_line_29_sizes_beyond_all_measure_are_refused_before_anything_is_made
      30  markup in texts of graphs           test_line_30_what_a_graph_says_comes_back_as_data
      31  another user's jobs and files       test_line_31_a_users_pictures_are_in_folders_of_his_own
      32  a route that installs               test_line_32_no_route_installs_updates_or_restarts_anything
      33  installing on import                test_line_33_the_package_starts_no_other_program
      35  routes without rules                test_a_route_without_a_rule_answers_nobody
      37  names that are taken                test_line_37_no_node_takes_the_name_of_another
      38  addresses that are not public       test_redirects_to_private_addresses_are_not_followed
      39  requests that are too much          test_line_39_uploads_beyond_the_quota_are_refused_in_words
      40  secrets and folders in answers      test_line_40_and_41_nothing_that_is_secret_is_told_or_written_down
      41  tokens that can be guessed          test_line_41_tokens_are_compared_in_constant_time_and_shown_nowhere
      42  jobs that are more than text        test_line_42_jobs_are_plain_text_and_no_worker_is_elsewhere

Lines 34 and 36 are about code of others before it is loaded; they are tried where node packs are.
"""
