//! Messages of `dateline serve`.

use std::time::Duration;

use super::report::{Reporter, pluralize};
use super::stdio::safe_println;
use crate::diagnostics::Diagnostic;
use crate::serve::ServeObserver;

impl ServeObserver for Reporter {
    fn on_started(&self, url: &str, articles: usize) {
        self.clear_progress();
        if !self.is_quiet() {
            safe_println!("Serving {} at {url}", pluralize(articles, "article"));
            safe_println!("Pages reload when files change. Press Ctrl-C to stop");
        }
        if self.opens_browser() && open::that_detached(url).is_err() {
            self.print_note("can't open a browser");
        }
    }

    fn on_changed(&self, changed: &[String], files_read: usize, elapsed: Duration) {
        if self.is_quiet() {
            return;
        }
        let first = changed.first().map_or("", String::as_str);
        let others = match changed.len() {
            0 | 1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        let details = if self.is_verbose() {
            format!(", {} read", pluralize(files_read, "file"))
        } else {
            String::new()
        };
        safe_println!("{first}{others}: updated in {} ms{details}", elapsed.as_millis());
    }

    fn on_diagnostics(&self, diagnostics: &[Diagnostic]) {
        self.print_diagnostics(diagnostics);
    }

    fn on_notice(&self, text: &str) {
        self.print_note(text);
    }
}
