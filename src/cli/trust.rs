//! `usina trust`: whose bundles are taken in.

use std::path::Path;

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::client::{Client, segment};
use super::error::Failure;
use super::output;
use crate::runtime::config::StoreConfig;
use crate::store::PublicKey;

/// Decide whose bundles are taken in.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  usina trust show > lab.key
  usina trust add lab.key --name \"the lab's machine\"
  usina trust list
  usina trust remove 1f0c…

Every machine signs the bundles that it makes. Another machine takes them in once it trusts the key.")]
pub enum TrustCommand {
    /// Show the key that signs this machine's bundles, for `usina trust add` on another machine.
    Show(ShowArgs),
    /// List the keys that are trusted.
    List(ShowArgs),
    /// Trust a key.
    Add(AddArgs),
    /// Trust a key no more; versions that came before stay.
    Remove(RemoveArgs),
}

/// How it is shown.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina trust show
  usina trust show > lab.key
  usina trust list --json")]
pub struct ShowArgs {
    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which key.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina trust add lab.key
  usina trust add 1f0c… --name \"the lab's machine\"

Make sure that the key is the one that you mean: compare what `usina trust show` says on the other machine.")]
pub struct AddArgs {
    /// The public key, 64 hex digits, or a file that `usina trust show` wrote.
    key: String,
    /// Whose it is.
    #[arg(long)]
    name: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// Which key.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina trust remove 1f0c…
  usina trust remove lab.key")]
pub struct RemoveArgs {
    /// The public key, 64 hex digits, or a file that holds it.
    key: String,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// What stands before the key in what `usina trust show` prints.
const KIND: &str = "usina-ed25519";

/// Does what the command says.
pub async fn run(store: StoreConfig, command: TrustCommand) -> Result<(), Failure> {
    let client = Client::connect_or_make(&store).await?;
    match command {
        TrustCommand::Show(args) => {
            let own = client.get("/api/v1/trust").await?.json()?["own"].clone();
            if args.output.json {
                output::json(&json!({ "key": own }));
            } else {
                output::line(&format!("{KIND} {}", output::text(&own)));
            }
        }
        TrustCommand::List(args) => list(&client, args.output).await?,
        TrustCommand::Add(args) => {
            let key = read_key(&args.key)?;
            let body = json!({ "key": key.to_string(), "name": args.name });
            let trusted = client.post("/api/v1/trust", &body).await?.json()?;
            told(&trusted, "is trusted", args.output);
        }
        TrustCommand::Remove(args) => {
            let key = read_key(&args.key)?;
            let path = format!("/api/v1/trust/{}", segment(&key.to_string()));
            let distrusted = client.delete(&path, &json!({})).await?.json()?;
            told(&distrusted, "is trusted no more", args.output);
        }
    }
    client.close().await
}

fn told(key: &Value, how: &str, output: output::OutputArgs) {
    if output.json {
        output::json(key);
    } else {
        output::line(&format!("{} {how}", output::text(&key["key"])));
    }
}

async fn list(client: &Client, output: output::OutputArgs) -> Result<(), Failure> {
    let trust = client.get("/api/v1/trust").await?.json()?;
    if output.json {
        output::json(&trust);
        return Ok(());
    }
    let own = vec![output::text(&trust["own"]), "this machine".to_owned()];
    let others = output::list(&trust, "keys").iter().map(|key| {
        vec![
            output::text(&key["key"]),
            output::text(&key["name"]),
            output::time(&key["added_at"]),
            output::text(&key["by"]),
        ]
    });
    let own = own.into_iter().chain([String::new(), String::new()]).collect();
    output::table(
        &["key", "name", "added", "by"],
        std::iter::once(own).chain(others),
    );
    Ok(())
}

/// The key that is given, or that stands in the file that is.
fn read_key(given: &str) -> Result<PublicKey, Failure> {
    if let Ok(key) = given.parse() {
        return Ok(key);
    }
    let bad =
        || anyhow!("{given} is neither a public key, 64 lower-case hex digits, nor a file that holds one");
    let path = Path::new(given);
    let size = std::fs::metadata(path).map_err(|_| Failure::input(bad()))?.len();
    if size > 4_096 {
        return Err(Failure::input(bad()));
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{given} cannot be read"))
        .map_err(Failure::Input)?;
    let text = text.trim();
    let key = text.strip_prefix(KIND).unwrap_or(text).trim();
    key.parse().map_err(|_| Failure::input(bad()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_given_as_it_is_or_in_a_file() {
        let key = "ab".repeat(32);
        let folder = tempfile::tempdir().unwrap();
        let file = |text: &str| {
            let file = folder.path().join("lab.key");
            std::fs::write(&file, text).unwrap();
            file.display().to_string()
        };
        assert_eq!(read_key(&key).unwrap().to_string(), key);
        for text in [format!("{KIND} {key}\\n"), format!("{key}\\n")] {
            let text = text.replace("\\n", "\n");
            assert_eq!(read_key(&file(&text)).unwrap().to_string(), key);
        }
        for text in ["", "hello", &key[1..]] {
            assert!(read_key(&file(text)).is_err(), "{text}");
        }
        assert!(read_key("no-such-file").is_err());
    }
}
