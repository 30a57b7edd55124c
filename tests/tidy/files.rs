//! Rules about files as a whole.

/// The most lines that a file of the executable has.
const RUST_LINES: usize = 400;
/// The most lines that a file of the web page has.
const PAGE_LINES: usize = 200;

/// A file that is longer than one idea; what others wrote is not ours to cut.
pub(crate) fn too_long(path: &str, text: &str) -> Vec<String> {
    if path.starts_with("assets/vendor/") {
        return Vec::new();
    }
    let most = if path.starts_with("assets/") {
        PAGE_LINES
    } else {
        RUST_LINES
    };
    let lines = text.lines().count();
    let fault = format!("{path}: {lines} lines hold two ideas; {most} are the most");
    (lines > most).then_some(fault).into_iter().collect()
}

/// A module written as `foo/mod.rs` instead of `foo.rs`.
pub(crate) fn module_in_folder(path: &str, _text: &str) -> Vec<String> {
    let beside = path
        .strip_suffix("/mod.rs")
        .map(|folder| format!("{path}: write {folder}.rs instead"));
    beside.into_iter().collect()
}

/// Notes that something is still to be done: an issue is the place for them.
pub(crate) fn left_for_later(path: &str, text: &str) -> Vec<String> {
    // Written so that this file does not find itself.
    const NOTES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];
    if path.starts_with("assets/vendor/") {
        return Vec::new();
    }
    let noted = |line: &str| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| NOTES.contains(&word))
    };
    let lines = text.lines().enumerate().filter(|(_, line)| noted(line));
    lines
        .map(|(index, line)| format!("{path}:{}: left for later: {}", index + 1, line.trim()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_too_many_is_found() {
        assert_eq!(too_long("src/a.rs", &"x\n".repeat(401)).len(), 1);
        assert_eq!(too_long("src/a.rs", &"x\n".repeat(400)).len(), 0);
        assert_eq!(too_long("assets/app.js", &"x\n".repeat(201)).len(), 1);
        assert_eq!(too_long("assets/app.js", &"x\n".repeat(200)).len(), 0);
        assert_eq!(too_long("assets/vendor/app.js", &"x\n".repeat(999)).len(), 0);
    }

    #[test]
    fn a_module_file_in_its_folder_is_found() {
        assert_eq!(
            module_in_folder("src/store/mod.rs", ""),
            ["src/store/mod.rs: write src/store.rs instead"]
        );
        assert_eq!(module_in_folder("src/store/modes.rs", "").len(), 0);
        assert_eq!(module_in_folder("src/store/nomod.rs", "").len(), 0);
    }

    #[test]
    fn a_note_for_later_is_found() {
        let note = concat!("a\n// TO", "DO: b\n");
        assert_eq!(
            left_for_later("src/a.rs", note),
            [concat!("src/a.rs:2: left for later: // TO", "DO: b")]
        );
        assert_eq!(left_for_later("src/a.rs", concat!("FIX", "ME(x)")).len(), 1);
        assert_eq!(
            left_for_later("src/a.rs", concat!("TO", "DOS and to", "do!()")).len(),
            0
        );
        assert_eq!(left_for_later("assets/vendor/a.js", note).len(), 0);
    }
}
