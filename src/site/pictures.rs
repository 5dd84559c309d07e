//! Copies of pictures: which ones a site asks for.

use serde::de::{Deserialize, Deserializer, Error};

const WIDTHS: &[u32] = &[480, 960, 1600];
const QUALITY: u8 = 80;
/// How wide a cut is at most: what Google's documentation of NewsArticle asks for.
const WIDEST_CUT: u32 = 1200;
/// The fewest pixels of a cut, by the same.
const LEAST_CUT: u64 = 50_000;
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
    /// The shapes that stories' main pictures are cut to for machines.
    pub ratios: Vec<Ratio>,
}

/// The shape of a picture, width to height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(u16, u16);

impl Ratio {
    /// A shape as it is written: `16:9`.
    fn read(text: &str) -> Option<Self> {
        let (across, down) = text.split_once(':')?;
        let (across, down): (u16, u16) = (across.trim().parse().ok()?, down.trim().parse().ok()?);
        ((1..=100).contains(&across) && (1..=100).contains(&down)).then_some(Self(across, down))
    }

    /// The largest part in the middle of a picture that has this shape, and its size once it is no wider than machines ask for; `None` if that would be
    /// smaller than they take.
    pub fn cut(self, (width, height): (u32, u32)) -> Option<Cut> {
        let (across, down) = (u64::from(self.0), u64::from(self.1));
        let (wide, high) = (u64::from(width), u64::from(height));
        let part = if wide * down > high * across {
            (high * across / down, high)
        } else {
            (wide, wide * down / across)
        };
        let shown = part.0.min(u64::from(WIDEST_CUT));
        let size = (shown, (shown * down * 2 / across).div_ceil(2));
        let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
        let pair = |(one, other)| (number(one), number(other));
        (size.0 * size.1 >= LEAST_CUT).then(|| Cut { ratio: self, part: pair(part), size: pair(size) })
    }
}

impl std::fmt::Display for Ratio {
    /// As it is in the name of a file: `16x9`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.0, self.1)
    }
}

/// A picture's middle in some shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The shape.
    pub ratio: Ratio,
    /// Width and height of what is cut out.
    pub part: (u32, u32),
    /// Width and height of what is published.
    pub size: (u32, u32),
}

#[derive(serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Entry {
    widths: Vec<u32>,
    quality: u8,
    ratios: Vec<String>,
}

impl Default for Entry {
    fn default() -> Self {
        Self { widths: WIDTHS.to_vec(), quality: QUALITY, ratios: Vec::new() }
    }
}

impl<'de> Deserialize<'de> for Pictures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Entry { mut widths, quality, ratios } = Entry::deserialize(deserializer)?;
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
        let read: Option<Vec<Ratio>> = ratios.iter().map(|ratio| Ratio::read(ratio)).collect();
        let Some(mut ratios) = read.filter(|ratios| ratios.len() <= MOST) else {
            return Err(Error::custom(format_args!(
                "`ratios` takes up to {MOST} shapes like \"16:9\", of numbers from 1 to 100"
            )));
        };
        ratios.sort_unstable();
        ratios.dedup();
        Ok(Self { widths, quality, ratios })
    }
}

impl Pictures {
    /// The widths that are made of a picture: those below its own.
    pub fn below(&self, width: u32) -> impl Iterator<Item = u32> + '_ {
        self.widths.iter().copied().filter(move |narrower| *narrower < width)
    }
}
