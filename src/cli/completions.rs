//! `usina completions`: what a shell needs to complete commands.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::error::Failure;
use super::{Cli, output};

/// Write completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  usina completions bash > ~/.local/share/bash-completion/completions/usina
  usina completions zsh > ~/.zfunc/_usina
  usina completions fish > ~/.config/fish/completions/usina.fish")]
pub struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

/// Writes the completions to standard output.
pub fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "usina", &mut script);
    Ok(output::raw(&script)?)
}
