//! The items of a HEIF file (ISO/IEC 23008-12) in its `meta` box: the image and what it is made of
//! stay; thumbnails, other images, EXIF and XMP don't.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::boxes::{Box, BoxFields, DAMAGED, contains, erase_others, new_box};
use super::exif;
use super::fields::Problem;
use super::heif_locations::{
    Extent, Location, LocationSizes, MAX_ENTRIES, TOO_MANY, read_locations,
};
use super::texts::{KeptTexts, Texts, read_xmp, write_xmp};

/// The types of items that are decoded to pixels, or put these together.
const IMAGE_TYPES: &[&[u8; 4]] = &[
    b"av01", b"hvc1", b"hev1", b"lhv1", b"vvc1", b"avc1", b"unci", b"grid", b"iovl", b"iden",
    b"tmap",
];

/// The properties that decode, transform or place pixels.
const PROPERTIES: &[&[u8; 4]] = &[
    b"ispe", b"pixi", b"colr", b"pasp", b"clap", b"irot", b"imir", b"auxC", b"av1C", b"hvcC",
    b"lhvC", b"vvcC", b"avcC", b"lsel", b"a1op", b"a1lx", b"mdcv", b"clli", b"cclv", b"amve",
    b"ndwt", b"oinf", b"tols", b"rloc", b"uncC", b"cmpd", b"cpal", b"cloc", b"splz", b"free",
];

