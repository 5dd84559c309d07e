//! Smaller copies of pictures: which ones a site asks for.

use serde::de::{Deserialize, Deserializer, Error};

const WIDTHS: &[u32] = &[480, 960, 1600];
const QUALITY: u8 = 80;
/// How many widths there may be, and between which.
const MOST: usize = 8;
const RANGE: std::ops::RangeInclusive<u32> = 16..=8192;

/// The copies that are made of each picture in a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// Their widths in pixels, widest first, each once.
    pub widths: Vec<u32>,
    /// How good they are, from 1 to 100.
    pub quality: u8,
}

#[derive(serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entry {
    widths: Vec<u32>,
    quality: u8,
}

impl Default for Entry {
    fn default() -> Self {
        Self { widths: WIDTHS.to_vec(), quality: QUALITY }
    }
}

impl<'de> Deserialize<'de> for Pictures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Entry { mut widths, quality } = Entry::deserialize(deserializer)?;
        widths.sort_unstable_by(|one, other| other.cmp(one));
        widths.dedup();
        if widths.len() > MOST || widths.iter().any(|width| !RANGE.contains(width)) {
            let (least, most) = (RANGE.start(), RANGE.end());
            return Err(Error::custom(format_args!(
                "`widths` takes up to {MOST} widths of {least} to {most} pixels"
            )));
        }
        if !(1..=100).contains(&quality) {
            return Err(Error::custom("`quality` is a number from 1 to 100"));
        }
        Ok(Self { widths, quality })
    }
}

impl Pictures {
    /// The widths that are made of a picture: those below its own.
    pub fn below(&self, width: u32) -> impl Iterator<Item = u32> + '_ {
        self.widths.iter().copied().filter(move |narrower| *narrower < width)
    }
}
