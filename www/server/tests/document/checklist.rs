//! Each item of the document's checklist, and the tests that hold the server to it.

use std::fs;

use crate::shown::part;
use crate::{document, in_repository};

/// How an item begins, and the tests, as `file::function` of this folder's.
const HELD_BY: &[(&str, &[&str])] = &[
    (
        "Sign-in starts a session",
        &[
            "document/examples::sign_in",
            "session::a_sign_in_answers_with_tokens",
        ],
    ),
    (
        "Renewal is a `POST`",
        &[
            "document/examples::renewal",
            "document/duties::each_endpoint_takes_its_method_alone",
        ],
    ),
    (
        "Sign-out is a `POST`",
        &[
            "document/examples::sign_out",
            "document/duties::each_endpoint_takes_its_method_alone",
            "session::any_token_of_the_session_signs_it_out",
            "session::signing_out_again_succeeds",
        ],
    ),
    (
        "Users [see their sessions]",
        &[
            "own_sessions::users_see_their_own_sessions",
            "own_sessions::all_are_ended_or_all_others",
        ],
    ),
    (
        "A change of password ends",
        &["password::it_ends_every_session_and_starts_one_here"],
    ),
    (
        "The browser is [told at once]",
        &[
            "document/examples::events",
            "events::every_way_to_end_a_session_is_told",
        ],
    ),
    (
        "Every answer of these carries",
        &["document/duties::no_answer_may_be_kept_and_none_is_a_redirect"],
    ),
    ("`HttpOnly`, `Secure`,", &["browser::the_cookie_over_tls"]),
    (
        "`Max-Age` is what remains",
        &["session::no_renewal_moves_the_hard_end"],
    ),
    (
        "The value is random",
        &[
            "browser::the_cookie_on_plain_http",
            "database::no_token_and_no_password_reaches_the_disk",
        ],
    ),
    (
        "Each use replaces",
        &[
            "rotation::every_use_gives_another_token",
            "rotation::concurrent_renewals_with_different_keys_are_reuse",
        ],
    ),
    (
        "A used token that is presented again",
        &["rotation::a_used_token_with_another_key_is_reuse"],
    ),
    (
        "The exception is a repeated attempt",
        &[
            "rotation::a_repeated_attempt_is_answered_again",
            "rotation::repeating_after_the_successor_was_presented_is_reuse",
        ],
    ),
    (
        "A refusal does not touch the cookie",
        &["rotation::a_refusal_leaves_the_cookie_alone"],
    ),
    (
        "Each answer carries `Date`",
        &[
            "browser::every_answer_carries_the_servers_date",
            "document/duties::tokens_are_dated_by_the_clock_of_date",
        ],
    ),
    (
        "`expires_in` is",
        &["document/duties::tokens_are_dated_by_the_clock_of_date"],
    ),
    (
        "The session has a hard end",
        &["session::no_renewal_moves_the_hard_end"],
    ),
    (
        "If sessions end for idleness",
        &["idle::a_background_renewal_is_no_activity"],
    ),
    (
        "Roles that may do more",
        &["document/duties::roles_live_as_long_as_is_said"],
    ),
    (
        "Requests that the cookie authenticates",
        &[
            "document/examples::forgery",
            "browser::without_the_csrf_header_nothing_happens",
        ],
    ),
    (
        "An `Origin` that is not",
        &["browser::a_foreign_origin_is_refused"],
    ),
    (
        "It verifies signature",
        &[
            "api::the_api_takes_only_its_own_tokens",
            "api::the_cookie_confers_nothing_on_the_api",
            "api::a_user_ends_their_other_session_at_once",
        ],
    ),
    (
        "A token that is no longer good",
        &["document/examples::api"],
    ),
    ("What is sensitive wants", &["document/examples::step_up"]),
    (
        "Passwords and one-time codes",
        &[
            "attempts::attempts_at_the_same_time_count_too",
            "step_up/codes::guesses_are_limited_whatever_session_makes_them",
        ],
    ),
    (
        "The signing key can be",
        &["operator::a_new_key_signs_while_the_old_one_is_still_good"],
    ),
    (
        "Every sign-in, renewal,",
        &[
            "database::the_audit_trail_tells_what_happened",
            "database::no_token_and_no_password_reaches_the_disk",
        ],
    ),
    (
        "Somebody asks it [the right questions]",
        &[
            "operations/main::every_command_prints_what_the_document_shows",
            "operator_page::it_answers_the_questions_without_script_or_style_of_its_own",
            "alerts::renewals_that_fail",
            "alerts::a_reuse_alarm",
            "commands::an_alert_is_printed_as_a_line_of_json",
        ],
    ),
];

#[test]
fn each_item_is_held_by_a_test() {
    let document = document();
    let items: Vec<_> = part(&document, "## Checklist")
        .lines()
        .filter_map(|line| line.strip_prefix("- [ ] "))
        .collect();
    assert_eq!(items.len(), HELD_BY.len());
    for (item, (beginning, tests)) in items.iter().zip(HELD_BY) {
        assert!(item.starts_with(beginning), "{item}\nis not\n{beginning}");
        for test in *tests {
            let (file, function) = test.split_once("::").unwrap();
            let path = format!("www/server/tests/{file}.rs");
            let code = fs::read_to_string(in_repository(&path)).unwrap();
            let lines: Vec<_> = code.lines().collect();
            let is_test = lines.windows(2).any(|pair| {
                let [attribute, start] = *pair else {
                    return false;
                };
                let start = start.strip_prefix("async ").unwrap_or(start);
                (attribute == "#[test]" || attribute.starts_with("#[tokio::test"))
                    && start == format!("fn {function}() {{")
            });
            assert!(is_test, "there is no {test}");
        }
    }
}
