//! What all pages of one template depend on.

use super::outputs;
use crate::config::Site;
use crate::model::{Dependencies, Fingerprint, Fingerprinter};
use crate::templates::Templates;

/// What all pages of one template depend on, besides what each shows.
pub(super) struct CommonInputs {
    pub(super) fingerprint: Fingerprint,
    pub(super) dependencies: Dependencies,
}

impl CommonInputs {
    pub(super) fn new(template: &'static str, site: &Site, templates: &Templates) -> Self {
        let mut dependencies = vec![(
            "the program's rendering".to_owned(),
            format!("{} {}", env!("CARGO_PKG_VERSION"), super::RENDERING_VERSION),
        )];
        let template_dependencies = templates.dependencies(template);
        for name in &template_dependencies.templates {
            let hash = Fingerprint::hash_bytes(templates.source(name).as_bytes());
            // The first template of a site's own gives the built-in ones second names, but changes
            // nothing in them. Where a site's own takes the place of one and still calls it, both
            // are told.
            let original_name = name
                .strip_prefix("builtin/")
                .filter(|original_name| !template_dependencies.templates.contains(*original_name));
            let name = original_name.unwrap_or(name);
            dependencies.push((format!("template {name}"), format!("[{:016x}]", hash.0)));
        }
        let site_values = templates.site_context.as_map();
        let keys = site_values.into_iter().flat_map(|site_values| site_values.iter());
        let is_used = |key: &str| {
            template_dependencies.site_keys.as_ref().is_none_or(|keys| keys.contains(key))
        };
        let mut keys: Vec<(String, String)> = keys
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .filter(|(key, _)| is_used(key))
            .map(|(key, value)| (format!("site.{key}"), value))
            .collect();
        keys.sort();
        dependencies.extend(keys);
        let config = &site.config;
        let settings = [
            ("words of the interface", format!("[{:016x}]", templates.messages_fingerprint.0)),
            ("base_url", site.base_url.clone()),
            ("title", config.title.clone()),
            ("description", config.description.clone().unwrap_or_default()),
            ("language", config.language.clone()),
            ("time_zone", config.time_zone.clone()),
            ("calendars", format!("{:?}", config.calendars)),
            ("taxonomies", format!("{:?}", site.taxonomies)),
            ("sections", format!("{:?}", config.sections)),
        ];
        dependencies.extend(settings.map(|(name, value)| (name.to_owned(), value)));
        if template == super::ARTICLE_TEMPLATE {
            dependencies.push(("corrections".to_owned(), format!("{:?}", config.corrections)));
            let ratios = config.images.as_ref().map(|images| &images.ratios);
            let ratios = ratios.filter(|ratios| !ratios.is_empty());
            dependencies
                .extend(ratios.map(|ratios| ("pictures.ratios".to_owned(), format!("{ratios:?}"))));
            let body_settings = (
                &config.html,
                config.smart_punctuation,
                &config.limits,
                config.reactions.is_some(),
            );
            dependencies.push((
                "html, smart_punctuation, limits, reactions".to_owned(),
                format!("{body_settings:?}"),
            ));
        }
        let outputs = &config.outputs;
        match template {
            super::OUTPUTS => dependencies.extend(outputs::settings_dependencies(site)),
            _ => {
                let feeds = outputs.feeds.as_ref().map(|feeds| (&feeds.formats, &feeds.archive));
                let shown_settings = (
                    outputs.structured_data,
                    &outputs.license,
                    outputs.citations,
                    &outputs.data,
                    feeds,
                    &config.logo,
                );
                dependencies.push((
                    "metadata, license, cite, data, feeds, logo".to_owned(),
                    format!("{shown_settings:?}"),
                ));
            }
        }
        let mut hash = Fingerprinter::new();
        dependencies.iter().for_each(|(name, value)| {
            hash.text(name).text(value);
        });
        Self { fingerprint: hash.finish(), dependencies }
    }
}
