//! How long it takes to find a method among ten routes and among a hundred thousand.

use definition::method::HttpMethod;
use execute_api::route::Router;

fn main() {
    divan::main();
}

const ROUTES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];

/// Resources as a large API has them: siblings, each with a parameter and a static segment below.
fn router(routes: usize) -> Router {
    let mut tree = Router::new();
    for route in 0..routes {
        tree.insert(&format!("/resource-{route}/{{id}}/details"), HttpMethod::Get, route);
    }
    tree.insert("/{proxy+}", HttpMethod::Any, routes);
    tree
}

#[divan::bench(args = ROUTES)]
fn find(bencher: divan::Bencher<'_, '_>, routes: usize) {
    let tree = router(routes);
    let path = format!("/resource-{}/a%2Fb/details", routes / 2);
    bencher.bench_local(|| tree.find(divan::black_box(&path), HttpMethod::Get));
}

/// A path that fits a resource of another method, so that the search turns back to the greedy one.
#[divan::bench(args = ROUTES)]
fn find_by_turning_back(bencher: divan::Bencher<'_, '_>, routes: usize) {
    let tree = router(routes);
    let path = format!("/resource-{}/a%2Fb/details", routes / 2);
    bencher.bench_local(|| tree.find(divan::black_box(&path), HttpMethod::Post));
}

#[divan::bench(args = ROUTES, sample_count = 10)]
fn build(routes: usize) -> Router {
    router(routes)
}
