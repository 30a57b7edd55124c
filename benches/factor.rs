//! Factorising 73,000 ratings of 1,128 items by 2,972 users: NMF beside scikit-learn and ALS beside implicit, on the very
//! same matrix with the same parameters; the CPU time of a fit, the objective reached, and NDCG@10 on the last two ratings
//! of each user, which neither has seen.
//!
//! Each fit is a process of its own, ours and theirs in turns, from the same random start: so many iterations as NMF takes
//! is a matter of where it begins, and from one start both go the same way.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use rand_chacha::rand_core::Rng;
use serde_json::{Value, json};
use support::{Table as Printed, cpu, median, output_of, say};
use usina::base::{Seed, Stop};
use usina::data::generate::ratings::Ratings;
use usina::data::split::{Part, leave_last_out};
use usina::data::table::Column;
use usina::engine::device::Device;
use usina::engine::factor::{
    AlsParams, FactorModel, FactorParams, Factors, Interactions, Labels, NmfParams, evaluate, fit_from,
};
use usina::engine::fit::{How, NoCheckpoints};

/// As in the shipped executable.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The argument with which this program fits once and prints what that cost as JSON.
const ONCE: &str = "--once";

const USERS: usize = 2_972;
const ITEMS: usize = 1_128;
const HELD_OUT: usize = 2;
/// Learnt from, beside those that are held out.
const RATINGS: u64 = 73_000;
const ROUNDS: usize = 5;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == ONCE) {
        let [algorithm, seed, threads] = &arguments[at + 1..] else {
            bail!("{ONCE} ALGORITHM SEED THREADS")
        };
        let told = once(&params(algorithm)?, seed.parse()?, threads.parse()?)?;
        return Ok(writeln!(std::io::stdout(), "{told}")?);
    }
    let all = World::new()?;
    let folder = support::folder()?;
    all.write(folder.path())?;
    let python = support::python();
    let mut results: BTreeMap<(&str, &str), Vec<Value>> = BTreeMap::new();
    for round in 1..=ROUNDS as u64 {
        say(&format!("factor, round {round} of {ROUNDS}"));
        let seed = round.to_string();
        for (algorithm, peers) in [("nmf", &["float64", "float32"][..]), ("als", &["float32"])] {
            for threads in ["1", "2"] {
                let ours = [ONCE, algorithm, &seed, threads];
                let ours = output_of(Command::new(std::env::current_exe()?).args(ours))?;
                let of = if threads == "1" { "1 thread" } else { "2 threads" };
                results
                    .entry((algorithm, of))
                    .or_default()
                    .push(serde_json::from_str(&ours)?);
            }
            for &dtype in peers {
                let Some(python) = &python else { continue };
                let theirs = all.theirs(python, folder.path(), algorithm, dtype, round)?;
                results.entry((algorithm, dtype)).or_default().push(theirs);
            }
        }
    }
    printed(&results, python.is_some())
}

fn printed(results: &BTreeMap<(&str, &str), Vec<Value>>, is_beside: bool) -> Result<()> {
    let mut printed = Printed::new(
        "Factorisation of 73,000 ratings, 2,972 users x 1,128 items, 50 factors",
        &[
            "",
            "reckons in",
            "seconds of CPU time",
            "ours / theirs",
            "iterations",
            "objective",
            "NDCG@10",
        ],
    );
    for (&(algorithm, how), told) in results {
        let of = |key: &str| median(told.iter().filter_map(|one| one[key].as_f64()).collect());
        let ours = results.get(&(algorithm, "1 thread")).context("no fit of ours")?;
        let is_ours = how.contains("thread");
        // Of pairs that ran one after the other: what else the machine did meanwhile falls out.
        let ratios = ours
            .iter()
            .zip(told)
            .filter_map(|(ours, theirs)| Some(ours["cpu"].as_f64()? / theirs["cpu"].as_f64()?));
        let ratio = if is_ours {
            String::new()
        } else {
            format!("{:.2}", median(ratios.collect()))
        };
        let version = told[0]["version"].as_str().context("no version")?;
        let reckons = if is_ours {
            format!("float32, {how}")
        } else {
            how.to_owned()
        };
        printed.row([
            format!("{} {version}", algorithm.to_uppercase()),
            reckons,
            format!("{:.3}", of("cpu")),
            ratio,
            format!("{:.0}", of("iterations")),
            format!("{:.0}", of("objective")),
            format!("{:.4}", of("ndcg")),
        ]);
    }
    printed.note(format!(
        "Generated ratings; NDCG on the last {HELD_OUT} ratings of each user, seen items left out. The median of \
         {ROUNDS} processes each, in turns, each round from another start, which is the same for all."
    ));
    if !is_beside {
        printed.note("scikit-learn and implicit are left out: USINA_PYTHON names no Python that has them.");
    }
    printed.print()
}

fn params(algorithm: &str) -> Result<FactorParams> {
    Ok(match algorithm {
        "nmf" => FactorParams::Nmf(NmfParams::default()),
        "als" => FactorParams::Als(AlsParams::default()),
        other => bail!("there is no {other}"),
    })
}

fn once(params: &FactorParams, seed: u64, threads: usize) -> Result<Value> {
    let world = World::new()?;
    let how = How {
        threads,
        seed: Seed::new(seed),
        stop: &Stop::new(),
        device: &Device::cpu(),
        progress: &mut |_| {},
        checkpoints: &mut NoCheckpoints,
    };
    let [users, items] = world.start(params, seed);
    let from = Factors::new(&users, &items, params.width())?;
    let begun = cpu();
    let factors = fit_from(&world.train, params, from, how)?;
    let used = cpu() - begun;
    let objectives = factors.objectives().to_vec();
    Ok(json!({
        "version": format!("usina {}", env!("CARGO_PKG_VERSION")),
        "cpu": used.as_secs_f64(),
        "iterations": objectives.len(),
        "objective": objectives.last(),
        "ndcg": world.ndcg(params, factors)?,
    }))
}

