//! `usina data add`: a file becomes a version of a dataset.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use axum::body::Body;
use clap::Args;
use futures_util::stream;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::short;
use crate::base::Name;
use crate::cli::client::{Answer, Client, segment};
use crate::cli::error::Failure;
use crate::cli::output;
use crate::cli::progress::{bytes, shown};
use crate::data::schema::ColumnType;
use crate::data::source::{CsvOptions, Format};
use crate::runtime::config::StoreConfig;

/// What is added.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data add customers customers.csv --target churn
  usina data add rides rides.parquet
  usina data add sites sites.csv.gz --type zip=text --delimiter ';' --missing '?'
  usina data add points points.csv --header no --columns x,y,colour
  zcat events.jsonl.gz | usina data add events - --format jsonl")]
pub struct AddArgs {
    /// The dataset.
    name: Name,
    /// The file: CSV or JSON lines, also packed by gzip, or Parquet; - reads standard input.
    file: PathBuf,
    /// The column that is to be predicted: a table that cannot be learnt from is refused.
    #[arg(long, value_name = "COLUMN")]
    target: Option<String>,
    /// The file's format; told by its first bytes and its name unless it is given.
    #[arg(long, value_name = "csv|jsonl|parquet")]
    format: Option<Format>,
    /// A column's type (number, integer, boolean, category, text, timestamp), which is inferred unless it is
    /// given. May be given several times.
    #[arg(long = "type", value_name = "COLUMN=TYPE", value_parser = typed)]
    types: Vec<(String, ColumnType)>,
    /// CSV: whether the first line names the columns.
    #[arg(long, value_name = "yes|no", value_parser = clap::builder::BoolishValueParser::new(), action = clap::ArgAction::Set, conflicts_with = "csv")]
    header: Option<bool>,
    /// CSV: the columns' names, where no line names them; column_1, column_2 and so on unless given.
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', conflicts_with = "csv")]
    columns: Vec<String>,
    /// CSV: what separates the fields; tab stands for a tab.
    #[arg(long, value_name = "SIGN", value_parser = delimiter, conflicts_with = "csv")]
    delimiter: Option<char>,
    /// CSV: a further spelling of a missing value, beside the usual ones. May be given several times.
    #[arg(long, value_name = "TEXT", conflicts_with = "csv")]
    missing: Vec<String>,
    /// CSV: how the file is to be read, as JSON; the spellings of a missing value are those alone.
    #[arg(long, value_name = "JSON")]
    csv: Option<String>,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// `zip=text`.
fn typed(given: &str) -> Result<(String, ColumnType), String> {
    // A type has no equals sign, a column's name may.
    let (column, kind) = given
        .rsplit_once('=')
        .ok_or_else(|| "expected a column and its type, as in zip=text".to_owned())?;
    let kind = ColumnType::deserialize(kind.into_deserializer()).map_err(|_: serde::de::value::Error| {
        format!("{kind:?} is no type; expected number, integer, boolean, category, text or timestamp")
    })?;
    Ok((column.to_owned(), kind))
}

/// One ASCII character.
fn delimiter(given: &str) -> Result<char, String> {
    let mut signs = given.chars();
    match (given, signs.next(), signs.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(sign), None) if sign.is_ascii() => Ok(sign),
        _ => Err("expected one ASCII character, or tab".to_owned()),
    }
}

impl AddArgs {
    /// What the route is told of the file.
    fn query(&self) -> Result<Vec<(&'static str, String)>, Failure> {
        let mut query = Vec::new();
        query.extend(self.target.clone().map(|target| ("target", target)));
        query.extend(self.format.map(|format| ("format", format.to_string())));
        if !self.types.is_empty() {
            let mut types = BTreeMap::new();
            for (column, kind) in &self.types {
                if types.insert(column, kind).is_some_and(|other| other != kind) {
                    return Err(Failure::input(anyhow!(
                        "--type gives {column} two types; leave one out"
                    )));
                }
            }
            query.push(("types", serde_json::to_string(&types)?));
        }
        match &self.csv {
            Some(csv) => query.push(("csv", csv.clone())),
            None => {
                let usual = CsvOptions::default();
                let csv = CsvOptions {
                    delimiter: self.delimiter.map_or(usual.delimiter, |sign| sign as u8),
                    missing: usual.missing.iter().chain(&self.missing).cloned().collect(),
                    header: self.header.unwrap_or(usual.header),
                    columns: self.columns.clone(),
                    types: BTreeMap::new(),
                };
                if csv != usual {
                    query.push(("csv", serde_json::to_string(&csv)?));
                }
            }
        }
        Ok(query)
    }
}

/// What messages call a file that comes in on standard input.
const STANDARD_INPUT: &str = "standard input";

