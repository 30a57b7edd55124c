//! `usina train`: a recipe, from start to registered version, with progress.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::client::{Client, segment};
use super::error::Failure;
use super::{data, output};
use crate::base::JobId;
use crate::platform::recipes::WrittenRecipe;
use crate::runtime::config::StoreConfig;

/// Train a recipe: read, check, fit, measure, register.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina train customer-churn                     a shipped recipe, by name
  usina train models/customer-churn/recipe.toml  a recipe of your own
  usina train recipe.toml --detach               leave it to the running server

The first version of a model goes into production at once; later ones when they are promoted. Ctrl-C
stops the training and leaves its run marked as killed.")]
pub struct TrainArgs {
    /// A recipe's file, or the name of a shipped recipe.
    recipe: String,

    /// Start the training on the running server and do not wait for it.
    #[arg(long)]
    detach: bool,

    #[command(flatten)]
    output: output::OutputArgs,
}

/// How often a job is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// How long a job that was called off may take to end.
const CANCEL_PATIENCE: Duration = Duration::from_millis(700);

/// The longest recipe that goes into a request's address: an address has at most 64 KiB.
const MAX_RECIPE: usize = 48 << 10;

/// Trains.
pub async fn run(store: StoreConfig, args: TrainArgs) -> Result<(), Failure> {
    // A recipe with a mistake is told before anything is opened.
    let recipe = read(&args.recipe)?;
    let client = Client::connect_or_make(&store).await?;
    if args.detach && !client.is_server() {
        return Err(Failure::input(anyhow!(
            "--detach needs a running server; start one with `usina serve`"
        )));
    }
    let body = match recipe {
        None => json!({ "shipped": args.recipe }),
        Some(written) => {
            let text = bring_data(&client, &written).await?;
            json!({ "recipe": text, "file": written.file() })
        }
    };
    let job = client.post("/api/v1/jobs", &body).await?.json()?;
    if args.detach {
        shown(&job, args.output);
        return Ok(());
    }
    let id = output::text(&job["id"]);
    let id: JobId = id.parse()?;
    client.work_on(id);
    let followed = follow(&client, id).await;
    if let Ok(job) = &followed {
        let outcome = outcome(&client, job, args.output).await;
        client.close().await?;
        return outcome;
    }
    // The process goes down at once: whatever still computes finds its job called off.
    followed.map(drop)
}

/// The recipe; none when a shipped one is named.
fn read(given: &str) -> Result<Option<WrittenRecipe>, Failure> {
    let path = Path::new(given);
    let is_name = !given.contains(['/', '\\', '.']);
    if is_name && !path.exists() {
        return Ok(None);
    }
    let file = if path.is_dir() {
        path.join("recipe.toml")
    } else {
        path.to_owned()
    };
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("{} cannot be read", file.display()))
        .map_err(Failure::Input)?;
    let written = WrittenRecipe::parse(&file.display().to_string(), &text).map_err(Failure::input)?;
    Ok(Some(written))
}

/// Adds the recipe's file to the store, and has the recipe name the dataset in its place: a server
/// reads no file for anybody. The recipe goes with the file, so that one that does not go with its data
/// stores nothing.
async fn bring_data(client: &Client, written: &WrittenRecipe) -> Result<String, Failure> {
    let recipe = written.recipe();
    let Some(name) = &recipe.data.file else {
        return Ok(written.text().to_owned());
    };
    let folder = Path::new(written.file()).parent().unwrap_or(Path::new("."));
    let csv = serde_json::to_string(&recipe.data.csv)?;
    let query = if segment(written.text()).len() <= MAX_RECIPE {
        vec![("recipe", written.text()), ("recipe_file", written.file())]
    } else {
        // Then the job tells what does not go with the data.
        vec![("csv", csv.as_str()), ("target", &recipe.data.target)]
    };
    let added = data::add(client, &recipe.name, &folder.join(name), name, &query).await?;
    let mut brought = recipe.clone();
    brought.data.file = None;
    brought.data.dataset = Some(recipe.name.clone());
    // The very rows that were sent, whatever else comes into the dataset until the training's turn.
    brought.data.version = Some(output::text(&added.json()?["version"]).parse()?);
    Ok(toml::to_string(&brought)?)
}

