//! What all pages of one template depend on.

use super::machines;
use crate::model::{Fingerprint, Fingerprinter, Told};
use crate::site::Site;
use crate::templates::Templates;

/// What all pages of one template depend on, besides what each shows.
pub(super) struct Common {
    pub(super) fingerprint: Fingerprint,
    pub(super) told: Told,
}

impl Common {
    pub(super) fn of(template: &'static str, site: &Site, templates: &Templates) -> Self {
        let mut told = vec![(
            "the program's rendering".to_owned(),
            format!("{} {}", env!("CARGO_PKG_VERSION"), super::RENDERING_VERSION),
        )];
        let closure = templates.closure(template);
        for name in &closure.templates {
            let hash = Fingerprint::of(templates.source(name).as_bytes());
            // The first template of a site's own gives the built-in ones second names, but changes nothing in them.
            // Where a site's own takes the place of one and still calls it, both are told.
            let plain = name.strip_prefix("builtin/").filter(|plain| !closure.templates.contains(*plain));
            let name = plain.unwrap_or(name);
            told.push((format!("template {name}"), format!("[{:016x}]", hash.0)));
        }
        let parts = templates.globals.as_map();
        let keys = parts.into_iter().flat_map(|parts| parts.iter());
        let used = |key: &str| closure.site.as_ref().is_none_or(|keys| keys.contains(key));
        let mut keys: Vec<(String, String)> = keys
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .filter(|(key, _)| used(key))
            .map(|(key, value)| (format!("site.{key}"), value))
            .collect();
        keys.sort();
        told.extend(keys);
        let config = &site.config;
        let settings = [
            ("words of the interface", format!("[{:016x}]", templates.words.0)),
            ("base_url", site.base_url.clone()),
            ("title", config.title.clone()),
            ("description", config.description.clone().unwrap_or_default()),
            ("language", config.language.clone()),
            ("time_zone", config.time_zone.clone()),
            ("calendars", format!("{:?}", config.calendars)),
            ("taxonomies", format!("{:?}", site.taxonomies)),
            ("sections", format!("{:?}", config.sections)),
        ];
        told.extend(settings.map(|(name, value)| (name.to_owned(), value)));
        if template == super::ARTICLE {
            told.push(("corrections".to_owned(), format!("{:?}", config.corrections)));
            let ratios = config.pictures.as_ref().map(|pictures| &pictures.ratios);
            let ratios = ratios.filter(|ratios| !ratios.is_empty());
            told.extend(ratios.map(|ratios| ("pictures.ratios".to_owned(), format!("{ratios:?}"))));
            let bodies = (&config.html, config.smart_punctuation, &config.limits, config.reactions.is_some());
            told.push(("html, smart_punctuation, limits, reactions".to_owned(), format!("{bodies:?}")));
        }
        let machines = &config.machines;
        match template {
            super::MACHINES => told.extend(machines::settings(site)),
            _ => {
                let feeds = machines.feeds.as_ref().map(|feeds| (&feeds.formats, &feeds.archive));
                let shown = (
                    machines.metadata,
                    &machines.license,
                    machines.cite,
                    &machines.data,
                    feeds,
                    &config.logo,
                );
                told.push(("metadata, license, cite, data, feeds, logo".to_owned(), format!("{shown:?}")));
            }
        }
        let mut hash = Fingerprinter::new();
        told.iter().for_each(|(name, value)| {
            hash.text(name).text(value);
        });
        Self { fingerprint: hash.finish(), told }
    }
}
