//! An arena for the encoded articles.

/// The size of a chunk in bytes.
const CHUNK_BYTES: usize = 1 << 20;

/// The bytes of all articles, in chunks that are never reallocated: growing one large buffer would
/// copy it, and hold both copies in memory meanwhile.
#[derive(Debug, Default)]
pub(super) struct Arena(Vec<Vec<u8>>);

/// The position of an article's first byte in the arena.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArenaPosition {
    chunk: u32,
    offset: u32,
}

impl Arena {
    /// Copies bytes into the arena, and returns their position.
    pub(super) fn push(&mut self, bytes: &[u8]) -> ArenaPosition {
        if self.0.last().is_none_or(|chunk| chunk.capacity() - chunk.len() < bytes.len()) {
            self.0.push(Vec::with_capacity(CHUNK_BYTES.max(bytes.len())));
        }
        let index = self.0.len() - 1;
        let chunk = &mut self.0[index];
        let offset = chunk.len();
        chunk.extend_from_slice(bytes);
        ArenaPosition { chunk: index as u32, offset: offset as u32 }
    }

    /// Returns the bytes from a position to the end of its chunk.
    pub(super) fn get(&self, position: ArenaPosition) -> &[u8] {
        &self.0[position.chunk as usize][position.offset as usize..]
    }
}
