//! Wrong usage: what is wrong, and examples of what is right.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgAction, Command};
use serde_json::json;

use super::error::form;
use super::output::{self, visible};

/// Tells what is wrong with `arguments`, the first of them the program's name, and ends; what is no error,
/// such as a wish for help, is shown.
pub fn refuse(error: &clap::Error, command: &Command, arguments: &[String]) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        error.exit();
    }
    let meant = meant(command, arguments);
    let shows_json = |command: &Command| {
        let flag = command
            .get_arguments()
            .find(|argument| argument.get_id() == "json");
        flag.is_some_and(|flag| matches!(flag.get_action(), ArgAction::SetTrue))
    };
    if arguments.iter().any(|argument| argument == "--json") && shows_json(meant) {
        let text = error.render().to_string();
        // What comes after the first paragraph is how the command is used.
        let lines = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
        let message = lines.collect::<Vec<_>>().join(" ");
        let message = message.trim_start_matches("error: ");
        output::json(&form("bad_usage", message, json!({})));
    }
    if arguments
        .iter()
        .any(|argument| argument.contains(visible::is_obeyed))
    {
        // In colour, it could not be told what is clap's and what is theirs.
        error.render().to_string().lines().for_each(output::note);
    } else {
        // Where standard error is gone, there is nobody to tell.
        let _ = error.print();
    }
    if let Some(examples) = examples(meant) {
        output::note("");
        examples.lines().for_each(output::note);
    }
    ExitCode::from(2)
}

/// The command that `arguments` name, as far as they name one.
fn meant<'a>(command: &'a Command, arguments: &[String]) -> &'a Command {
    let next = |command: &'a Command, argument: &String| command.find_subcommand(argument).unwrap_or(command);
    arguments.iter().skip(1).fold(command, next)
}

/// The examples of a command's help, without what is said below them.
fn examples(command: &Command) -> Option<String> {
    let help = command.get_after_help()?.to_string();
    let examples = help.split("\n\n").next()?;
    examples.starts_with("Examples:").then(|| examples.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_examples_are_those_of_the_command_that_was_meant() {
        let command = crate::cli::Cli::command();
        let of = |line: &str| {
            let arguments: Vec<_> = line.split(' ').map(str::to_owned).collect();
            examples(meant(&command, &arguments)).unwrap()
        };
        assert!(of("usina models promote leavers").contains("usina models promote customer-churn latest"));
        assert!(of("usina trian").contains("usina up"));
        assert!(
            !of("usina train").contains("goes into production"),
            "the examples alone"
        );
    }
}
