//! Checks the settings that name a file of `static/`.

use crate::config::{CONFIG_FILE, RootName, Site};
use crate::content::references::{ReferenceTarget, resolve_reference};
use crate::diagnostics::Diagnostic;
use crate::model::RedactionMatcher;

/// Returns a warning for each setting that names a file which doesn't exist.
pub(crate) fn check(site: &Site) -> Vec<Diagnostic> {
    let settings = [("logo", &site.config.logo), ("favicon", &site.config.favicon)];
    let named = settings.into_iter().filter_map(|(key, path)| Some((key, path.as_deref()?)));
    let missing = named.filter(|(_, path)| !is_published(site, path));
    missing.map(|(key, path)| missing_file(site, key, path)).collect()
}

fn is_published(site: &Site, path: &str) -> bool {
    let path = format!("/{}", path.trim_start_matches('/'));
    path == RootName::Favicon.file_path()
        || matches!(
            resolve_reference(site, "", &path, &RedactionMatcher::empty()),
            ReferenceTarget::SitePath(_)
        )
}

fn missing_file(site: &Site, key: &str, path: &str) -> Diagnostic {
    let message = format!("`{key}`: there is no file `static/{}`", path.trim_start_matches('/'));
    let help = "put the file into static/, or write its path below static/; until then, pages \
                name a file that doesn't exist";
    Diagnostic::warning("missing-file", CONFIG_FILE, message)
        .location(site.setting_location(&[key]))
        .help(help)
}
