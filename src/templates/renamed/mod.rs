//! Names that templates had in version 0.1: finds them in a site's own templates, for diagnostics
//! and for `dateline fix --templates`.

mod find;
mod messages;
mod names;
mod report;
mod roles;
mod shapes;

pub(crate) use find::find_in_template;
pub(crate) use messages::find_in_messages;
pub(crate) use names::{RenamedName, new_file_name, replace_names};
pub(crate) use report::{file_diagnostic, name_diagnostics};
