//! The boxes of a file in the ISO base media format (ISO/IEC 14496-12).

use std::ops::Range;

use super::fields::Problem;

pub(super) const DAMAGED: Problem = Problem::Damaged("its boxes are damaged");

/// A box: its type, its whole range, and the range of its content.
#[derive(Clone, Debug)]
pub(super) struct Box {
    pub(super) kind: [u8; 4],
    pub(super) range: Range<usize>,
    pub(super) body: Range<usize>,
}

impl Box {
    /// Returns the box at an offset; `None` if it has no valid length before `end`. A box with
    /// length 0 reaches to `end`.
    pub(super) fn next(bytes: &[u8], offset: usize, end: usize) -> Option<Self> {
        let head = bytes.get(offset..end)?;
        let (length, rest) = head.split_first_chunk::<4>()?;
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let (length, header) = match u32::from_be_bytes(*length) {
            0 => (head.len(), 8),
            1 => (usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?, 16),
            length => (usize::try_from(length).ok()?, 8),
        };
        let range = offset..offset.checked_add(length).filter(|last| *last <= end)?;
        (length >= header).then(|| Self { kind: *kind, body: offset + header..range.end, range })
    }

    /// Returns the boxes in a range; `None` if other bytes are in it.
    pub(super) fn all(bytes: &[u8], range: Range<usize>) -> Option<Vec<Self>> {
        let mut boxes = Vec::new();
        let mut offset = range.start;
        while offset < range.end {
            let next = Self::next(bytes, offset, range.end)?;
            offset = next.range.end;
            boxes.push(next);
        }
        Some(boxes)
    }

    /// Turns the box into free space.
    pub(super) fn erase(&self, bytes: &mut [u8]) {
        bytes[self.range.start + 4..self.range.start + 8].copy_from_slice(b"free");
        bytes[self.body.clone()].fill(0);
    }
}

/// Returns a box with some content.
pub(super) fn new_box(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
}

/// Returns true if a range is part of another one.
pub(super) fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end
}

/// Fills everything in a range with zeros, except some ranges.
pub(super) fn erase_others(file: &mut [u8], range: Range<usize>, kept_ranges: &mut [Range<usize>]) {
    kept_ranges.sort_by_key(|one| one.start);
    let mut offset = range.start;
    for one in kept_ranges.iter().filter(|one| contains(&range, one)) {
        if one.start > offset {
            file[offset..one.start].fill(0);
        }
        offset = offset.max(one.end);
    }
    file[offset..range.end].fill(0);
}

/// A reader of big-endian numbers.
pub(super) struct BoxFields<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> BoxFields<'a> {
    /// Splits off some bytes.
    ///
    /// # Errors
    /// [`Problem::Damaged`] if there are fewer.
    pub(super) fn take_bytes(&mut self, count: usize) -> Result<&'a [u8], Problem> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(DAMAGED)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads a number of up to eight bytes.
    ///
    /// # Errors
    /// [`Problem::Damaged`] if there are fewer bytes.
    pub(super) fn number(&mut self, bytes: usize) -> Result<u64, Problem> {
        Ok(self.take_bytes(bytes)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Reads a number of up to four bytes.
    ///
    /// # Errors
    /// [`Problem::Damaged`] if there are fewer bytes.
    pub(super) fn small(&mut self, bytes: usize) -> Result<u32, Problem> {
        u32::try_from(self.number(bytes)?).map_err(|_| DAMAGED)
    }

    /// Reads the version and the flags of a full box.
    ///
    /// # Errors
    /// [`Problem::Damaged`] if there are fewer than four bytes.
    pub(super) fn version(&mut self) -> Result<(u8, u32), Problem> {
        let word = self.small(4)?;
        Ok(((word >> 24) as u8, word & 0x00ff_ffff))
    }
}
