//! `usina train`: a recipe, from start to registered version, with progress.

mod follow;
mod hold;

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;
use serde_json::{Value, json};

use super::client::{Client, has_data, segment};
use super::error::{Failure, Told};
use super::signals::Signals;
use super::{data, device, hint, output};
use crate::base::JobId;
use crate::engine::device::{DeviceChoice, Devices, NoGpu};
use crate::platform::jobs::{Asked, JobError};
use crate::platform::recipes::{Recipe, WrittenRecipe, shipped};
use crate::runtime::config::StoreConfig;

/// Train a recipe: read, check, fit, measure, register.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina train customer-churn                     a shipped recipe, by name
  usina train models/customer-churn/recipe.toml  a recipe of your own
  usina train recipe.toml --detach               leave it to the running server
  usina train my-net/recipe.toml --device gpu    a net, on a GPU or not at all

The first version of a model that beats its baseline goes into production at once, later ones when they are \
promoted. Ctrl-C stops the training and leaves its run marked as killed; so does SIGTERM. Without a server \
other commands work meanwhile, through this one; another training waits for this one to end.")]
pub struct TrainArgs {
    /// A recipe's file, or the name of a shipped recipe.
    recipe: String,

    /// Start the training on the running server and do not wait for it.
    #[arg(long)]
    detach: bool,

    /// Where a net is trained, whatever the recipe says: on a GPU where there is one (auto), on the CPU, or on a GPU and
    /// nowhere else.
    #[arg(long, value_name = "DEVICE", value_parser = device::choice())]
    device: Option<DeviceChoice>,

    #[command(flatten)]
    output: output::OutputArgs,
}

impl TrainArgs {
    /// That the recipe has a use for the device that is asked for.
    fn check_device(&self, recipe: &Recipe) -> Result<(), Failure> {
        let asked = Asked {
            by: "owner",
            device: self.device,
        };
        asked.check(&recipe.algorithm).map_err(Failure::input)
    }

    /// Where the recipe's net is to be trained; none when nothing is trained by this process, or nothing that is a net.
    /// A recipe that cannot be read is told of later.
    pub fn device(&self) -> Option<DeviceChoice> {
        let recipe = match read(&self.recipe).ok()? {
            Some(written) => written.recipe().clone(),
            None => shipped::find(&self.recipe).ok()??.recipe,
        };
        self.device_for(&recipe)
    }

    fn device_for(&self, recipe: &Recipe) -> Option<DeviceChoice> {
        let is_here = !self.detach && recipe.algorithm.is_net();
        is_here.then(|| self.device.or(recipe.training.device).unwrap_or_default())
    }
}

/// The longest recipe that goes into a request's address: an address has at most 64 KiB.
const MAX_RECIPE: usize = 48 << 10;

/// Trains. `no_gpu`: why there is no GPU, if that is known already.
pub async fn run(store: StoreConfig, args: TrainArgs, no_gpu: Option<NoGpu>) -> Result<(), Failure> {
    // A mistake is told before anything is opened.
    let recipe = read(&args.recipe)?;
    match &recipe {
        Some(written) => {
            args.check_device(written.recipe())?;
            check_file(written)?;
        }
        None => match shipped::find(&args.recipe)? {
            Some(shipped) => args.check_device(&shipped.recipe)?,
            // A server, or a store that is there, is asked: it may be another usina's.
            None if has_data(&store) => {}
            None => return Err(Failure::input(JobError::UnknownRecipe(args.recipe))),
        },
    }
    if args.detach {
        return detach(&store, &args, recipe.as_ref()).await;
    }
    let devices = match args.device() {
        // A server has devices of its own.
        Some(asked) if Client::to_server(&store).await.is_none() => device::open(asked, no_gpu)?,
        _ => Devices::default(),
    };
    let mut signals = Signals::listen()?;
    let client = tokio::select! {
        client = hold::connect(&store, &devices) => client?,
        () = signals.any() => return Err(Failure::Interrupted),
    };
    let shared = hold::share(&client, &store);
    let order = tokio::select! {
        order = order(&client, &args, recipe.as_ref()) => order?,
        () = signals.any() => return Err(Failure::Interrupted),
    };
    // Not interrupted: a job that nobody knows of would be left to the next server.
    let job = client.post("/api/v1/jobs", &order).await?.json()?;
    let id: JobId = output::text(&job["id"]).parse()?;
    client.work_on(id);
    // Interrupted, the process goes down at once: whatever still computes finds its job called off.
    let job = follow::to_the_end(&client, id, &mut signals).await?;
    if !recipe.as_ref().is_some_and(goes_beside_data) {
        for warning in output::list(&job, "warnings") {
            output::note(&format!("warning: {}", output::text(warning)));
        }
    }
    let outcome = outcome(&client, &store, &job, args.output).await;
    drop(shared);
    client.close().await?;
    outcome
}

/// Leaves the training to the server.
async fn detach(
    store: &StoreConfig,
    args: &TrainArgs,
    recipe: Option<&WrittenRecipe>,
) -> Result<(), Failure> {
    let needs_server = || {
        Failure::input(anyhow!(
            "--detach needs a running server; start one with `usina serve`"
        ))
    };
    let client = Client::to_server(store).await.ok_or_else(needs_server)?;
    client.server_address().await?.ok_or_else(needs_server)?;
    let order = order(&client, args, recipe).await?;
    let job = client.post("/api/v1/jobs", &order).await?.json()?;
    shown(&job, args.output);
    Ok(())
}

