use proptest::prelude::*;

use super::*;

fn full(pattern: &str, text: &str) -> bool {
    Pattern::new(pattern).unwrap().is_full_match(text).unwrap()
}

fn replace(pattern: &str, text: &str, replacement: &str) -> String {
    Pattern::new(pattern).unwrap().replace_all(text, replacement).unwrap()
}

fn split<'t>(pattern: &str, text: &'t str, limit: i64) -> Vec<&'t str> {
    Pattern::new(pattern).unwrap().split(text, limit).unwrap()
}

#[test]
fn all_parts_of_a_pattern_share_the_room_of_one() {
    let is_taken = |part: &str, times: usize| Pattern::new(&part.repeat(times)).is_ok();

    assert!(is_taken("(?=\\p{L}{60})", 1));
    assert!(!is_taken("(?=\\p{L}{60})", 60));
    assert!(is_taken("(?<!\\d)(\\d{3})(?=,|$)|[a-z]+(?!x)", 20));
}

#[test]
fn a_full_match_takes_the_whole_text() {
    let cases = [
        ("", "", true),
        ("", "x", false),
        (".*", "one line", true),
        (".*", "two\nlines", false),
        ("(?s).*", "two\nlines", true),
        (".*", "carriage\rreturn", false),
        ("(.|\\n)*error(.|\\n)*", "an\nerror\nhere", true),
        ("a|ab", "ab", true),
        ("Missing.*", "Missing the required greeter parameter.", true),
        (".*parameter", "Missing the required greeter parameter.", false),
        ("4\\d{2}", "404", true),
        ("4\\d{2}", "4045", false),
        ("\\d+", "\u{664}\u{665}", false),
        ("\\w+", "größe", false),
        ("\\Qa.b\\E.", "a.bc", true),
        ("\\Qa.b", "a.b", true),
        ("^abc$", "abc", true),
        ("^abc$", "abc\n", false),
        ("a$|b$", "b", true),
        ("(a$)", "a", true),
        ("a$\\n", "a\n", true),
        ("(?i)ERROR.*", "error: x", true),
        ("(?i:e)X", "EX", true),
        ("(?i:e)X", "Ex", false),
        ("(?=.*a)(?=.*b).*", "b-a", true),
        ("(?!x).*", "xyz", false),
        ("(\\w)\\1", "aa", true),
        ("(?<l>\\w)\\k<l>", "ab", false),
        ("(a)\\12", "aa2", true),
        ("(a)(?<l>b)\\1\\2", "abab", true),
        ("(1)(2)(3)(4)(5)(6)(7)(8)(9)(a)\\10\\11", "123456789aa11", true),
        ("a*+a", "aaa", false),
        ("(?>a*)b", "aab", true),
        ("[a-z&&[^aeiou]]+", "xyz", true),
        ("[a-z&&[^aeiou]]+", "abc", false),
        ("[a[bc]]+", "abc", true),
        ("[]a]+", "a]", true),
        ("[a-]+", "a-a", true),
        ("[\\w.-]+@[\\w-]+", "a.b-c@d-e", true),
        ("[~#\"']+", "~#\"'", true),
        ("\\p{Alpha}+\\p{Punct}", "abc!", true),
        ("\\p{L}+", "größe", true),
        ("\\x41\\u0042\\0103", "ABC", true),
        ("\\s\\S", " x", true),
        ("a\\-b\\/c\\_\"", "a-b/c_\"", true),
        ("(?x) a b # c", "ab", true),
        ("\\bfoo\\b", "foo", true),
        ("a{2,3}?", "aaa", true),
        ("}", "}", true),
        (".*<error>.*", "an <error>", true),
        ("<[^<>]+>", "<a b='c'>", true),
        ("(?=<)<(\\w+)></\\1>", "<b></b>", true),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(full(pattern, text), expected, "{pattern} on {text:?}");
    }
}

#[test]
fn a_search_finds_the_first_match() {
    let find = |pattern: &str, text: &str| Pattern::new(pattern).unwrap().find(text).unwrap();
    assert_eq!(find("b+", "abbc"), Some(1..3));
    assert_eq!(find("c$", "abc\n"), Some(2..3));
    assert_eq!(find("c$", "abc"), Some(2..3));
    assert_eq!(find("\\s+$", "a \n"), Some(1..3));
    assert_eq!(find("x|c$", "abc\r\n"), Some(2..3));
    assert_eq!(find("b$", "ab\nc"), None);
    assert_eq!(find("(?<=b)c$", "abc\n"), Some(2..3));
    assert_eq!(find("\\bé", "é"), None);
    assert_eq!(find("x", "abc"), None);
}

