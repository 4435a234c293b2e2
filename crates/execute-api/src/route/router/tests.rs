use definition::method::HttpMethod::{self, Any, Get, Options, Post};
use proptest::prelude::*;

use super::*;

fn router(routes: &[(&str, HttpMethod)]) -> Router {
    let mut tree = Router::new();
    for (number, (path, method)) in routes.iter().enumerate() {
        tree.insert(path, *method, number);
    }
    tree
}

fn parameters(pairs: &[(&str, &str)]) -> PathParameters {
    PathParameters(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

#[test]
fn parameters_are_bound_raw_in_template_order() {
    let router = router(&[("/a/{x}/b/{y}", Get), ("/a/{x}/{rest+}", Get)]);
    let found = router.find("/a/1%2F/b/2", Get).expect("a match");
    assert_eq!((found.method, found.path_parameters), (0, parameters(&[("x", "1%2F"), ("y", "2")])));
    let found = router.find("/a/1/b/2/c/", Get).expect("a match");
    assert_eq!((found.method, found.path_parameters), (1, parameters(&[("x", "1"), ("rest", "b/2/c")])));
}

#[test]
fn an_exact_method_beats_any() {
    let router = router(&[("/x", Any), ("/x", Post)]);
    assert_eq!(router.find("/x", Post).map(|found| found.method), Some(1));
    assert_eq!(router.find("/x", Options).map(|found| found.method), Some(0));
}

/// The specification's rules without a tree: all fitting templates, compared part by part.
fn reference(routes: &[(String, HttpMethod)], path: &str, method: HttpMethod) -> Option<usize> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<&str> = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
    let rank = |template: &str| -> Option<Vec<u8>> {
        let parts: Vec<&str> = template.split('/').filter(|part| !part.is_empty()).collect();
        let mut ranks = Vec::new();
        for (position, part) in parts.iter().enumerate() {
            match Segment::parse(part)? {
                Segment::Static(text) if segments.get(position) == Some(&text) => ranks.push(0),
                Segment::Parameter(_) if segments.get(position).is_some_and(|text| !text.is_empty()) => ranks.push(1),
                Segment::Static(_) | Segment::Parameter(_) => return None,
                Segment::Greedy(_) => {
                    ranks.push(2);
                    let rest = segments.get(position..)?.join("/");
                    return (position + 1 == parts.len() && !rest.is_empty()).then_some(ranks);
                }
            }
        }
        (parts.len() == segments.len()).then_some(ranks)
    };
    let fitting = routes.iter().enumerate().filter(|(_, (_, known))| *known == method || *known == Any);
    let ranked =
        fitting.filter_map(|(number, (template, known))| Some((rank(template)?, u8::from(*known == Any), number)));
    ranked.min().map(|(_, _, number)| number)
}

fn template() -> impl Strategy<Value = String> {
    let part = prop_oneof![Just("a"), Just("b"), Just("{x}")];
    (proptest::collection::vec(part, 0..4), any::<bool>()).prop_map(|(parts, greedy)| {
        let tail = if greedy { "/{rest+}" } else { "" };
        format!("/{}{tail}", parts.join("/")).replacen("//", "/", 1)
    })
}

proptest! {
    #[test]
    fn the_tree_finds_what_the_rules_say(
        routes in proptest::collection::btree_set((template(), prop_oneof![Just(Get), Just(Post), Just(Any)]), 0..12),
        path in "(/(a|b|c|))*/?",
        method in prop_oneof![Just(Get), Just(Post), Just(Options)],
    ) {
        let routes: Vec<(String, HttpMethod)> = routes.into_iter().collect();
        let borrowed: Vec<(&str, HttpMethod)> = routes.iter().map(|(path, method)| (path.as_str(), *method)).collect();
        let found = router(&borrowed).find(&path, method).map(|found| found.method);
        prop_assert_eq!(found, reference(&routes, &path, method));
    }

    #[test]
    fn no_path_makes_the_search_fail(path in "\\PC*") {
        let _ = router(&[("/{x}/{y}", Get), ("/{rest+}", Any)]).find(&path, Get);
    }
}
