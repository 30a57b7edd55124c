//! `usina models history`.

use serde_json::json;

use super::ModelArgs;
use crate::cli::client::{Client, segment};
use crate::cli::error::Failure;
use crate::cli::output;

pub(super) async fn history(client: &Client, args: &ModelArgs) -> Result<(), Failure> {
    let path = format!("/api/v1/models/{}/history", segment(&args.model));
    let history = client.all(&path, "history").await?;
    if args.output.json {
        output::json(&json!({ "history": history }));
        return Ok(());
    }
    output::table(
        &[
            "when",
            "action",
            "version",
            "from",
            "to",
            "in production",
            "by",
            "reason",
        ],
        history.iter().map(|change| {
            vec![
                output::time(&change["at"]),
                output::text(&change["action"]),
                output::text(&change["version"]),
                output::text(&change["from"]),
                output::text(&change["to"]),
                output::text(&change["production_after"]),
                output::text(&change["by"]),
                output::text(&change["reason"]),
            ]
        }),
    );
    Ok(())
}
