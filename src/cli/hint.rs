//! Commands that a message names: they work on the same data folder when they are pasted into a shell.

use std::path::Path;

use crate::runtime::config::StoreConfig;

/// The data folder that is meant when none is named.
pub const DEFAULT_FOLDER: &str = "./usina-data";

/// `usina` with `words`, on the data folder of this command.
pub fn command(store: &StoreConfig, words: &[&str]) -> String {
    let words: Vec<_> = words.iter().copied().map(quoted).collect();
    format!("usina {}{}", words.join(" "), options(store))
}

/// `text` with the data folder of this command added to each command of usina that it names in backquotes.
pub fn complete(store: &StoreConfig, text: &str) -> String {
    let options = options(store);
    let parts = text.split('`').enumerate().map(|(position, part)| {
        let is_command = position % 2 == 1 && part.starts_with("usina ");
        if is_command && !part.contains("--data") {
            format!("{part}{options}")
        } else {
            part.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// What leads to the data folder, and to its key where that is elsewhere.
fn options(store: &StoreConfig) -> String {
    let mut options = String::new();
    let mut add = |name: &str, path: &Path| {
        options.push_str(&format!(" {name} {}", quoted(&path.display().to_string())));
    };
    if store.folder != Path::new(DEFAULT_FOLDER) {
        add("--data", &store.folder);
    }
    if let Some(file) = &store.key_file {
        add("--master-key-file", file);
    }
    options
}

/// A word as a shell takes it, in quotes where it has to be.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_folder_unless_it_is_the_usual_one() {
        let store = |folder: &str| StoreConfig {
            folder: folder.into(),
            key_file: None,
        };
        assert_eq!(command(&store(DEFAULT_FOLDER), &["up"]), "usina up");
        assert_eq!(
            command(&store("/my data"), &["train", "it's.toml"]),
            r"usina train 'it'\''s.toml' --data '/my data'"
        );
        let elsewhere = StoreConfig {
            key_file: Some("/run/key".into()),
            ..store("x")
        };
        assert_eq!(
            command(&elsewhere, &["status"]),
            "usina status --data x --master-key-file /run/key"
        );
    }

    #[test]
    fn commands_that_a_message_names_are_completed() {
        let store = StoreConfig {
            folder: "/my data".into(),
            key_file: None,
        };
        assert_eq!(
            complete(&store, "no `x`; run `usina up`, or `usina serve --data y`"),
            "no `x`; run `usina up --data '/my data'`, or `usina serve --data y`"
        );
    }
}
