//! Commands that a message names: they work on the same data folder when they are pasted into a shell.

use std::path::Path;

use crate::runtime::config::StoreConfig;

/// The data folder that is meant when none is named.
pub const DEFAULT_FOLDER: &str = "./usina-data";

/// `usina` with `words`, on the data folder of this command.
pub fn command(store: &StoreConfig, words: &[&str]) -> String {
    let folder = store.folder.display().to_string();
    let key_file = store.key_file.as_ref().map(|file| file.display().to_string());
    let mut line: Vec<&str> = ["usina"].iter().chain(words).copied().collect();
    if store.folder != Path::new(DEFAULT_FOLDER) {
        line.extend(["--data", &folder]);
    }
    if let Some(file) = &key_file {
        line.extend(["--master-key-file", file]);
    }
    line.into_iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it, in quotes where it has to be.
pub fn quoted(word: &str) -> String {
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
}