/// Adds what the command names.
pub(super) async fn run(store: &StoreConfig, args: AddArgs) -> Result<(), Failure> {
    let is_standard_input = args.file.as_os_str() == "-";
    if !is_standard_input {
        check_readable(&args.file).map_err(Failure::Input)?;
    }
    let query = args.query()?;
    let query: Vec<_> = query.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let client = Client::connect_or_make(store).await?;
    let added = if is_standard_input {
        send(
            &client,
            &args.name,
            standard_input()?,
            None,
            STANDARD_INPUT,
            &query,
        )
        .await?
    } else {
        let source = args
            .file
            .file_name()
            .unwrap_or(args.file.as_os_str())
            .to_string_lossy();
        add(&client, &args.name, &args.file, &source, &query).await?
    };
    shown_added(&added.json()?, args.output);
    client.close().await
}

/// Standard input, which may be a terminal, a pipe or a file, as a file.
fn standard_input() -> anyhow::Result<tokio::fs::File> {
    let input = std::io::stdin().as_fd().try_clone_to_owned();
    let input = input.context("standard input cannot be read")?;
    Ok(tokio::fs::File::from_std(input.into()))
}

/// That there is a file that can be read, which is asked before a data folder is made for it.
pub fn check_readable(file: &Path) -> anyhow::Result<()> {
    let unreadable = || format!("{} cannot be read", file.display());
    let metadata = std::fs::metadata(file).with_context(unreadable)?;
    if metadata.is_dir() {
        bail!("{} is a folder; name a file", file.display());
    }
    // A pipe that has a name is opened once: whoever writes to it sees its reader go.
    if metadata.is_file() {
        std::fs::File::open(file).with_context(unreadable)?;
    }
    Ok(())
}

/// Sends a file to the dataset `name`, bit by bit; `query` says more about it.
pub async fn add(
    client: &Client,
    name: &Name,
    file: &Path,
    source: &str,
    query: &[(&str, &str)],
) -> Result<Answer, Failure> {
    let open = tokio::fs::File::open(file).await;
    let open = open
        .with_context(|| format!("{} cannot be read", file.display()))
        .map_err(Failure::Input)?;
    let metadata = open.metadata().await.ok();
    // A pipe that has a name has no length.
    let length = metadata.filter(Metadata::is_file).map(|metadata| metadata.len());
    send(client, name, open, length, source, query).await
}

/// Sends what `reader` gives, and tells of what is doubtful in it.
async fn send(
    client: &Client,
    name: &Name,
    reader: impl AsyncRead + Send + Unpin + 'static,
    length: Option<u64>,
    source: &str,
    query: &[(&str, &str)],
) -> Result<Answer, Failure> {
    let bar = bytes(length);
    let moving = bar.clone();
    let pieces = stream::try_unfold(reader, move |mut reader| {
        let bar = moving.clone();
        async move {
            let mut piece = vec![0; 256 << 10];
            let length = reader.read(&mut piece).await?;
            piece.truncate(length);
            bar.inc(length as u64);
            if length == 0 {
                bar.set_message("storing the rows");
            }
            Ok::<_, std::io::Error>((length > 0).then_some((piece, reader)))
        }
    });
    let mut path = format!(
        "/api/v1/datasets/{}?source={}",
        segment(name.as_str()),
        segment(source)
    );
    for (key, value) in query {
        path.push_str(&format!("&{key}={}", segment(value)));
    }
    // What it is shows in its bytes and its name.
    let upload = client.upload(&path, "application/octet-stream", Body::from_stream(pieces));
    let added = shown(&bar, upload).await?;
    let told = added.json()?;
    for warning in output::list(&told, "warnings") {
        output::note(&format!("{source}: warning: {}", output::text(warning)));
    }
    for doubt in output::list(&told, "doubts") {
        let message = output::text(&doubt["message"]);
        let place = match (&doubt["line"], &doubt["row"]) {
            (Value::Null, Value::Null) => source.to_owned(),
            (Value::Null, row) => format!("{source}, row {}", output::text(row)),
            (line, _) => format!("{source}:{}", output::text(line)),
        };
        output::note(&format!("{place}: {message}"));
    }
    Ok(added)
}

fn shown_added(added: &Value, output: output::OutputArgs) {
    if output.json {
        return output::json(added);
    }
    let what = if added["new"] == Value::Bool(true) {
        "a new version"
    } else {
        "was there already, and is the latest now"
    };
    output::line(&format!(
        "{} {}: {what}, {} rows, {} columns",
        output::text(&added["name"]),
        short(&added["version"]),
        output::text(&added["rows"]),
        output::list(added, "columns").len()
    ));
}
