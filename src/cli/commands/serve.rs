//! `dateline serve`.

use clap::Args;

use crate::cli::SiteArgs;
use crate::cli::output::report::Reporter;
use crate::diagnostics::Error;
use crate::serve;

#[derive(Args)]
pub(crate) struct ServeCommand {
    #[command(flatten)]
    site_args: SiteArgs,
    /// The port [default: 8000, or the next that is free]
    #[arg(long, short, value_name = "PORT")]
    port: Option<u16>,
    /// The name or address to listen on, so that other machines can ask, too [default: 127.0.0.1,
    /// this machine alone]
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Open the site in a browser
    #[arg(long, short)]
    open: bool,
    /// Look for changes every second instead of being told by the system: for network drives and
    /// containers
    #[arg(long)]
    poll: bool,
}

impl ServeCommand {
    /// Serves until the process ends.
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        reporter.set_open_browser(self.open);
        let options = serve::ServeOptions { host: self.host, port: self.port, poll: self.poll };
        serve::serve(&self.site_args.into_options(), &options, reporter).map(|()| 0)
    }
}
