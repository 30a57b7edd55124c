//! The command line. The only place that wires things together.
//!
//! A command speaks the HTTP API, whether or not a server holds the data folder: with a server it goes
//! through the folder's socket, without one through the same router in this process. So there is one
//! way to do a thing, and the command line can do nothing that the API cannot.

mod client;
mod completions;
mod data;
mod device;
mod devices;
mod diff;
mod error;
mod experiments;
mod explain;
mod hint;
mod jobs;
mod man;
mod models;
mod node;
mod output;
mod predict;
mod progress;
mod recipes;
mod runs;
mod serve;
mod short_id;
mod signals;
mod socket;
mod status;
mod train;
mod trust;
mod twin;
mod usage;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use crate::runtime::config::StoreConfig;
use crate::runtime::telemetry;
use error::Failure;
use twin::Beyond;

/// A whole machine-learning platform in one file: data in, models trained, registered, served, rolled back.
#[derive(Debug, Parser)]
#[command(
    name = "usina",
    version,
    about,
    arg_required_else_help = true,
    after_help = "Examples:
  usina up                              serve, and train the shipped recipes on the first start
  usina train customer-churn            train one shipped recipe, with progress
  usina train my-model/recipe.toml      train a recipe of your own
  usina predict customer-churn --json @customer.json
  usina models list

Exit codes: 0 done, 1 failed, 2 wrong usage or wrong input, 130 interrupted."
)]
struct Cli {
    #[command(flatten)]
    store: StoreArgs,

    /// Say less: only warnings and errors.
    #[arg(long, short, global = true)]
    quiet: bool,

    /// Say more: what the parts do.
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    verbose: bool,

    #[command(subcommand)]
    command: Command,
}

/// Where the data are.
#[derive(Debug, Clone, Args)]
struct StoreArgs {
    /// The folder with the store, its key and its socket.
    #[arg(
        long = "data",
        global = true,
        value_name = "DIR",
        env = "USINA_DATA",
        default_value = hint::DEFAULT_FOLDER
    )]
    folder: PathBuf,

    /// The master key, when it is not in the data folder.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "USINA_MASTER_KEY_FILE",
        hide = true
    )]
    master_key_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Up(serve::UpArgs),
    Serve(serve::ServeArgs),
    Train(train::TrainArgs),
    Predict(predict::PredictArgs),
    Explain(explain::ExplainArgs),
    #[command(subcommand)]
    Models(models::ModelsCommand),
    #[command(subcommand)]
    Trust(trust::TrustCommand),
    #[command(subcommand)]
    Data(data::DataCommand),
    #[command(subcommand)]
    Experiments(experiments::ExperimentsCommand),
    #[command(subcommand)]
    Runs(runs::RunsCommand),
    #[command(subcommand)]
    Jobs(jobs::JobsCommand),
    Devices(devices::DevicesArgs),
    Diff(diff::DiffArgs),
    Recipes(recipes::RecipesArgs),
    Status(status::StatusArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Does what the command line says.
pub fn main() -> ExitCode {
    let command = Cli::command();
    let parsed = command.clone().try_get_matches();
    let parsed = parsed.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
            return usage::refuse(&error, &command, &arguments.collect::<Vec<_>>());
        }
    };
    let as_json = shows_json(&matches);
    let store = StoreConfig {
        folder: cli.store.folder,
        key_file: cli.store.master_key_file,
    };
    let is_server = matches!(cli.command, Command::Up(_) | Command::Serve(_));
    telemetry::start_log(match (cli.verbose, cli.quiet, is_server) {
        (true, _, _) => LevelFilter::DEBUG,
        (_, true, _) | (_, _, false) => LevelFilter::WARN,
        (_, _, true) => LevelFilter::INFO,
    });
    let beyond = twin::hand_over(&cli.command, &store);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::Failed(error.into()).report(as_json, &store),
    };
    let done = runtime.block_on(run(cli.command, store.clone(), beyond));
    // A computation that did not see its stop must not hold up the process: what it found is not written.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(as_json, &store),
    }
}

/// Whether the command shows JSON. `usina predict --json FEATURES` is something else, and takes a value.
fn shows_json(matches: &ArgMatches) -> bool {
    let last = std::iter::successors(Some(matches), |matches| {
        matches.subcommand().map(|(_, matches)| matches)
    });
    let flag = |matches: &ArgMatches| matches.try_get_one::<bool>("json").ok().flatten().copied();
    last.last().and_then(flag).unwrap_or(false)
}

/// That what is named as the data folder can be one.
fn check_folder(store: &StoreConfig) -> Result<(), Failure> {
    let folder = &store.folder;
    if folder.exists() && !folder.is_dir() {
        return Err(Failure::input(anyhow!(
            "{} is not a folder; --data and USINA_DATA name the folder that holds usina's data",
            folder.display()
        )));
    }
    Ok(())
}

async fn run(command: Command, store: StoreConfig, beyond: Beyond) -> Result<(), Failure> {
    check_folder(&store)?;
    match command {
        Command::Up(args) => serve::up(store, args, beyond.no_gpu).await,
        Command::Serve(args) => serve::serve(store, args, beyond.no_gpu).await,
        Command::Train(args) => train::run(store, args, beyond.no_gpu).await,
        Command::Predict(args) => predict::run(store, args).await,
        Command::Explain(args) => explain::run(store, args).await,
        Command::Models(command) => models::run(store, command).await,
        Command::Trust(command) => trust::run(store, command).await,
        Command::Data(command) => data::run(store, command).await,
        Command::Experiments(command) => experiments::run(store, command).await,
        Command::Runs(command) => runs::run(store, command).await,
        Command::Jobs(command) => jobs::run(store, command).await,
        Command::Devices(args) => devices::run(&args, beyond.listed),
        Command::Diff(args) => diff::run(store, args).await,
        Command::Recipes(args) => recipes::run(store, args).await,
        Command::Status(args) => status::run(store, args).await,
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_command_shows_json_where_the_flag_is_given() {
        let shows = |line: &str| {
            let matches = Cli::command().try_get_matches_from(line.split(' '));
            shows_json(&matches.unwrap())
        };
        assert!(shows("usina models list --json"));
        assert!(shows("usina train recipe.toml --json"));
        assert!(!shows("usina models list"));
        assert!(!shows("usina predict m --json {}"));
        assert!(!shows("usina serve"));
    }

    #[test]
    fn every_command_has_help_with_examples() {
        fn check(command: &clap::Command, path: &str) {
            assert!(command.get_about().is_some(), "{path} says nothing of itself");
            let help = command
                .get_after_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(help.contains("Examples:"), "{path} has no examples");
            // What stands below them is broken where the terminal ends, and nowhere else.
            let prose = help.split("\n\n").skip(1);
            let broken = prose.clone().find(|text| text.contains('\n'));
            assert_eq!(broken, None, "{path} breaks lines itself");
            for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
                check(sub, &format!("{path} {}", sub.get_name()));
            }
        }
        check(&Cli::command(), "usina");
    }
}