/// The names of auxiliary images that hold transparency.
const ALPHA: &[&[u8]] =
    &[b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0", b"urn:mpeg:hevc:2015:auxid:1\0"];

struct Item {
    id: u32,
    kind: [u8; 4],
    /// True if it isn't shown by itself.
    is_hidden: bool,
    /// The media type of a `mime` item.
    media_type: Vec<u8>,
    location: Option<Location>,
}

/// References from an item to others.
struct Reference {
    kind: [u8; 4],
    from: u32,
    to: Vec<u32>,
}

/// The properties of an item: their numbers from 1, and whether a reader must understand them.
struct Association {
    item: u32,
    properties: Vec<u16>,
}

#[derive(Default)]
struct Meta {
    boxes: Vec<Box>,
    primary: u32,
    items: Vec<Item>,
    /// The positions in `items` by ID.
    item_indices: HashMap<u32, usize>,
    references: Vec<Reference>,
    properties: Vec<Box>,
    associations: Vec<Association>,
    /// The content of the `idat` box.
    data: Option<Range<usize>>,
}

/// Cleans a `meta` box in place. Returns the ranges of the file that hold the kept items.
///
/// # Errors
/// [`Problem::Damaged`] or [`Problem::Unsupported`] if its structure isn't understood.
pub(super) fn clean_meta(
    file: &mut [u8],
    meta_box: &Box,
    media: &[Range<usize>],
    keep: KeptTexts,
) -> Result<Vec<Range<usize>>, Problem> {
    let body = meta_box.body.start + 4..meta_box.body.end;
    let boxes = (body.start <= body.end).then(|| Box::all(file, body.clone())).flatten();
    let mut meta = Meta { boxes: boxes.ok_or(DAMAGED)?, ..Meta::default() };
    meta.read(file)?;
    let kept_ids = meta.kept_items(file)?;
    let mut kept_data = Vec::new();
    for item in meta.items.iter().filter(|item| kept_ids.contains(&item.id)) {
        kept_data.extend(meta.item_ranges(item)?);
    }
    let text_items = meta.rewrite_texts(file, keep, media, &kept_data);
    for (id, range) in &text_items {
        let item = meta.item_mut(*id).ok_or(DAMAGED)?;
        let extent = item.location.as_mut().and_then(|location| location.extents.first_mut());
        extent.ok_or(DAMAGED)?.length = range.len() as u64;
        kept_data.push(range.clone());
    }
    let kept_ids: BTreeSet<u32> =
        kept_ids.into_iter().chain(text_items.iter().map(|(id, _)| *id)).collect();
    if let Some(data) = meta.data.clone() {
        erase_others(file, data.clone(), &mut kept_data);
        kept_data.retain(|range| !contains(&data, range));
    }
    let rebuilt = meta.rebuild(file, &kept_ids, body.len())?;
    file[body].copy_from_slice(&rebuilt);
    Ok(kept_data)
}

impl Meta {
    fn read(&mut self, file: &[u8]) -> Result<(), Problem> {
        for one in self.boxes.clone() {
            let mut fields = BoxFields { rest: &file[one.body.clone()] };
            match &one.kind {
                b"pitm" => {
                    let (version, _) = fields.version()?;
                    self.primary = fields.small(id_bytes(version))?;
                }
                b"iinf" => self.read_items(file, &one)?,
                b"iref" => self.read_references(file, &one)?,
                b"iprp" => self.read_properties(file, &one)?,
                b"idat" => self.data = Some(one.body.clone()),
                _ => {}
            }
        }
        // The items must be known before their positions.
        let locations = self.boxes.iter().find(|one| one.kind == *b"iloc").ok_or(DAMAGED)?;
        for (id, location) in read_locations(&file[locations.body.clone()])? {
            if let Some(item) = self.item_mut(id) {
                item.location = Some(location);
            }
        }
        Ok(())
    }

    fn read_items(&mut self, file: &[u8], info: &Box) -> Result<(), Problem> {
        let mut fields = BoxFields { rest: &file[info.body.clone()] };
        let (version, _) = fields.version()?;
        let count_bytes = if version == 0 { 2 } else { 4 };
        fields.take_bytes(count_bytes)?;
        let entries = info.body.start + 4 + count_bytes..info.body.end;
        for entry in Box::all(file, entries).ok_or(DAMAGED)? {
            let mut fields = BoxFields { rest: &file[entry.body.clone()] };
            let (version, flags) = fields.version()?;
            let id_bytes = match (&entry.kind, version) {
                (b"infe", 2) => 2,
                (b"infe", 3) => 4,
                _ => return Err(Problem::Unsupported("its list of items has an old form")),
            };
            let id = fields.small(id_bytes)?;
            fields.take_bytes(2)?;
            let kind = *fields.take_bytes(4)?.first_chunk().ok_or(DAMAGED)?;
            let mut texts = fields.rest.split(|byte| *byte == 0).skip(1);
            let media_type = texts.next().filter(|_| kind == *b"mime").unwrap_or_default().to_vec();
            let is_hidden = flags & 1 == 1;
            if self.items.len() == MAX_ENTRIES {
                return Err(TOO_MANY);
            }
            self.item_indices.entry(id).or_insert(self.items.len());
            self.items.push(Item { id, kind, is_hidden, media_type, location: None });
        }
        Ok(())
    }

    fn read_references(&mut self, file: &[u8], references: &Box) -> Result<(), Problem> {
        let (version, _) = BoxFields { rest: &file[references.body.clone()] }.version()?;
        let id_bytes = id_bytes(version);
        let range = references.body.start + 4..references.body.end;
        let mut target_count = 0;
        for one in Box::all(file, range).ok_or(DAMAGED)? {
            let mut fields = BoxFields { rest: &file[one.body.clone()] };
            let from = fields.small(id_bytes)?;
            let count = fields.small(2)?;
            target_count += count as usize + 1;
            if target_count > MAX_ENTRIES {
                return Err(TOO_MANY);
            }
            let to = (0..count).map(|_| fields.small(id_bytes)).collect::<Result<_, _>>()?;
            self.references.push(Reference { kind: one.kind, from, to });
        }
        Ok(())
    }

    fn read_properties(&mut self, file: &[u8], properties: &Box) -> Result<(), Problem> {
        for one in Box::all(file, properties.body.clone()).ok_or(DAMAGED)? {
            match &one.kind {
                b"ipco" => self.properties = Box::all(file, one.body.clone()).ok_or(DAMAGED)?,
                b"ipma" => {
                    let mut fields = BoxFields { rest: &file[one.body.clone()] };
                    let (version, flags) = fields.version()?;
                    for _ in 0..fields.small(4)? {
                        if self.associations.len() == MAX_ENTRIES {
                            return Err(TOO_MANY);
                        }
                        let item = fields.small(id_bytes(version))?;
                        let count = fields.small(1)?;
                        let number = |_| match flags & 1 {
                            0 => fields.small(1).map(|byte| (byte & 0x80) << 8 | byte & 0x7f),
                            _ => fields.small(2),
                        };
                        let numbers = (0..count).map(number).collect::<Result<Vec<u32>, _>>()?;
                        let properties = numbers.into_iter().map(|number| number as u16).collect();
                        self.associations.push(Association { item, properties });
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn item(&self, id: u32) -> Option<&Item> {
        Some(&self.items[*self.item_indices.get(&id)?])
    }

    fn item_mut(&mut self, id: u32) -> Option<&mut Item> {
        Some(&mut self.items[*self.item_indices.get(&id)?])
    }

    /// Returns the box of a property by its number with the flag of necessity.
    fn property(&self, number: u16) -> Option<&Box> {
        self.properties.get(usize::from(number & 0x7fff).checked_sub(1)?)
    }

    /// Returns the items that hold transparency.
    fn alpha_ids(&self, file: &[u8]) -> BTreeSet<u32> {
        let is_alpha = |number: &u16| {
            let property = self.property(*number).filter(|property| property.kind == *b"auxC");
            let name =
                property.and_then(|property| file.get(property.body.start + 4..property.body.end));
            name.is_some_and(|name| ALPHA.iter().any(|alpha| name.starts_with(alpha)))
        };
        let with_alpha = self.associations.iter().filter(|one| one.properties.iter().any(is_alpha));
        with_alpha.map(|one| one.item).collect()
    }

    /// Returns for each item those that it needs: what it is made of, its transparency, and its
    /// rendition for screens with a wide range of brightness.
    fn needed_items(&self, file: &[u8]) -> HashMap<u32, Vec<u32>> {
        let alpha_ids = self.alpha_ids(file);
        let mut needed: HashMap<u32, Vec<u32>> = HashMap::new();
        for Reference { kind, from, to } in &self.references {
            if matches!(kind, b"dimg" | b"prem" | b"base") {
                needed.entry(*from).or_default().extend(to);
            }
            let is_needed_by_targets = match kind {
                b"dimg" => self.item(*from).is_some_and(|item| item.kind == *b"tmap"),
                b"auxl" => alpha_ids.contains(from),
                _ => false,
            };
            for id in to.iter().filter(|_| is_needed_by_targets) {
                needed.entry(*id).or_default().push(*from);
            }
        }
        needed
    }

    /// Returns the items that the primary image is made of.
    fn kept_items(&self, file: &[u8]) -> Result<BTreeSet<u32>, Problem> {
        let needed = self.needed_items(file);
        let mut kept_ids = BTreeSet::from([self.primary]);
        let mut pending = vec![self.primary];
        while let Some(id) = pending.pop() {
            let needed = needed.get(&id).map_or(&[][..], Vec::as_slice);
            pending.extend(needed.iter().filter(|id| kept_ids.insert(**id)));
        }
        for id in &kept_ids {
            let item = self.item(*id).ok_or(DAMAGED)?;
            if !IMAGE_TYPES.iter().any(|kind| item.kind == **kind) {
                return Err(Problem::Unsupported("its image is coded in an unknown way"));
            }
        }
        Ok(kept_ids)
    }

    /// Returns the ranges of the file that hold an item's data.
    fn item_ranges(&self, item: &Item) -> Result<Vec<Range<usize>>, Problem> {
        let Some(location) = &item.location else { return Ok(Vec::new()) };
        let start = match location.method {
            0 if location.data_reference == 0 => 0,
            1 => self.data.as_ref().ok_or(DAMAGED)?.start,
            _ => return Err(Problem::Unsupported("its image data is in another file")),
        };
        let range = |extent: &Extent| {
            let offset = location.base.checked_add(extent.offset)?;
            let start = start.checked_add(usize::try_from(offset).ok()?)?;
            // A length of zero stands for the rest of the file.
            let length = usize::try_from(extent.length).ok().filter(|length| *length > 0)?;
            Some(start..start.checked_add(length)?)
        };
        location.extents.iter().map(|extent| range(extent).ok_or(DAMAGED)).collect()
    }

    /// Replaces EXIF and XMP by the texts in `keep`, where there is space for them. Returns the
    /// items with texts and the ranges of these.
    fn rewrite_texts(
        &self,
        file: &mut [u8],
        keep: KeptTexts,
        media: &[Range<usize>],
        image_data: &[Range<usize>],
    ) -> Vec<(u32, Range<usize>)> {
        let mut texts = Texts::default();
        let mut spaces = Vec::new();
        for item in &self.items {
            let is_xmp = item.kind == *b"mime" && item.media_type == b"application/rdf+xml";
            if !is_xmp && item.kind != *b"Exif" {
                continue;
            }
            let ranges = self.item_ranges(item).unwrap_or_default();
            let [range] = &ranges[..] else { continue };
            let is_in_image =
                |kept_ids: &Range<usize>| kept_ids.start < range.end && range.start < kept_ids.end;
            let mut areas = media.iter().chain(&self.data);
            if !areas.any(|area| contains(area, range)) || image_data.iter().any(is_in_image) {
                continue;
            }
            let data = &file[range.clone()];
            texts.add_missing(if is_xmp {
                read_xmp(data)
            } else {
                // The offset of the block comes first.
                let offset = data.first_chunk().map_or(0, |offset| u32::from_be_bytes(*offset));
                let start = usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(4);
                exif::read(data.get(start..).unwrap_or_default()).texts
            });
            spaces.push((item.id, is_xmp, range.clone()));
        }
        let mut texts = texts.filtered(keep);
        spaces.sort_by_key(|(_, is_xmp, _)| *is_xmp);
        let mut written = Vec::new();
        for (id, is_xmp, range) in spaces {
            let block = if is_xmp {
                write_xmp(&texts)
            } else {
                exif::write(1, &texts).map(|block| [&[0; 4], &block[..]].concat())
            };
            let Some(block) = block.filter(|block| block.len() <= range.len()) else { continue };
            let range = range.start..range.start + block.len();
            file[range.clone()].copy_from_slice(&block);
            written.push((id, range));
            // Each text is written once.
            texts = if is_xmp { Texts::default() } else { texts.credit_only() };
        }
        written
    }

    /// Returns the boxes of the kept items, with free space up to a length.
    fn rebuild(
        &self,
        file: &[u8],
        kept_ids: &BTreeSet<u32>,
        length: usize,
    ) -> Result<Vec<u8>, Problem> {
        let mut rebuilt = Vec::new();
        let mut handler = Vec::new();
        for one in &self.boxes {
            let body = &file[one.body.clone()];
            match &one.kind {
                // A version, four zeros, and the handler's type; the name is left out.
                b"hdlr" => {
                    handler = [body.get(..12).ok_or(DAMAGED)?, &[0; 13]].concat();
                }
                b"pitm" | b"idat" => rebuilt.extend(&file[one.range.clone()]),
                b"iinf" => rebuilt.extend(new_box(b"iinf", &self.item_infos(body, kept_ids))),
                b"iloc" => rebuilt.extend(new_box(b"iloc", &self.locations(body, kept_ids)?)),
                b"iref" => rebuilt.extend(new_box(b"iref", &self.kept_references(body, kept_ids))),
                b"iprp" => rebuilt.extend(new_box(b"iprp", &self.kept_properties(file, kept_ids))),
                b"grpl" => rebuilt.extend(kept_groups(file, one, kept_ids)),
                _ => {}
            }
        }
        if handler.is_empty() {
            return Err(DAMAGED);
        }
        // The handler comes first.
        let free = length.checked_sub(rebuilt.len() + 8 + handler.len()).ok_or(DAMAGED)?;
        if free < 8 {
            handler.extend(std::iter::repeat_n(0, free));
            return Ok([new_box(b"hdlr", &handler), rebuilt].concat());
        }
        let free = new_box(b"free", &vec![0; free - 8]);
        Ok([new_box(b"hdlr", &handler), rebuilt, free].concat())
    }

    fn item_infos(&self, body: &[u8], kept_ids: &BTreeSet<u32>) -> Vec<u8> {
        let items: Vec<&Item> =
            self.items.iter().filter(|item| kept_ids.contains(&item.id)).collect();
        let is_wide = body.first().is_some_and(|version| *version > 0);
        let count = (items.len() as u32).to_be_bytes();
        let mut infos = [&body[..4], if is_wide { &count[..] } else { &count[2..] }].concat();
        for item in items {
            let id = item.id.to_be_bytes();
            let (version, id) = if item.id > 0xffff { (3, &id[..]) } else { (2, &id[2..]) };
            // No protection, an empty name.
            let flags = u8::from(item.is_hidden);
            let mut info = [&[version, 0, 0, flags], id, &[0, 0], &item.kind, &[0]].concat();
            if item.kind == *b"mime" {
                info.extend(&item.media_type);
                info.push(0);
            }
            infos.extend(new_box(b"infe", &info));
        }
        infos
    }

    fn locations(&self, body: &[u8], kept_ids: &BTreeSet<u32>) -> Result<Vec<u8>, Problem> {
        let sizes = LocationSizes::read(&mut BoxFields { rest: body })?;
        let items: Vec<(u32, &Location)> = self
            .items
            .iter()
            .filter(|item| kept_ids.contains(&item.id))
            .filter_map(|item| Some((item.id, item.location.as_ref()?)))
            .collect();
        let mut locations = body[..6].to_vec();
        let mut push = |number: u64, bytes: usize| {
            locations.extend(&number.to_be_bytes()[8 - bytes..]);
        };
        push(items.len() as u64, sizes.id);
        for (id, location) in items {
            push(id.into(), sizes.id);
            if sizes.has_method {
                push(location.method, 2);
            }
            push(location.data_reference, 2);
            push(location.base, sizes.base);
            push(location.extents.len() as u64, 2);
            for extent in &location.extents {
                push(extent.index, sizes.index);
                push(extent.offset, sizes.offset);
                push(extent.length, sizes.length);
            }
        }
        Ok(locations)
    }

    fn kept_references(&self, body: &[u8], kept_ids: &BTreeSet<u32>) -> Vec<u8> {
        let is_wide = body.first().is_some_and(|version| *version > 0);
        let id_bytes = |id: u32| id.to_be_bytes()[if is_wide { 0 } else { 2 }..].to_vec();
        let mut references = body[..4].to_vec();
        for Reference { kind, from, to } in &self.references {
            let to: Vec<u32> = to.iter().copied().filter(|id| kept_ids.contains(id)).collect();
            if !kept_ids.contains(from) || to.is_empty() {
                continue;
            }
            let mut reference = id_bytes(*from);
            reference.extend((to.len() as u16).to_be_bytes());
            reference.extend(to.into_iter().flat_map(id_bytes));
            references.extend(new_box(kind, &reference));
        }
        references
    }

    /// Returns the properties, of which others keep their numbers as free space, and those of the
    /// kept items.
    fn kept_properties(&self, file: &[u8], kept_ids: &BTreeSet<u32>) -> Vec<u8> {
        let is_allowed = |one: &Box| PROPERTIES.iter().any(|kind| one.kind == **kind);
        let mut properties = Vec::new();
        for one in &self.properties {
            if is_allowed(one) && one.kind != *b"free" {
                properties.extend(&file[one.range.clone()]);
            } else {
                properties.extend(new_box(b"free", &[]));
            }
        }
        let associations: Vec<&Association> =
            self.associations.iter().filter(|one| kept_ids.contains(&one.item)).collect();
        let is_wide_id = associations.iter().any(|one| one.item > 0xffff);
        let is_wide_number = self.properties.len() > 0x7f;
        let mut entries = vec![u8::from(is_wide_id), 0, 0, u8::from(is_wide_number)];
        entries.extend((associations.len() as u32).to_be_bytes());
        for one in associations {
            entries.extend(&one.item.to_be_bytes()[if is_wide_id { 0 } else { 2 }..]);
            let is_kept = |number: &u16| self.property(*number).is_some_and(is_allowed);
            let numbers: Vec<u16> = one.properties.iter().copied().filter(is_kept).collect();
            entries.push(numbers.len() as u8);
            for number in numbers {
                if is_wide_number {
                    entries.extend(number.to_be_bytes());
                } else {
                    entries.push((number >> 8) as u8 & 0x80 | number as u8 & 0x7f);
                }
            }
        }
        [new_box(b"ipco", &properties), new_box(b"ipma", &entries)].concat()
    }
}

/// Returns the groups of alternatives whose members are all kept.
fn kept_groups(file: &[u8], groups: &Box, kept_ids: &BTreeSet<u32>) -> Vec<u8> {
    let is_kept = |one: &Box| {
        let ids = file.get(one.body.start + 12..one.body.end).unwrap_or_default();
        let mut ids = ids.as_chunks::<4>().0.iter().map(|id| u32::from_be_bytes(*id));
        one.kind == *b"altr" && ids.all(|id| kept_ids.contains(&id))
    };
    let boxes = Box::all(file, groups.body.clone()).unwrap_or_default();
    let mut content = Vec::new();
    for one in boxes.iter().filter(|one| is_kept(one)) {
        content.extend(&file[one.range.clone()]);
    }
    new_box(b"grpl", &content)
}

fn id_bytes(version: u8) -> usize {
    if version == 0 { 2 } else { 4 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_of_a_long_chain_are_found() {
        let id_of = |index: usize| index as u32 + 1;
        let mut meta = Meta { primary: 1, ..Meta::default() };
        for index in 0..MAX_ENTRIES {
            let id = id_of(index);
            meta.item_indices.insert(id, index);
            let (is_hidden, media_type, location) = (true, Vec::new(), None);
            meta.items.push(Item { id, kind: *b"grid", is_hidden, media_type, location });
        }
        // The last link comes first, as it takes longest if the list is read again and again.
        for index in (1..MAX_ENTRIES).rev() {
            let (from, to) = (id_of(index - 1), vec![id_of(index)]);
            meta.references.push(Reference { kind: *b"dimg", from, to });
        }
        assert_eq!(meta.kept_items(&[]).expect("they are images").len(), MAX_ENTRIES);
    }
}