/// The ratings that are learnt from, and each user's that are held out.
struct World {
    train: Interactions,
    held_out: Vec<(u32, Vec<u32>)>,
}

impl World {
    fn new() -> Result<Self> {
        let rows = RATINGS + (HELD_OUT * USERS) as u64;
        let generated = Ratings::new(rows, USERS as u64, ITEMS as u64, Seed::new(42))?;
        let (mut ratings, mut times) = (Vec::new(), Vec::new());
        for batch in generated.batches(8_192)? {
            let batch = batch?;
            let columns = batch.columns();
            let [
                Column::Integer(users),
                Column::Integer(items),
                Column::Integer(values),
                Column::Timestamp(moments),
            ] = columns
            else {
                bail!("ratings of another form")
            };
            for (((user, item), value), moment) in users.iter().zip(items).zip(values).zip(moments) {
                let of = |cell: &Option<i64>| cell.context("a cell is missing");
                // They count from 1.
                let index = |cell| Ok::<_, anyhow::Error>(u32::try_from(of(cell)? - 1)?);
                ratings.push((index(user)?, index(item)?, of(value)? as f32));
                times.push(of(moment)?);
            }
        }
        let users: Vec<u32> = ratings.iter().map(|(user, ..)| *user).collect();
        let parts = leave_last_out(&users, Some(&times), HELD_OUT, Seed::new(1))?;
        let train: Vec<_> = parts.rows(Part::Train).map(|row| ratings[row]).collect();
        let mut held_out: Vec<(u32, Vec<u32>)> = (0..USERS as u32).map(|user| (user, Vec::new())).collect();
        for row in parts.rows(Part::Test) {
            let (user, item, _) = ratings[row];
            held_out[user as usize].1.push(item);
        }
        Ok(Self {
            train: Interactions::new(USERS, ITEMS, &train)?,
            held_out,
        })
    }

    /// As the peers read them.
    fn write(&self, folder: &Path) -> Result<()> {
        let of = |bytes: &dyn Fn((u32, u32, f32)) -> [u8; 4]| {
            self.train.iter().flat_map(bytes).collect::<Vec<u8>>()
        };
        fs::write(folder.join("users.bin"), of(&|(user, ..)| user.to_le_bytes()))?;
        fs::write(folder.join("items.bin"), of(&|(_, item, _)| item.to_le_bytes()))?;
        Ok(fs::write(
            folder.join("values.bin"),
            of(&|(.., value)| value.to_le_bytes()),
        )?)
    }

    /// Factors of users and of items to begin with: from 0 to what is usual for the algorithm.
    fn start(&self, params: &FactorParams, seed: u64) -> [Vec<f32>; 2] {
        let most = match params {
            FactorParams::Nmf(params) => {
                let sum: f32 = self.train.iter().map(|(.., value)| value).sum();
                let mean = sum / (USERS * ITEMS) as f32;
                1.6 * (mean / params.n_components as f32).sqrt()
            }
            FactorParams::Als(_) => 0.01,
        };
        let mut rng = Seed::new(seed).rng();
        let mut drawn = |rows: usize| {
            let number = |_| (rng.next_u32() >> 8) as f32 / (1 << 24) as f32 * most;
            (0..rows * params.width()).map(number).collect()
        };
        [drawn(USERS), drawn(ITEMS)]
    }

    fn theirs(&self, python: &Path, folder: &Path, algorithm: &str, dtype: &str, seed: u64) -> Result<Value> {
        let params = params(algorithm)?;
        let iterations = match &params {
            FactorParams::Nmf(params) => params.max_iter,
            FactorParams::Als(params) => params.iterations,
        };
        let told = json!({
            "users": USERS, "items": ITEMS, "width": params.width(), "iterations": iterations, "dtype": dtype, "alpha": AlsParams::default().alpha,
            "regularization": AlsParams::default().regularization,
        });
        for (side, factors) in ["users", "items"].into_iter().zip(self.start(&params, seed)) {
            let bytes: Vec<u8> = factors.iter().flat_map(|factor| factor.to_le_bytes()).collect();
            fs::write(folder.join(format!("start.{side}")), bytes)?;
        }
        let place = folder.display().to_string();
        let mut told = support::peer(python, "factor.py", &[&place, algorithm, &told.to_string()])?;
        let factors = |side| -> Result<Vec<f32>> {
            let bytes = fs::read(folder.join(format!("theirs.{side}")))?;
            Ok(bytes
                .chunks_exact(4)
                .map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]]))
                .collect())
        };
        let factors = Factors::new(&factors("users")?, &factors("items")?, params.width())?;
        told["ndcg"] = json!(self.ndcg(&params, factors)?);
        Ok(told)
    }

    fn ndcg(&self, params: &FactorParams, factors: Factors) -> Result<f64> {
        let names =
            |count| Labels::new((0..count).map(|index: usize| index.to_string())).context("no labels");
        let model = FactorModel::new(
            params.clone(),
            factors,
            &self.train,
            (names(USERS)?, names(ITEMS)?),
        )?;
        Ok(evaluate(&model, &self.held_out, 10, 1)?.model.ndcg)
    }
}
