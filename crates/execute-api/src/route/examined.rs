//! Which methods a request came near to, and why they do not serve it. Only an explanation asks; the router does not.

use definition::{method::HttpMethod, resource::Segment};

use crate::{
    request::head::RequestHead,
    stage::{LoadedMethod, LoadedStage},
    trace::fact::{RejectedBecause, RejectedRoute, Route, Routing},
};

/// Methods that an explanation names besides the one that serves.
const NEAREST_MAX: usize = 5;

/// How the method of a request was looked for.
pub(crate) fn examined(stage: &LoadedStage, head: &RequestHead, chosen: Option<&LoadedMethod>) -> Routing {
    let path = head.path.below_stage();
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<&str> = if path.is_empty() { Vec::new() } else { path.split('/').collect() };
    let others = stage.methods.iter().filter(|method| !chosen.is_some_and(|chosen| std::ptr::eq(chosen, *method)));
    let mut rejected: Vec<(Nearness, RejectedRoute)> = others
        .map(|method| {
            let (nearness, reason) = compare(method, &segments, head.method.as_str());
            (nearness, RejectedRoute { route: route_of(method), reason })
        })
        .collect();
    rejected.sort_by_key(|(nearness, _)| *nearness);
    Routing {
        http_method: head.method.as_str().to_owned(),
        path: head.path.below_stage().to_owned(),
        is_preflight: head.method == http::Method::OPTIONS && head.headers.contains("access-control-request-method"),
        chosen: chosen.map(route_of),
        rejected: rejected.into_iter().take(NEAREST_MAX).map(|(_, rejected)| rejected).collect(),
    }
}

fn route_of(method: &LoadedMethod) -> Route {
    Route { http_method: method.http_method.as_str().to_owned(), resource_path: method.resource_path.to_string() }
}

/// Orders candidates, the nearest first: segments still to match, then how much the first of them differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Nearness {
    unmatched: usize,
    letters: usize,
}

fn compare(method: &LoadedMethod, segments: &[&str], http_method: &str) -> (Nearness, RejectedBecause) {
    let template: Vec<&str> = method.resource_path.split('/').filter(|part| !part.is_empty()).collect();
    let longest = template.len().max(segments.len());
    for (position, part) in template.iter().enumerate() {
        let unmatched = longest - position;
        let length = || {
            let reason = RejectedBecause::Length { wanted: template.len(), found: segments.len() };
            (Nearness { unmatched, letters: usize::MAX }, reason)
        };
        let Some(found) = segments.get(position) else { return length() };
        match Segment::parse(part) {
            Some(Segment::Greedy(_)) if !segments[position..].join("/").is_empty() => return fits(method, http_method),
            Some(Segment::Parameter(_)) if !found.is_empty() => {}
            Some(Segment::Static(text)) if text == *found => {}
            Some(Segment::Static(text)) => {
                let reason = RejectedBecause::Segment {
                    number: position + 1,
                    wanted: text.to_owned(),
                    found: (*found).to_owned(),
                };
                return (Nearness { unmatched, letters: differing_letters(text, found) }, reason);
            }
            Some(Segment::Greedy(_) | Segment::Parameter(_)) | None => return length(),
        }
    }
    if segments.len() > template.len() {
        let reason = RejectedBecause::Length { wanted: template.len(), found: segments.len() };
        return (Nearness { unmatched: segments.len() - template.len(), letters: usize::MAX }, reason);
    }
    fits(method, http_method)
}

/// The path fits: either the HTTP method does not, or another resource was preferred.
fn fits(method: &LoadedMethod, http_method: &str) -> (Nearness, RejectedBecause) {
    let serves = method.http_method == HttpMethod::Any || method.http_method.as_str() == http_method;
    let reason = if serves { RejectedBecause::LessSpecific } else { RejectedBecause::HttpMethod };
    (Nearness { unmatched: 0, letters: 0 }, reason)
}

/// How many letters two segments differ in, without regard to case: enough to put a slip of the pen first.
fn differing_letters(wanted: &str, found: &str) -> usize {
    let (wanted, found) = (wanted.to_ascii_lowercase(), found.to_ascii_lowercase());
    let same_start = wanted.bytes().zip(found.bytes()).take_while(|(a, b)| a == b).count();
    let ends = wanted.bytes().rev().zip(found.bytes().rev()).take_while(|(a, b)| a == b).count();
    let longest = wanted.len().max(found.len());
    longest.saturating_sub(same_start + ends.min(longest - same_start))
}
