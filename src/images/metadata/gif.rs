//! GIF files (GIF89a): the frames stay, with their timing, loops and color profiles.

use super::fields::Problem;

const TRAILER: u8 = 0x3b;

/// Returns the file with only its frames. GIF has no fields for texts except comments and
/// XMP, which are left out. A file that ends early gets an end.
///
/// # Errors
/// [`Problem::Damaged`] if it ends in its header.
pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let flags = bytes.get(10).copied().unwrap_or_default();
    let header_length = 13 + color_table_length(flags);
    let header = bytes.get(..header_length);
    let mut file = header.ok_or(Problem::Damaged("it is cut off in its header"))?.to_vec();
    let mut rest = &bytes[header_length..];
    // The timing and transparency of the next frame.
    let mut control: &[u8] = &[];
    while let Some((block, after)) = next_block(rest) {
        match block {
            Block::Frame(frame) => {
                file.extend(std::mem::take(&mut control));
                file.extend(frame);
            }
            Block::Control(extension) => control = extension,
            // No browser shows a text, which uses up the control block before it.
            Block::PlainText => control = &[],
            Block::Application(extension) => file.extend(clean_application(extension)),
            Block::Other => {}
        }
        rest = after;
    }
    file.push(TRAILER);
    Ok(file)
}

enum Block<'a> {
    Frame(Vec<u8>),
    Control(&'a [u8]),
    PlainText,
    Application(&'a [u8]),
    Other,
}

/// Returns the length of a color table in bytes, from the flags of its screen or frame.
fn color_table_length(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Splits off the first block; `None` at the trailer, at the end of the file, and at anything else.
fn next_block(bytes: &[u8]) -> Option<(Block<'_>, &[u8])> {
    match bytes.first()? {
        0x2c => {
            let head = 11 + color_table_length(*bytes.get(9)?);
            let data = bytes.get(head..)?;
            let length = sub_blocks_length(data);
            // The data of a file that ends in it is cut after its last whole sub-block.
            let data_length = length.unwrap_or_else(|| whole_sub_blocks_length(data));
            let mut frame = bytes[..head + data_length].to_vec();
            frame.extend(length.is_none().then_some(0));
            let after = length.map_or(&[][..], |length| &data[length..]);
            Some((Block::Frame(frame), after))
        }
        0x21 => {
            let length = sub_blocks_length(bytes.get(2..)?)?;
            let (extension, after) = bytes.split_at(2 + length);
            let block = match bytes[1] {
                // A control block has exactly four bytes of data.
                0xf9 => match extension.get(..8) {
                    Some(control) if control[2] == 4 && control[7] == 0 => Block::Control(control),
                    _ => Block::Other,
                },
                0x01 => Block::PlainText,
                0xff => Block::Application(extension),
                _ => Block::Other,
            };
            Some((block, after))
        }
        _ => None,
    }
}

/// Returns the length of a series of sub-blocks with its end; `None` if it has no end.
fn sub_blocks_length(bytes: &[u8]) -> Option<usize> {
    let mut offset = 0;
    loop {
        match *bytes.get(offset)? {
            0 => return Some(offset + 1),
            length => offset += 1 + usize::from(length),
        }
    }
}

/// Returns the length of the whole sub-blocks of a series without an end.
fn whole_sub_blocks_length(bytes: &[u8]) -> usize {
    let mut offset = 0;
    while let Some(length) = bytes.get(offset) {
        let end = offset + 1 + usize::from(*length);
        if end > bytes.len() {
            break;
        }
        offset = end;
    }
    offset
}

/// Returns an application extension if it sets the number of loops or is a color profile.
fn clean_application(extension: &[u8]) -> Vec<u8> {
    let Some((head, data)) = extension.split_at_checked(14).filter(|(head, _)| head[2] == 11)
    else {
        return Vec::new();
    };
    match &head[3..14] {
        b"NETSCAPE2.0" | b"ANIMEXTS1.0" => match data {
            [3, 1, low, high, ..] => [head, &[3, 1, *low, *high, 0]].concat(),
            _ => Vec::new(),
        },
        b"ICCRGBG1012" => extension.to_vec(),
        _ => Vec::new(),
    }
}
