use proptest::prelude::*;

use super::{Case, Pattern};

#[track_caller]
fn check(pattern: &str, case: Case, text: &str, expected: bool) {
    assert_eq!(Pattern::new(pattern, case).matches(text), expected, "{pattern:?} against {text:?}");
}

#[test]
fn a_star_matches_any_run_and_a_question_mark_one_character() {
    check("", Case::Sensitive, "", true);
    check("", Case::Sensitive, "a", false);
    check("*", Case::Sensitive, "", true);
    check("*", Case::Sensitive, "arn:aws:s3:::a/b", true);
    check("a*", Case::Sensitive, "abc", true);
    check("a*", Case::Sensitive, "ba", false);
    check("*a", Case::Sensitive, "aba", true);
    check("a*a", Case::Sensitive, "a", false);
    check("ab*ba", Case::Sensitive, "aba", false);
    check("a?c", Case::Sensitive, "aéc", true);
    check("a?c", Case::Sensitive, "ac", false);
    check("*?", Case::Sensitive, "", false);
    check("*?x*", Case::Sensitive, "xax", true);
    check("*ab*ab*", Case::Sensitive, "xabxab", true);
    check("*ab*ab*", Case::Sensitive, "xabab", true);
    check("*ab*ab*", Case::Sensitive, "xabb", false);
    check("arn:*/prod/GET", Case::Sensitive, "arn:a:b/prod/GET/pets", false);
}

#[test]
fn case_counts_only_where_it_is_asked_for() {
    check("lambda:Invoke*", Case::Insensitive, "LAMBDA:invokefunction", true);
    check("lambda:*function", Case::Insensitive, "Lambda:InvokeFunction", true);
    check("*VOKEf*", Case::Insensitive, "Lambda:InvokeFunction", true);
    check("lambda:Invoke*", Case::Sensitive, "lambda:invokefunction", false);
    check("ab", Case::Insensitive, "é", false);
}

#[test]
fn many_stars_do_not_explode() {
    check(&"a*".repeat(500), Case::Sensitive, &"a".repeat(5_000), true);
    check(&format!("{}b", "*a".repeat(500)), Case::Sensitive, &"a".repeat(5_000), false);
    check(&format!("{}?b", "*a".repeat(500)), Case::Sensitive, &"a".repeat(5_000), false);
}

/// The definition itself, exponential and obviously right.
fn reference(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|skipped| reference(rest, &text[skipped..])),
        Some((wanted, rest)) => {
            text.split_first().is_some_and(|(found, tail)| (wanted == found || *wanted == '?') && reference(rest, tail))
        }
    }
}

proptest! {
    #[test]
    fn agrees_with_the_definition(pattern in "[abé*?]{0,8}", text in "[abé]{0,10}") {
        let characters = |text: &str| text.chars().collect::<Vec<char>>();
        let expected = reference(&characters(&pattern), &characters(&text));
        prop_assert_eq!(Pattern::new(&pattern, Case::Sensitive).matches(&text), expected);
        prop_assert_eq!(Pattern::new(&pattern, Case::Insensitive).matches(&text), expected);
        let shouted = Pattern::new(&pattern.to_ascii_uppercase(), Case::Insensitive);
        prop_assert_eq!(shouted.matches(&text), expected);
    }
}
