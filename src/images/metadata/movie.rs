//! The tracks of an image sequence (ISO/IEC 14496-12, section 8): those with images stay.

use std::ops::Range;

use super::boxes::{Box, BoxFields, DAMAGED};
use super::fields::Problem;

/// The number of containers that may be in each other: `trak`, `mdia`, `minf`, `stbl`.
const MAX_DEPTH: u8 = 4;

/// Boxes that contain boxes only.
const CONTAINERS: &[&[u8; 4]] = &[b"trak", b"edts", b"mdia", b"minf", b"stbl"];

/// Boxes that time, position or find images.
const TABLES: &[&[u8; 4]] = &[
    b"elst", b"tref", b"vmhd", b"nmhd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2",
    b"stco", b"co64", b"stss", b"sgpd", b"sbgp", b"sdtp", b"free",
];

/// Boxes of a sample description that decode or place pixels.
const SAMPLE_BOXES: &[&[u8; 4]] = &[
    b"av1C", b"hvcC", b"lhvC", b"vvcC", b"avcC", b"colr", b"pasp", b"clap", b"auxi", b"ccst",
    b"mdcv", b"clli", b"cclv", b"amve", b"btrt",
];

/// Cleans a `moov` box in place. Returns the ranges of the file that hold images.
///
/// # Errors
/// [`Problem::Damaged`] or [`Problem::Unsupported`] if its structure isn't understood.
pub(super) fn clean_movie(file: &mut [u8], movie: &Box) -> Result<Vec<Range<usize>>, Problem> {
    let mut samples = Vec::new();
    for one in Box::all(file, movie.body.clone()).ok_or(DAMAGED)? {
        match &one.kind {
            b"mvhd" => clean_header(file, &one),
            b"trak" if is_image_track(file, &one)? => {
                clean_container(file, &one, 1, &mut samples)?;
            }
            _ => one.erase(file),
        }
    }
    Ok(samples)
}

fn find(file: &[u8], parent: &Box, kind: &[u8; 4]) -> Result<Option<Box>, Problem> {
    let boxes = Box::all(file, parent.body.clone()).ok_or(DAMAGED)?;
    Ok(boxes.into_iter().find(|one| one.kind == *kind))
}

fn is_image_track(file: &[u8], track: &Box) -> Result<bool, Problem> {
    let media = find(file, track, b"mdia")?.ok_or(DAMAGED)?;
    let handler = find(file, &media, b"hdlr")?.ok_or(DAMAGED)?;
    let kind = file[handler.body].get(8..12);
    Ok(kind
        .is_some_and(|kind| [b"pict", b"vide", b"auxv"].iter().any(|one| kind == one.as_slice())))
}

/// Removes the times of creation and modification.
fn clean_header(file: &mut [u8], header: &Box) {
    let body = &mut file[header.body.clone()];
    let length = if body.first() == Some(&1) { 16 } else { 8 };
    if let Some(times) = body.get_mut(4..4 + length) {
        times.fill(0);
    }
}

/// Cleans a container in place, which is at a depth from 1. Adds the ranges of its samples.
///
/// # Errors
/// As [`clean_movie`].
fn clean_container(
    file: &mut [u8],
    container: &Box,
    depth: u8,
    samples: &mut Vec<Range<usize>>,
) -> Result<(), Problem> {
    if depth > MAX_DEPTH {
        return Err(DAMAGED);
    }
    for one in Box::all(file, container.body.clone()).ok_or(DAMAGED)? {
        let is_in = |list: &[&[u8; 4]]| list.iter().any(|kind| one.kind == **kind);
        match &one.kind {
            b"tkhd" | b"mdhd" => clean_header(file, &one),
            // The name follows the type and three reserved numbers.
            b"hdlr" => {
                if let Some(name) = file[one.body.clone()].get_mut(24..) {
                    name.fill(0);
                }
            }
            b"dinf" => clean_data_information(file, &one)?,
            b"stsd" => clean_descriptions(file, &one)?,
            b"stbl" => {
                samples.extend(sample_ranges(file, &one)?);
                clean_container(file, &one, depth + 1, samples)?;
            }
            b"free" => one.erase(file),
            _ if is_in(CONTAINERS) => clean_container(file, &one, depth + 1, samples)?,
            _ if is_in(TABLES) => {}
            _ => one.erase(file),
        }
    }
    Ok(())
}

/// Checks that the images are in this file, whose name isn't needed.
fn clean_data_information(file: &mut [u8], information: &Box) -> Result<(), Problem> {
    for one in Box::all(file, information.body.clone()).ok_or(DAMAGED)? {
        if one.kind != *b"dref" || one.body.len() < 8 {
            one.erase(file);
            continue;
        }
        for entry in Box::all(file, one.body.start + 8..one.body.end).ok_or(DAMAGED)? {
            let is_this_file = file.get(entry.body.start + 3).is_some_and(|flags| flags & 1 == 1);
            if !is_this_file || entry.body.len() < 4 {
                return Err(Problem::Unsupported("its image data is in another file"));
            }
            file[entry.body.start + 4..entry.body.end].fill(0);
        }
    }
    Ok(())
}