#[test]
fn replacements_refer_to_groups() {
    assert_eq!(replace("(a)(b)?", "abxa", "<$1$2>"), "<ab>x<a>");
    assert_eq!(replace("(a)", "a", "$12"), "a2");
    assert_eq!(replace("(?<n>a)", "a", "${n}!"), "a!");
    assert_eq!(replace("a", "a", "\\$0\\\\"), "$0\\");
    assert_eq!(replace("\\\\'", "it\\'s", "'"), "it's");
    assert_eq!(replace("%2F", "a%2Fb%2F", "/"), "a/b/");
    assert_eq!(replace("", "ab", "-"), "-a-b-");
    assert_eq!(replace("x*", "abc", "-"), "-a-b-c-");
    assert_eq!(replace("(?<=a)b", "abb", "-"), "a-b");
    assert_eq!(replace(".*", "abc", "-"), "--");
    assert_eq!(replace("a*", "baaac", "-"), "-b--c-");
    assert_eq!(replace("\\s*$", "a \n", "-"), "a--");
    assert_eq!(replace("^\\s+|\\s+$", "  a b\n", ""), "a b");
    assert_eq!(replace("$", "a\n", "-"), "a-\n-");
    assert_eq!(replace("$", "a\r\n", "-"), "a-\r\n-");
    assert_eq!(replace("(?=)$", "a\r\n", "-"), "a-\r\n-");
    assert_eq!(replace("\\r$", "a\r\n", "-"), "a\r\n");
    assert_eq!(replace("[^\n]*$", "ab\r\n", "-"), "--\r\n-");
    assert_eq!(replace("(b)(c$)", "abc\n", "<$1$2>"), "a<bc>\n");
    assert_eq!(replace("(c)$", "abc", "$11"), "abc1");
    assert_eq!(replace("z", "abc", "$9"), "abc");
    let refused = Pattern::new("a").unwrap().replace_all("a", "$1");
    assert_eq!(refused, Err(PatternError::Replacement { reason: "no group has that number" }));
    assert!(Pattern::new("a").unwrap().replace_all("a", "$").is_err());
    assert!(Pattern::new("a").unwrap().replace_all("a", "\\").is_err());
    assert_eq!(Pattern::new("a").unwrap().replace_first("aa", "b").unwrap(), "ba");
}

#[test]
fn split_follows_java() {
    assert_eq!(split(",", "a,b,,c,,", 0), ["a", "b", "", "c"]);
    assert_eq!(split(",", "a,b,,c,,", -1), ["a", "b", "", "c", "", ""]);
    assert_eq!(split(",", "a,b,c", 2), ["a", "b,c"]);
    assert_eq!(split(",", ",a", 0), ["", "a"]);
    assert_eq!(split(",", "", 0), [""]);
    assert_eq!(split(",", ",", 0), Vec::<&str>::new());
    assert_eq!(split("", "abc", 0), ["a", "b", "c"]);
    assert_eq!(split("", "abc", -1), ["a", "b", "c", ""]);
    assert_eq!(split("b*", "abc", -1), ["a", "", "c", ""]);
    assert_eq!(split("\\|", "a|b", 0), ["a", "b"]);
    assert_eq!(split("x", "abc", 0), ["abc"]);
    assert_eq!(split(",", "a,b", 1), ["a,b"]);
}

#[test]
fn wrong_patterns_are_refused() {
    for pattern in [
        "(",
        ")",
        "[a",
        "a{",
        "a{x}",
        "*a",
        "\\y",
        "\\",
        "(?<1>a)",
        "\\p{",
        "\\p{NoSuchThing}",
        "(?d)a",
        "\\G",
        "\\x4",
        "(?<l>a)\\k<l+1>",
        "\\k<1>",
    ] {
        assert!(Pattern::new(pattern).is_err(), "{pattern}");
    }
    assert_eq!(Pattern::new(&"a".repeat(PATTERN_BYTES_MAX + 1)).unwrap_err(), PatternError::TooLong);
    assert!(Pattern::new("((a{1000}){1000}){1000}").is_err());
}

#[test]
fn backtracking_is_limited() {
    let pattern = Pattern::new("(?=(a+)+$)(a|aa)+\\1b").unwrap();
    assert_eq!(pattern.find(&"a".repeat(60)), Err(PatternError::TooManySteps));
}

#[test]
fn the_cache_keeps_the_patterns_used_last() {
    let get = |pattern: &str, pay: Result<(), PatternError>| cached(pattern, || pay);
    let first = get("first", Ok(())).unwrap();
    for index in 0..200 {
        get(&format!("p{index}"), Ok(())).unwrap();
        let refused = Err(PatternError::TooManySteps);
        assert!(std::rc::Rc::ptr_eq(&first, &get("first", refused.clone()).unwrap()));
        assert!(get("not compiled yet", refused).is_err());
    }
}

proptest! {
    #[test]
    fn what_is_replaced_by_itself_stays(pattern in r"[ab.*+?$^|()\[\]]{0,8}", text in "[ab\r\n]{0,8}") {
        if let Ok(pattern) = Pattern::new(&pattern) {
            prop_assert_eq!(pattern.replace_all(&text, "$0").unwrap(), text.clone());
            prop_assert!(pattern.split(&text, -1).unwrap().concat().len() <= text.len());
        }
    }

    #[test]
    fn both_engines_see_the_same_end(pattern in r"(([ab.]|\\s|\[\^a\])[*?]?|\|){0,6}", text in "[ab\r\n]{0,8}") {
        let linear = Pattern::new(&format!("{pattern}$")).unwrap();
        let looking = Pattern::new(&format!("(?=){pattern}$")).unwrap();
        prop_assert_eq!(linear.replace_all(&text, "<$0>"), looking.replace_all(&text, "<$0>"));
        prop_assert_eq!(linear.split(&text, 0), looking.split(&text, 0));
    }
}