/// Watches the job until it ends; Ctrl-C calls it off.
async fn follow(client: &Client, id: JobId) -> Result<Value, Failure> {
    let path = format!("/api/v1/jobs/{id}");
    let bar = bar(1_000);
    bar.set_style(style("{spinner} {msg}  [{bar:30}] {percent}%  {elapsed_precise}"));
    let mut last = String::new();
    let interrupted = tokio::signal::ctrl_c();
    tokio::pin!(interrupted);
    loop {
        let job = client.get(&path).await?.json()?;
        if is_over(&job) {
            bar.finish_and_clear();
            return Ok(job);
        }
        let message = match output::text(&job["message"]) {
            empty if empty.is_empty() => output::text(&job["state"]),
            message => message,
        };
        bar.set_message(message.clone());
        bar.set_position((1_000.0 * job["progress"].as_f64().unwrap_or(0.0)) as u64);
        // Plain lines where nobody watches a bar: one a phase and fold, not one a round.
        let step = match message.split_once("round ") {
            Some(("", _)) => output::text(&job["phase"]),
            Some((fold, _)) => fold.trim_end_matches(", ").to_owned(),
            None => message,
        };
        if bar.is_hidden() && step != last {
            output::note(&step);
            last = step;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = &mut interrupted => {
                bar.finish_and_clear();
                return cancel(client, id, &path).await;
            }
        }
    }
}

async fn cancel(client: &Client, id: JobId, path: &str) -> Result<Value, Failure> {
    client.post(&format!("{path}/cancel"), &json!({})).await?;
    let ended = async {
        while !is_over(&client.get(path).await?.json()?) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok::<_, Failure>(())
    };
    match tokio::time::timeout(CANCEL_PATIENCE, ended).await {
        Ok(ended) => ended?,
        // Still in the middle of a step: it is written down as ended, and what it finds is not.
        Err(_) => client.abandon(id).await?,
    }
    Err(Failure::Interrupted)
}

fn is_over(job: &Value) -> bool {
    matches!(job["state"].as_str(), Some("done" | "failed" | "cancelled"))
}

async fn outcome(client: &Client, job: &Value, output: output::OutputArgs) -> Result<(), Failure> {
    match job["state"].as_str() {
        Some("done") => {
            let path = format!(
                "/api/v1/models/{}/versions/{}",
                segment(&output::text(&job["model"])),
                segment(&output::text(&job["version"]))
            );
            let version = client.get(&path).await?.json()?;
            if output.json {
                output::json(&version)
            } else {
                summary(&version)
            }
            Ok(())
        }
        Some("cancelled") => Err(Failure::Failed(anyhow!("the training was called off"))),
        _ => {
            let error = anyhow!("{}", output::text(&job["error"]));
            let is_input = job["bad_input"] == Value::Bool(true);
            Err(if is_input {
                Failure::Input(error)
            } else {
                Failure::Failed(error)
            })
        }
    }
}

fn summary(version: &Value) {
    let (model, label) = (
        output::text(&version["model_id"]),
        output::text(&version["version"]),
    );
    let stage = output::text(&version["stage"]);
    let place = if stage == "none" {
        "registered".to_owned()
    } else {
        format!("in {stage}")
    };
    output::line(&format!("{model} {label} is {place}"));
    if version["dataset"]["generated"] == Value::Bool(true) {
        output::line("Trained on rows that usina generated.");
    }
    output::line("");
    let metrics = version["performance_metrics"].as_object();
    output::table(
        &["metric", "hold-out", "baseline"],
        metrics.into_iter().flatten().map(|(name, value)| {
            vec![
                name.clone(),
                output::number(value),
                output::number(&version["baseline_metrics"][name]),
            ]
        }),
    );
    if stage == "none" {
        output::line("");
        if version["headline"]["beats_baseline"] == Value::Bool(false) {
            output::line("It is no better than its baseline, which always gives the same answer.");
        }
        output::line(&format!("Put it to work: usina models promote {model} {label}"));
    } else {
        output::line("");
        output::line(&format!(
            "Ask it: usina predict {model} --json \"$(usina predict {model} --example)\""
        ));
    }
}

fn shown(job: &Value, output: output::OutputArgs) {
    if output.json {
        output::json(job);
    } else {
        output::line(&format!(
            "job {} is {}",
            output::text(&job["id"]),
            output::text(&job["state"])
        ));
    }
}

/// A progress bar in a terminal, nothing elsewhere.
pub fn bar(length: u64) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(style("[{bar:40}] {percent}%  {elapsed_precise}"))
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
