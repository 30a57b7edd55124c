//! `usina man`: the manual, a page a command.

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::error::Failure;
use super::{Cli, output};

/// Write the manual: the page of one command, or all pages into a folder.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina man | man -l -                      read the first page
  usina man models promote | man -l -       the page of one command
  usina man --to ~/.local/share/man/man1    every page, for `man usina-models-promote`")]
pub struct ManArgs {
    /// The command, as it is called; none for usina itself.
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,

    /// Write a page for every command into this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    to: Option<PathBuf>,
}

/// Writes the page to standard output, or all pages into a folder.
pub fn run(args: &ManArgs) -> Result<(), Failure> {
    let mut whole = Cli::command();
    // Fills in what is inherited, such as options that go with every command.
    whole.build();
    if let Some(folder) = &args.to {
        let cannot = || format!("cannot write into {}", folder.display());
        std::fs::create_dir_all(folder).with_context(cannot)?;
        let pages = pages(&whole, "usina");
        for (name, page) in &pages {
            let file = folder.join(format!("{name}.1"));
            std::fs::write(&file, page).with_context(cannot)?;
        }
        output::note(&format!("{} pages written to {}", pages.len(), folder.display()));
        return Ok(());
    }
    let mut command = &whole;
    for (depth, name) in args.command.iter().enumerate() {
        command = command.find_subcommand(name).ok_or_else(|| {
            let above = args.command[..depth].join(" ");
            let known: Vec<&str> = visible(command).map(Command::get_name).collect();
            Failure::input(anyhow!(
                "`usina{}{above}` has no command {name}; it has: {}",
                if depth == 0 { "" } else { " " },
                known.join(", ")
            ))
        })?;
    }
    Ok(output::raw(&page(command))?)
}

/// The pages of a command and of all below it, by name.
fn pages(command: &Command, name: &str) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![(name.to_owned(), page(command))];
    for below in visible(command) {
        all.extend(pages(below, &format!("{name}-{}", below.get_name())));
    }
    all
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|below| !below.is_hide_set() && below.get_name() != "help")
}

fn page(command: &Command) -> Vec<u8> {
    let command = command.clone().disable_help_subcommand(true);
    let mut page = Vec::new();
    // It fails only where its writer does, and a vector never does.
    if let Err(error) = Man::new(command).render(&mut page) {
        tracing::warn!(%error, "a page of the manual is cut off");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_examples() {
        let mut whole = Cli::command();
        whole.build();
        let pages = pages(&whole, "usina");
        assert!(pages.len() > 30, "{}", pages.len());
        for (name, page) in &pages {
            let text = String::from_utf8(page.clone()).unwrap();
            assert!(
                text.starts_with(".ie") && text.contains(".SH NAME"),
                "{name}: {text}"
            );
            let has_below = pages
                .iter()
                .any(|(other, _)| other.starts_with(&format!("{name}-")));
            assert!(has_below || text.contains("Examples:"), "{name} has no examples");
        }
        let promote = pages.iter().find(|(name, _)| name == "usina-models-promote");
        assert!(promote.is_some());
    }
}