/// Cleans sample descriptions: the name of a compressor, and boxes of other kinds.
fn clean_descriptions(file: &mut [u8], descriptions: &Box) -> Result<(), Problem> {
    if descriptions.body.len() < 8 {
        return Err(DAMAGED);
    }
    let entries = descriptions.body.start + 8..descriptions.body.end;
    for entry in Box::all(file, entries).ok_or(DAMAGED)? {
        // A visual entry has 78 bytes, of which a name of 32 begins at 42 (section 12.1.3).
        if entry.body.len() < 78 {
            return Err(DAMAGED);
        }
        file[entry.body.start + 42..entry.body.start + 74].fill(0);
        for one in Box::all(file, entry.body.start + 78..entry.body.end).ok_or(DAMAGED)? {
            if !SAMPLE_BOXES.iter().any(|kind| one.kind == **kind) {
                one.erase(file);
            }
        }
    }
    Ok(())
}

/// Returns the ranges of the file that hold a track's samples, by chunk.
fn sample_ranges(file: &[u8], table: &Box) -> Result<Vec<Range<usize>>, Problem> {
    let body = |kind: &[u8; 4]| {
        Ok(find(file, table, kind)?.map(|one| BoxFields { rest: &file[one.body] }))
    };
    let mut sizes =
        body(b"stsz")?.ok_or(Problem::Unsupported("its samples have sizes in a compact form"))?;
    sizes.version()?;
    let (uniform_size, sample_count) = (sizes.number(4)?, sizes.number(4)?);
    let (mut offsets, offset_bytes) = match body(b"stco")? {
        Some(offsets) => (offsets, 4),
        None => (body(b"co64")?.ok_or(DAMAGED)?, 8),
    };
    offsets.version()?;
    let mut runs = body(b"stsc")?.ok_or(DAMAGED)?;
    runs.version()?;
    // The first chunk of each run, and the samples in each of its chunks.
    let mut run_list = Vec::new();
    for _ in 0..runs.small(4)? {
        run_list.push((runs.number(4)?, runs.number(4)?));
        runs.take_bytes(4)?;
    }
    if !run_list.is_sorted_by_key(|(first, _)| *first) {
        return Err(DAMAGED);
    }
    let (mut ranges, mut samples_left) = (Vec::new(), sample_count);
    for chunk in 1..=offsets.number(4)? {
        let start = offsets.number(offset_bytes)?;
        let runs_before = run_list.partition_point(|(first, _)| *first <= chunk);
        let (_, in_chunk) = run_list[..runs_before].last().ok_or(DAMAGED)?;
        let in_chunk = (*in_chunk).min(samples_left);
        samples_left -= in_chunk;
        let length = if uniform_size > 0 {
            uniform_size.checked_mul(in_chunk).ok_or(DAMAGED)?
        } else {
            let mut length = 0;
            for _ in 0..in_chunk {
                length += sizes.number(4)?;
            }
            length
        };
        let to_offset = |number: u64| usize::try_from(number).map_err(|_| DAMAGED);
        let end = start.checked_add(length).ok_or(DAMAGED)?;
        ranges.push(to_offset(start)?..to_offset(end)?);
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::super::boxes::new_box;
    use super::*;

    #[test]
    fn containers_in_each_other_are_limited() {
        let nested = |count: usize| {
            let mut file = Vec::new();
            for _ in 0..count {
                file = new_box(b"edts", &file);
            }
            let container = Box::all(&file, 0..file.len()).expect("it has boxes").remove(0);
            clean_container(&mut file, &container, 1, &mut Vec::new())
        };
        assert!(nested(usize::from(MAX_DEPTH)).is_ok());
        assert!(matches!(nested(20_000), Err(Problem::Damaged(_))));
    }

    #[test]
    fn samples_are_found_by_the_run_of_their_chunk() {
        let numbers = |kind: &[u8; 4], numbers: &[u32]| {
            let body: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
            new_box(kind, &body)
        };
        // Samples of 10 bytes: two in each of the chunks 1 and 2, one in chunk 3.
        let table = |first_of_second_run: u32, first: u32| {
            let runs = [0, 2, first, 2, 1, first_of_second_run, 1, 1];
            let sizes = numbers(b"stsz", &[0, 10, 5]);
            let offsets = numbers(b"stco", &[0, 3, 100, 200, 300]);
            let file = new_box(b"stbl", &[sizes, numbers(b"stsc", &runs), offsets].concat());
            let container = Box::all(&file, 0..file.len()).expect("it has boxes").remove(0);
            sample_ranges(&file, &container)
        };
        assert_eq!(table(3, 1).expect("it is valid"), [100..120, 200..220, 300..310]);
        assert!(matches!(table(1, 3), Err(Problem::Damaged(_))), "the runs aren't in order");
    }
}
