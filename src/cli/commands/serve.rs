//! `dateline serve`.

use clap::Args;

use crate::cli::args::SiteArgs;
use crate::cli::output::report::Reporter;
use crate::diagnostics::Error;
use crate::serve;

#[derive(Args)]
pub(crate) struct ServeCommand {
    #[command(flatten)]
    site_args: SiteArgs,
    /// The port to listen on [default: 8000, or the next free port]
    #[arg(long, short, value_name = "PORT")]
    port: Option<u16>,
    /// The host name or IP address to listen on; 0.0.0.0 allows other computers to connect
    /// [default: 127.0.0.1]
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Open the site in a browser
    #[arg(long, short)]
    open: bool,
    /// Poll for changes every second instead of using file system events: for network drives and
    /// containers
    #[arg(long)]
    poll: bool,
}

impl ServeCommand {
    /// Serves the site until the process ends.
    ///
    /// # Errors
    /// As [`serve::serve`].
    pub(crate) fn run(self, reporter: &Reporter) -> Result<usize, Error> {
        if self.open {
            reporter.open_browser_on_start();
        }
        let watch_mode =
            if self.poll { serve::WatchMode::Polling } else { serve::WatchMode::Notifications };
        let options = serve::ServeOptions { host: self.host, port: self.port, watch_mode };
        serve::serve(&self.site_args.into_options(), &options, reporter).map(|()| 0)
    }
}
