//! `dateline fix`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::report::Reporter;
use super::{Format, now};
use crate::build;
use crate::diagnostic::{Error, Severity};
use crate::mend::{self, Mend, Mends};
use crate::site::{CONFIG_FILE, Options, Site};

/// What a call asks for.
#[derive(Args)]
pub(super) struct Fix {
    /// Which articles, or folders of them [default: all of the site]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The site's folder
    #[arg(long, default_value = ".", value_name = "DIR")]
    root: PathBuf,
    /// Write the files; without it, nothing is written
    #[arg(long)]
    write: bool,
    /// Make these mends alone
    #[arg(long, value_name = "MEND", value_delimiter = ',', value_parser = PossibleValuesParser::new(Mend::ALL.map(Mend::name)))]
    only: Vec<String>,
    /// Make all mends but these
    #[arg(long, value_name = "MEND", value_delimiter = ',', conflicts_with = "only", value_parser = PossibleValuesParser::new(Mend::ALL.map(Mend::name)))]
    except: Vec<String>,
    /// How to report
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: Format,
}

impl Fix {
    /// Mends, or says what it would mend; gives the number of files that are yet to be mended.
    pub(super) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        let options = Options { root: self.root.clone(), now: now(), ..Options::default() };
        let (site, mut mistakes) = Site::load(options)?;
        // Settings that can't be used may be the time zone or the taxonomies: a mend would guess.
        mistakes.retain(|mistake| mistake.file == CONFIG_FILE && build::stops(mistake));
        if !mistakes.is_empty() {
            reporter.cannot_fix(&mistakes);
            return Ok(mistakes.len());
        }
        let (all, _) = build::files(&site);
        let files = chosen(&site, &self.files, &all)?;
        let mut teller = reporter.fixes(self.write);
        let how = (self.mends(), self.write);
        let tally = mend::mend(&site, &all, &files, how, reporter, &mut |mended| teller.tell(&mended))?;
        teller.finish(&tally);
        let errors = tally.diagnostics.iter().filter(|wrong| wrong.severity == Severity::Error).count();
        Ok(errors + if self.write { 0 } else { tally.files })
    }

    /// The mends that the call asks for.
    fn mends(&self) -> Mends {
        let named =
            |names: &[String]| -> Vec<Mend> { names.iter().filter_map(|name| Mend::named(name)).collect() };
        match self.only.is_empty() {
            true => Mends::usual().except(&named(&self.except)),
            false => Mends::only(&named(&self.only)),
        }
    }
}

/// The articles that a call names, in their order: all if it names none.
fn chosen<'a>(site: &Site, named: &[PathBuf], all: &'a [Box<str>]) -> Result<Vec<&'a str>, Error> {
    let below: Vec<String> = named.iter().map(|path| place(site, path)).collect::<Result<_, _>>()?;
    let within = |path: &str, place: &str| {
        place.is_empty()
            || path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    for (path, place) in named.iter().zip(&below) {
        if !all.iter().any(|file| within(file, place)) {
            let hint = "name files that end in .md or .markdown, or folders that hold some";
            return Err(Error::Usage(format!("there is no article in {}; {hint}", path.display())));
        }
    }
    let chosen = |path: &&str| below.is_empty() || below.iter().any(|place| within(path, place));
    Ok(all.iter().map(|path| &**path).filter(chosen).collect())
}

/// The path below `content/` of what a call names: from the current folder, or else from the site's.
fn place(site: &Site, path: &Path) -> Result<String, Error> {
    let found = path.canonicalize().or_else(|error| site.root.join(path).canonicalize().map_err(|_| error));
    let found = found.map_err(Error::io("can't find", path))?;
    let below = found.strip_prefix(&site.content).ok().and_then(Path::to_str);
    let below = below.map(|below| below.replace('\\', "/"));
    below.ok_or_else(|| {
        let hint = "name articles of this site, or use --root to name another";
        Error::Usage(format!("{} is not in {}; {hint}", path.display(), site.content.display()))
    })
}
