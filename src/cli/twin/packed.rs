//! The twin as it lies behind the executable: its compressed bytes, how many they are, and a mark.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take, Write};
use std::path::Path;

use zstd::stream::read::Decoder;

/// What an executable with a twin ends in, behind the eight bytes of its length, lowest first. `cross/build` writes it.
const MARK: &[u8; 8] = b"usinatwn";

/// A twin that is compressed beside the executable that carries it: most of what is in the one is in the other, and what
/// is left takes half the room.
#[derive(Debug)]
pub(super) struct Packed {
    executable: Vec<u8>,
    twin: Take<File>,
}

/// Finds the twin in the executable at `path`; none where there is none, or where it cannot be read.
pub(super) fn find(path: &Path) -> Option<Packed> {
    let mut file = File::open(path).ok()?;
    let end = file.seek(SeekFrom::End(-16)).ok()?;
    let mut trailer = [0; 16];
    file.read_exact(&mut trailer).ok()?;
    let (length, mark) = trailer.split_first_chunk::<8>()?;
    let start = end.checked_sub(u64::from_le_bytes(*length))?;
    if mark != MARK {
        return None;
    }
    file.rewind().ok()?;
    let mut executable = vec![0; usize::try_from(start).ok()?];
    file.read_exact(&mut executable).ok()?;
    Some(Packed {
        executable,
        twin: file.take(end - start),
    })
}

impl Packed {
    /// Writes the twin to `out`.
    ///
    /// # Errors
    /// It is damaged, or there is no room for it.
    pub(super) fn unpack(self, out: &mut impl Write) -> io::Result<()> {
        let twin = BufReader::new(self.twin);
        let mut twin = Decoder::with_ref_prefix(twin, &self.executable)?;
        io::copy(&mut twin, out).map(drop)
    }
}

/// The library that finds the drivers of GPUs.
const LOADER: &str = "libvulkan.so.1";

/// Whether the Vulkan loader is where programs find libraries: only then is it worth 200 ms to start the twin.
pub(super) fn has_vulkan_loader() -> bool {
    let folders = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let named = std::env::split_paths(&folders).map(|folder| folder.join(LOADER));
    let usual = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"].map(|folder| Path::new(folder).join(LOADER));
    named.chain(usual).any(|file| file.exists()) || is_in_cache(Path::new("/etc/ld.so.cache"))
}

/// Whether the system has opened a GPU to programs: the files of Linux's own drivers, of NVIDIA's, and of Windows below.
pub(super) fn has_hardware() -> bool {
    let is_render = |entry: io::Result<std::fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.file_name().as_encoded_bytes().starts_with(b"renderD"))
    };
    let has_render = std::fs::read_dir("/dev/dri").is_ok_and(|mut entries| entries.any(is_render));
    has_render
        || ["/dev/nvidiactl", "/dev/dxg"]
            .iter()
            .any(|file| Path::new(file).exists())
}

/// Whether the dynamic linker's cache of libraries names it.
fn is_in_cache(cache: &Path) -> bool {
    let names = std::fs::read(cache).unwrap_or_default();
    names.windows(LOADER.len()).any(|name| name == LOADER.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(content: &[u8]) -> Option<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("usina");
        std::fs::write(&path, content).unwrap();
        let mut twin = Vec::new();
        find(&path)?.unpack(&mut twin).unwrap();
        Some(twin)
    }

    #[test]
    fn a_twin_is_found_behind_the_executable_and_nowhere_else() {
        let (executable, twin) = (b"ELF and much else".as_slice(), b"ELF and much more".as_slice());
        let mut packer = zstd::stream::Encoder::with_ref_prefix(Vec::new(), 19, executable).unwrap();
        packer.write_all(twin).unwrap();
        let packed = packer.finish().unwrap();
        let with =
            |length: u64, mark: &[u8]| [executable, &packed, length.to_le_bytes().as_slice(), mark].concat();
        let length = packed.len() as u64;
        assert_eq!(found(&with(length, MARK)).unwrap(), twin);
        assert_eq!(found(&with(length, b"USINATWN")), None);
        for too_long in [length + executable.len() as u64 + 1, u64::MAX] {
            assert_eq!(found(&with(too_long, MARK)), None);
        }
        assert_eq!(found(b"ELF"), None);
    }

    #[test]
    fn a_library_is_found_in_the_cache_by_its_whole_name() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        for (names, is_there) in [
            ("libz.so.1\0libvulkan.so.1\0/usr/lib/libvulkan.so.1\0", true),
            ("libz.so.1\0libvulkan.so\0", false),
        ] {
            std::fs::write(&cache, names).unwrap();
            assert_eq!(is_in_cache(&cache), is_there);
        }
        assert!(!is_in_cache(&folder.path().join("none")));
    }
}
