//! The folders of a site that may be missing: `templates/` and `static/`. One that exists and can't
//! be used must not count as missing.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::diagnostics::Diagnostic;
use crate::regular_file;

/// Finds an optional folder of a site, given by its name below the root, which is canonical. None
/// if there is nothing of this name.
///
/// # Errors
/// `unreadable` if it isn't a folder, or can't be opened; `symlink` if it is a symbolic link that
/// is broken, or whose target is outside the site.
pub(crate) fn find_source_folder(
    root: &Path,
    name: &str,
) -> Result<Option<PathBuf>, Box<Diagnostic>> {
    let folder = root.join(name);
    let unreadable = |error: io::Error| {
        let message = format!("can't read it: {error}");
        let help = format!("make {name}/ a folder that can be read, or remove it");
        Box::new(Diagnostic::error("unreadable", format!("{name}/"), message).help(help))
    };
    let refused_link = |message: String| {
        let help = format!("put the files themselves into {name}/");
        Box::new(Diagnostic::error("symlink", format!("{name}/"), message).help(help))
    };
    let is_link = match fs::symlink_metadata(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        Ok(metadata) => metadata.is_symlink(),
    };
    let target = match folder.canonicalize() {
        Ok(target) => target,
        Err(error) if is_link => {
            let message = format!("the symbolic link is broken or circular ({error})");
            return Err(refused_link(message));
        }
        Err(error) => return Err(unreadable(error)),
    };
    if !target.starts_with(root) {
        let message = "the symbolic link points outside the site and is not followed";
        return Err(refused_link(message.to_owned()));
    }
    let metadata = fs::metadata(&target).map_err(unreadable)?;
    if metadata.is_dir() {
        return Ok(Some(folder));
    }
    Err(unreadable(match metadata.is_file() {
        true => io::Error::new(ErrorKind::NotADirectory, "it is a file, not a folder"),
        false => regular_file::not_a_file(&metadata),
    }))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::find_source_folder;

    #[test]
    fn what_exists_and_is_no_folder_of_the_site_is_an_error() {
        let outside = tempfile::tempdir().expect("a folder is created");
        let site = tempfile::tempdir().expect("a folder is created");
        let root = site.path().canonicalize().expect("it exists");
        let code = |name: &str| match find_source_folder(&root, name) {
            Ok(found) => found.map(|_| "folder"),
            Err(diagnostic) => Some(diagnostic.code),
        };
        fs::create_dir(root.join("folder")).expect("it is created");
        fs::write(root.join("file"), "").expect("it is written");
        let links = [
            ("inside", root.join("folder")),
            ("to-file", root.join("file")),
            ("outside", outside.path().to_owned()),
            ("device", "/dev/null".into()),
            ("broken", "nothing".into()),
            ("loop", "loop".into()),
        ];
        for (name, target) in links {
            symlink(target, root.join(name)).expect("it is linked");
        }
        assert_eq!(code("missing"), None);
        assert_eq!(code("folder"), Some("folder"));
        assert_eq!(code("inside"), Some("folder"));
        for name in ["file", "to-file"] {
            assert_eq!(code(name), Some("unreadable"), "{name}");
        }
        for name in ["outside", "device", "broken", "loop"] {
            assert_eq!(code(name), Some("symlink"), "{name}");
        }
    }
}