/// What is to be trained, as the API wants it; the recipe's file is brought first.
async fn order(client: &Client, args: &TrainArgs, recipe: Option<&WrittenRecipe>) -> Result<Value, Failure> {
    let mut order = match recipe {
        None => json!({ "shipped": args.recipe }),
        Some(written) => {
            let mut order = json!({ "recipe": written.text(), "file": written.file() });
            if let Some(version) = bring_data(client, written).await? {
                // The very rows that were sent, whatever else comes into the dataset until the training's turn.
                order["dataset"] = json!(written.recipe().name);
                order["dataset_version"] = version;
            }
            order
        }
    };
    if let Some(device) = args.device {
        order["device"] = json!(device);
    }
    Ok(order)
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

/// That the recipe's file can be read, if it names one.
fn check_file(written: &WrittenRecipe) -> Result<(), Failure> {
    let readable = data_file(written).as_deref().map_or(Ok(()), data::check_readable);
    readable.map_err(|error| Failure::input(written.of_file(&format!("{error:#}"))))
}

/// The recipe's data file, which is named as seen from the recipe.
fn data_file(written: &WrittenRecipe) -> Option<PathBuf> {
    let folder = Path::new(written.file()).parent().unwrap_or(Path::new("."));
    Some(folder.join(written.recipe().data.file.as_ref()?))
}

/// Whether the recipe is sent beside its data; then what is only a warning is told when the data is in.
fn goes_beside_data(written: &WrittenRecipe) -> bool {
    written.recipe().data.file.is_some() && segment(written.text()).len() <= MAX_RECIPE
}

/// Adds the recipe's file to the store, if it names one, and gives the version that it became: a server reads
/// no file for anybody. The recipe goes with the file, so that one that does not go with its data stores
/// nothing.
async fn bring_data(client: &Client, written: &WrittenRecipe) -> Result<Option<Value>, Failure> {
    let recipe = written.recipe();
    let (Some(name), Some(file)) = (&recipe.data.file, data_file(written)) else {
        return Ok(None);
    };
    let csv = serde_json::to_string(&recipe.data.csv)?;
    let types = serde_json::to_string(&recipe.data.types)?;
    let format = recipe.data.format.map(|format| format.to_string());
    let query = if goes_beside_data(written) {
        vec![("recipe", written.text()), ("recipe_file", written.file())]
    } else {
        // Then the job tells what does not go with the data.
        let target = recipe.data.target.as_str();
        let mut query = vec![("csv", csv.as_str()), ("types", &types), ("target", target)];
        query.extend(format.as_deref().map(|format| ("format", format)));
        query
    };
    let added = data::add(client, &recipe.name, &file, name, &query).await?;
    Ok(Some(added.json()?["version"].take()))
}

async fn outcome(
    client: &Client,
    store: &StoreConfig,
    job: &Value,
    output: output::OutputArgs,
) -> Result<(), Failure> {
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
                summary(&version, store)
            }
            Ok(())
        }
        Some("cancelled") => Err(Failure::Failed(ended(
            job,
            "the training was called off".to_owned(),
        ))),
        _ => {
            let error = ended(job, output::text(&job["error"]));
            let is_input = job["bad_input"] == Value::Bool(true);
            Err(if is_input {
                Failure::Input(error)
            } else {
                Failure::Failed(error)
            })
        }
    }
}

/// A job that made no version.
fn ended(job: &Value, message: String) -> anyhow::Error {
    let json = job.clone();
    Told { message, json }.into()
}

fn summary(version: &Value, store: &StoreConfig) {
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
    output::line("");
    if version["headline"]["beats_baseline"] == Value::Bool(false) {
        output::line("It is no better than its baseline, which always gives the same answer.");
    }
    let failed = output::list(version, "gates").iter();
    let failed: Vec<_> = failed.filter(|gate| gate["outcome"] == "failed").collect();
    for gate in &failed {
        let text = |key: &str| output::text(&gate[key]);
        output::line(&format!(
            "It may not go into production: {} = \"{}\": {}.",
            text("gate"),
            text("wanted"),
            text("found")
        ));
    }
    output::line(&if !failed.is_empty() {
        let promote = hint::command(store, &["models", "promote", &model, &label, "--force"]);
        format!("Put it there all the same: {promote}")
    } else if stage == "none" {
        let promote = hint::command(store, &["models", "promote", &model, &label]);
        format!("Put it to work: {promote}")
    } else {
        let ask = hint::command(store, &["predict", &model]);
        if version["task"] == "recommendation" {
            output::line(&format!(
                "Ask it: {ask} --user {}",
                output::text(&version["inputs"][0]["example"])
            ));
            return;
        }
        if version["task"] == "forecast" {
            output::line(&format!("Ask it: {ask}"));
            return;
        }
        let example = hint::command(store, &["predict", &model, "--example"]);
        format!("Ask it: {ask} --json \"$({example})\"")
    });
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
