//! The positions of the items of a HEIF file: the `iloc` box (ISO/IEC 14496-12).

use super::boxes::{BoxFields, DAMAGED};
use super::fields::Problem;

/// The largest number of items, of references, of item properties, and of extents in a file. They
/// can take no bytes at all, so that the length of the file doesn't limit them. Photographs have a
/// few hundred.
pub(super) const MAX_ENTRIES: usize = 8192;
pub(super) const TOO_MANY: Problem = Problem::Unsupported("it has too many items");

/// The position of an item's data.
pub(super) struct Location {
    /// 0: in the file, 1: in the `idat` box, 2: in other items.
    pub(super) method: u64,
    pub(super) data_reference: u64,
    pub(super) base: u64,
    pub(super) extents: Vec<Extent>,
}

#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) index: u64,
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// The lengths of numbers in an `iloc` box, in bytes.
pub(super) struct LocationSizes {
    pub(super) offset: usize,
    pub(super) length: usize,
    pub(super) base: usize,
    pub(super) index: usize,
    pub(super) id: usize,
    pub(super) has_method: bool,
}

impl LocationSizes {
    /// Reads the beginning of an `iloc` box.
    ///
    /// # Errors
    /// [`Problem::Damaged`] if a length is invalid; [`Problem::Unsupported`] if the version is
    /// unknown.
    pub(super) fn read(fields: &mut BoxFields<'_>) -> Result<Self, Problem> {
        let (version, _) = fields.version()?;
        let sizes = fields.small(2)?;
        let size = |shift: u32| match sizes >> shift & 15 {
            size @ (0 | 4 | 8) => Ok(size as usize),
            _ => Err(DAMAGED),
        };
        let index = if version == 0 { 0 } else { size(0)? };
        let id = if version < 2 { 2 } else { 4 };
        if version > 2 {
            return Err(Problem::Unsupported("its list of positions has a new form"));
        }
        let (offset, length, base) = (size(12)?, size(8)?, size(4)?);
        Ok(Self { offset, length, base, index, id, has_method: version > 0 })
    }
}

/// Reads the content of an `iloc` box: each item's number and position.
///
/// # Errors
/// [`Problem::Damaged`] if the box ends early; [`Problem::Unsupported`] if it has too many entries.
pub(super) fn read_locations(body: &[u8]) -> Result<Vec<(u32, Location)>, Problem> {
    let mut fields = BoxFields { rest: body };
    let sizes = LocationSizes::read(&mut fields)?;
    let mut locations = Vec::new();
    let mut entry_count = 0;
    for _ in 0..fields.small(sizes.id)? {
        let id = fields.small(sizes.id)?;
        let method = if sizes.has_method { fields.number(2)? & 15 } else { 0 };
        let data_reference = fields.number(2)?;
        let base = fields.number(sizes.base)?;
        let extent_count = fields.small(2)?;
        entry_count += extent_count as usize + 1;
        if entry_count > 2 * MAX_ENTRIES {
            return Err(TOO_MANY);
        }
        let mut extents = Vec::new();
        for _ in 0..extent_count {
            let index = fields.number(sizes.index)?;
            let offset = fields.number(sizes.offset)?;
            let length = fields.number(sizes.length)?;
            extents.push(Extent { index, offset, length });
        }
        locations.push((id, Location { method, data_reference, base, extents }));
    }
    Ok(locations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_without_bytes_are_limited() {
        // Version 0, and no bytes for offsets, lengths and bases; then items of 65,535 extents.
        let mut body = vec![0, 0, 0, 0, 0, 0, 0xff, 0xff];
        body.extend([0, 1, 0, 0, 0xff, 0xff].repeat(0xffff));
        assert!(matches!(read_locations(&body), Err(Problem::Unsupported(_))));
    }
}
