//! What others wrote is shipped byte for byte, with its name, version, licence and origin.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    file: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    name: String,
    version: String,
    licence: String,
    source: String,
    path: String,
    sha256: String,
}

/// Where `list` (`VENDOR.toml`) and the files that are `present` (name and bytes) disagree.
pub(crate) fn faults(list: &str, present: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let list: List = match toml::from_str(list) {
        Ok(list) => list,
        Err(error) => return vec![format!("VENDOR.toml: {error}")],
    };
    let listed = list.file.iter().flat_map(|entry| {
        let Entry {
            file,
            name,
            version,
            licence,
            source,
            path,
            ..
        } = entry;
        let blank = [name, version, licence, source, path]
            .into_iter()
            .any(|text| text.trim().is_empty());
        let content = match present.get(file) {
            None => Some(format!("{file}: named in VENDOR.toml, but not there")),
            Some(bytes) if hex(&Sha256::digest(bytes)) != entry.sha256 => Some(format!(
                "{file}: its SHA-256 is {}, not the one in VENDOR.toml",
                hex(&Sha256::digest(bytes))
            )),
            Some(_) => None,
        };
        content
            .into_iter()
            .chain(blank.then(|| format!("{file}: say its name, version, licence and origin")))
    });
    let unlisted = present
        .keys()
        .filter(|name| !list.file.iter().any(|entry| entry.file == **name))
        .map(|name| format!("{name}: there, but not named in VENDOR.toml"));
    listed.chain(unlisted).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The SHA-256 of `abc`, from FIPS 180-2.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn list(version: &str, sha256: &str) -> String {
        format!(
            "[[file]]\nfile = \"a.js\"\nname = \"a\"\nversion = \"{version}\"\nlicence = \"MIT\"\n\
             source = \"https://example.org\"\npath = \"a.js\"\nsha256 = \"{sha256}\"\n"
        )
    }

    fn present(files: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
        files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn a_changed_missing_unlisted_or_nameless_file_is_found() {
        assert_eq!(
            faults(&list("1", ABC), &present(&[("a.js", "abc")])),
            Vec::<String>::new()
        );
        assert_eq!(faults(&list("1", ABC), &present(&[("a.js", "abd")])).len(), 1);
        assert_eq!(faults(&list("1", ABC), &present(&[])).len(), 1);
        assert_eq!(
            faults(&list("1", ABC), &present(&[("a.js", "abc"), ("b.js", "")])).len(),
            1
        );
        assert_eq!(faults(&list("", ABC), &present(&[("a.js", "abc")])).len(), 1);
        assert_eq!(faults("[[file]]\nfile = \"a.js\"\n", &present(&[])).len(), 1);
    }
}
