//! `usina data generate`: tables that are made up.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};

use crate::base::{Seed, Stop};
use crate::cli::error::Failure;
use crate::cli::output;
use crate::cli::progress::bar;
use crate::data::generate::ratings::Ratings;
use crate::data::generate::{GenerateError, card_fraud};

/// What is generated.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina data generate card-fraud --rows 1000000 --output fraud.csv
  usina data generate card-fraud --rows 10000 --seed 7 > fraud.csv
  usina data generate ratings --users 2000 --items 1000 --rows 100000 --output ratings.csv")]
pub struct GenerateArgs {
    /// What.
    #[arg(value_enum)]
    kind: KindArg,
    /// How many rows.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    rows: u64,
    /// Of ratings, how many users give them; 2000 unless it is said.
    #[arg(long)]
    users: Option<u64>,
    /// Of ratings, how many items are rated; 1000 unless it is said.
    #[arg(long)]
    items: Option<u64>,
    /// Where the random sequence starts; the same seed gives the same rows.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The CSV file to write; standard output without it.
    #[arg(long, short)]
    output: Option<PathBuf>,
}

/// What can be generated.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindArg {
    /// Card payments, 1% of them fraud.
    CardFraud,
    /// Ratings from 1 to 5 that users give to items, by hidden tastes.
    Ratings,
}

/// What writes the rows.
enum Generator {
    CardFraud { rows: u64, seed: Seed },
    Ratings(Ratings),
}

impl Generator {
    fn new(args: &GenerateArgs) -> Result<Self, Failure> {
        let seed = Seed::new(args.seed);
        match args.kind {
            KindArg::CardFraud if args.users.is_some() || args.items.is_some() => {
                Err(Failure::input(anyhow!("--users and --items go with ratings")))
            }
            KindArg::CardFraud => Ok(Self::CardFraud {
                rows: args.rows,
                seed,
            }),
            KindArg::Ratings => {
                let (users, items) = (
                    args.users.unwrap_or(Ratings::USERS),
                    args.items.unwrap_or(Ratings::ITEMS),
                );
                let ratings = Ratings::new(args.rows, users, items, seed);
                ratings.map(Self::Ratings).map_err(Failure::input)
            }
        }
    }

    fn write(&self, out: &mut dyn Write, progress: &mut dyn FnMut(u64)) -> Result<(), GenerateError> {
        let stop = Stop::new();
        match self {
            Self::CardFraud { rows, seed } => card_fraud::write_csv(*rows, *seed, out, progress, &stop),
            Self::Ratings(ratings) => ratings.write_csv(out, progress, &stop),
        }
    }
}

/// Writes the rows.
pub fn run(args: &GenerateArgs) -> Result<(), Failure> {
    let generator = Generator::new(args)?;
    let bar = bar(args.rows);
    let mut progress = |rows: u64| bar.set_position(rows);
    match &args.output {
        Some(file) => {
            let open = std::fs::File::create(file);
            let open = open
                .with_context(|| format!("cannot write {}", file.display()))
                .map_err(Failure::Input)?;
            let mut out = BufWriter::with_capacity(1 << 20, open);
            generator.write(&mut out, &mut progress)?;
            out.flush()
                .with_context(|| format!("cannot write {}", file.display()))?;
            bar.finish_and_clear();
            output::note(&format!(
                "{} generated rows written to {}",
                args.rows,
                file.display()
            ));
        }
        None => {
            let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
            let written = generator.write(&mut out, &mut progress);
            bar.finish_and_clear();
            match written.map_err(anyhow::Error::from) {
                Err(error) if output::is_reader_gone(&error) => {}
                written => written?,
            }
        }
    }
    Ok(())
}
