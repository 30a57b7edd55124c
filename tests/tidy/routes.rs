//! Every HTTP handler takes the permit for what it does, so that no route is open by oversight.

use super::rust::{Token, tokens};

/// Handlers that anybody may call: whether the server lives and can serve.
const OPEN: [&str; 2] = ["health", "ready"];

/// Handlers (functions described by `#[utoipa::path(…)]`) that take no `Permit<…>` and are not open on purpose.
pub(crate) fn faults(path: &str, source: &str) -> Vec<String> {
    let tokens = tokens(source);
    handlers(&tokens)
        .into_iter()
        .filter(|handler| !handler.has_permit && !OPEN.contains(&handler.name.as_str()))
        .map(|handler| {
            format!(
                "{path}:{}: {} is a route without a permit; take a Permit<…>",
                handler.line, handler.name
            )
        })
        .collect()
}

struct Handler {
    name: String,
    line: usize,
    has_permit: bool,
}

fn handlers(tokens: &[Token]) -> Vec<Handler> {
    const MARK: [&str; 5] = ["#", "[", "utoipa", "::", "path"];
    (0..tokens.len())
        .filter(|at| {
            tokens[*at..]
                .iter()
                .map(|token| token.text.as_str())
                .take(MARK.len())
                .eq(MARK)
        })
        .filter_map(|at| handler(tokens, after_attributes(tokens, at)))
        .collect()
}

/// One past the attributes that start at `at`: a `fn` inside of them is not the handler.
fn after_attributes(tokens: &[Token], mut at: usize) -> usize {
    while tokens.get(at).is_some_and(|token| token.text == "#") {
        at = closing(tokens, at + 1) + 1;
    }
    at
}

/// The place of the bracket that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

fn handler(tokens: &[Token], at: usize) -> Option<Handler> {
    let function = (at..tokens.len()).find(|at| tokens[*at].text == "fn")?;
    let open = (function..tokens.len()).find(|at| tokens[*at].text == "(")?;
    let name = tokens.get(function + 1)?;
    let given = &tokens[open..closing(tokens, open).min(tokens.len())];
    let has_permit = given
        .windows(2)
        .any(|pair| pair[0].text == "Permit" && pair[1].text == "<");
    Some(Handler {
        name: name.text.clone(),
        line: name.line,
        has_permit,
    })
}

#[cfg(test)]
mod tests {
    use super::faults;

    const PATH: &str = "src/api/v1/models.rs";

    #[test]
    fn a_handler_without_a_permit_is_found() {
        let wrong = [
            "#[utoipa::path(get, path = \"/x\")]\npub async fn list(State(s): State<S>) -> Json<X> { todo() }",
            "#[utoipa::path(post, responses((status = 200, body = Permit<X>)))] #[instrument] async fn list() {}",
            "#[utoipa::path(get)] async fn list() { let x: Permit<A>; }",
            "#[utoipa::path(get)] async fn list(permit: Permit) {}",
        ];
        for source in wrong {
            assert_eq!(faults(PATH, source).len(), 1, "{source}");
        }
        let two = "#[utoipa::path(get)] fn a(_: Permit<R>) {}\n#[utoipa::path(get)] fn b() {}";
        assert_eq!(
            faults(PATH, two),
            [format!(
                "{PATH}:2: b is a route without a permit; take a Permit<…>"
            )]
        );
    }

    #[test]
    fn a_handler_with_a_permit_or_open_on_purpose_is_no_fault() {
        let right = [
            "#[utoipa::path(get)]\n/// Lists.\npub async fn list(_: Permit<ReadModels>, State(s): State<S>) {}",
            "#[utoipa::path(get)] #[axum::debug_handler] async fn list<T>(p: auth::Permit<Read>) {}",
            "#[utoipa::path(get, path = \"/health\")] async fn health() {}",
            "fn helper() {}",
        ];
        for source in right {
            assert_eq!(faults(PATH, source), Vec::<String>::new(), "{source}");
        }
    }
}
