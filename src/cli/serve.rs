//! `dateline serve`.

use clap::Args;

use super::Which;
use super::report::Reporter;
use crate::diagnostic::Error;
use crate::serve;

#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    which: Which,
    /// The port [default: 8000, or the next that is free]
    #[arg(long, short, value_name = "PORT")]
    port: Option<u16>,
    /// The name or address to listen on, so that other machines can ask, too [default: 127.0.0.1, this machine alone]
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Open the site in a browser
    #[arg(long, short)]
    open: bool,
    /// Look for changes every second instead of being told by the system: for network drives and containers
    #[arg(long)]
    poll: bool,
}

impl Serve {
    /// Serves until the process ends.
    pub(super) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        reporter.open_browser(self.open);
        let how = serve::Serve { host: self.host, port: self.port, poll: self.poll };
        serve::serve(&self.which.options(), &how, reporter).map(|()| 0)
    }
}
