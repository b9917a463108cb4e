//! Bytes in memory for very many lists that grow side by side.
//!
//! A list begins in its owner, beside what it belongs to, and most lists end there. A longer one goes on in a chain of chunks,
//! each larger than the one before; the last four bytes of a full one tell where the next lies. Lists are read once all
//! together, then the arena begins anew with the memory it has.

/// Holds what lists have beyond their beginnings.
#[derive(Default)]
pub(super) struct Arena {
    pages: Vec<Box<[u8; PAGE_BYTES]>>,
    /// The first byte not given out yet.
    free: u32,
}

/// A list: its beginning, and where it goes on.
#[derive(Clone, Copy)]
pub(super) struct List {
    /// The address of the first chunk, if there is one.
    first: u32,
    /// Where the next byte goes: in `begin` while there is no chunk.
    at: u32,
    /// Bytes free there.
    room: u16,
    /// Chunks so far, as far as they differ in size.
    class: u8,
    begin: [u8; BEGIN_BYTES],
}

/// So that a term and its list fill a line of the processor's cache.
const BEGIN_BYTES: usize = 33;

const PAGE_BYTES: usize = 1 << 20;

/// Bytes of the first chunk, the second…; the last size is that of all after it. Growth by half leaves a sixth of the memory
/// unused on average.
const CHUNKS: [u16; 13] = [54, 80, 120, 180, 270, 400, 600, 900, 1350, 2000, 3000, 4096, 8192];

/// So many bytes are copied at once, or half as many.
const AT_ONCE: usize = 16;
const HALF: usize = AT_ONCE / 2;

/// Bytes that tell where the next chunk lies.
const LINK_BYTES: usize = 4;

/// Addresses reach so far.
pub(super) const MOST_BYTES: usize = 1 << 32;

impl List {
    /// A list without bytes.
    pub(super) fn new() -> List {
        List { first: 0, at: 0, room: BEGIN_BYTES as u16, class: 0, begin: [0; BEGIN_BYTES] }
    }
}

impl Arena {
    /// Bytes in use.
    pub(super) fn used(&self) -> usize {
        self.free as usize
    }

    /// Forgets all lists and keeps the memory for others.
    pub(super) fn clear(&mut self) {
        self.free = 0;
    }

    #[inline]
    fn chunk(&mut self, class: u8) -> u32 {
        let bytes = u32::from(CHUNKS[usize::from(class)]);
        if self.free as usize % PAGE_BYTES + bytes as usize > PAGE_BYTES {
            self.free = self.free.next_multiple_of(PAGE_BYTES as u32);
        }
        let at = self.free;
        self.free += bytes;
        if self.pages.len() <= at as usize / PAGE_BYTES {
            self.page();
        }
        at
    }

    #[cold]
    fn page(&mut self) {
        let page = vec![0; PAGE_BYTES].into_boxed_slice();
        self.pages.extend(<Box<[u8; PAGE_BYTES]>>::try_from(page));
    }

    /// Appends the first `length` of `bytes` to a list; there are at least [`AT_ONCE`] of them.
    #[inline]
    pub(super) fn append(&mut self, list: &mut List, bytes: &[u8], length: usize) {
        let room = usize::from(list.room);
        if length > room {
            return self.append_far(list, &bytes[..length]);
        }
        let (at, page) = match list.class {
            0 => (list.at as usize, &mut list.begin[..]),
            _ => (list.at as usize % PAGE_BYTES, &mut self.pages[list.at as usize / PAGE_BYTES][..]),
        };
        // A copy of so many bytes as are known beforehand is quicker; those too many lie where nothing is yet.
        match (length, room) {
            (..=HALF, HALF..) => page[at..at + HALF].copy_from_slice(&bytes[..HALF]),
            (..=AT_ONCE, AT_ONCE..) => page[at..at + AT_ONCE].copy_from_slice(&bytes[..AT_ONCE]),
            _ => page[at..at + length].copy_from_slice(&bytes[..length]),
        }
        list.at += length as u32;
        list.room -= length as u16;
    }

    /// Looks at the ends of lists that are to be appended to: the processor waits for many of them at once.
    pub(super) fn approach<'a>(&self, lists: impl Iterator<Item = &'a List>) {
        let page = |list: &List| self.pages.get(list.at as usize / PAGE_BYTES);
        let ends = lists.map(|list| page(list).map_or(0, |page| page[list.at as usize % PAGE_BYTES]));
        std::hint::black_box(ends.fold(0, |all, end| all ^ end));
    }

    /// Appends what needs another chunk.
    fn append_far(&mut self, list: &mut List, mut bytes: &[u8]) {
        while bytes.len() > usize::from(list.room) {
            let (now, then) = bytes.split_at(usize::from(list.room));
            let next = self.chunk(list.class);
            if list.class == 0 {
                list.begin[list.at as usize..].copy_from_slice(now);
                list.first = next;
            } else {
                self.put(list.at as usize, now);
                self.put(list.at as usize + now.len(), &next.to_le_bytes());
            }
            list.at = next;
            list.room = CHUNKS[usize::from(list.class)] - LINK_BYTES as u16;
            list.class = (list.class + 1).min(CHUNKS.len() as u8 - 1);
            bytes = then;
        }
        self.put(list.at as usize, bytes);
        list.at += bytes.len() as u32;
        list.room -= bytes.len() as u16;
    }

    #[inline]
    fn put(&mut self, at: usize, bytes: &[u8]) {
        let page = &mut self.pages[at / PAGE_BYTES];
        let from = at % PAGE_BYTES;
        page[from..from + bytes.len()].copy_from_slice(bytes);
    }

    /// Appends the bytes of a list to `out`.
    #[inline]
    pub(super) fn read(&self, list: &List, out: &mut Vec<u8>) {
        match list.class {
            0 => {
                let length = out.len() + list.at as usize;
                out.extend_from_slice(&list.begin);
                out.truncate(length);
            }
            _ => {
                out.extend_from_slice(&list.begin);
                self.read_far(list, out);
            }
        }
    }

    fn read_far(&self, list: &List, out: &mut Vec<u8>) {
        let (mut at, mut class) = (list.first, 0);
        loop {
            let page = &self.pages[at as usize / PAGE_BYTES];
            let from = at as usize % PAGE_BYTES;
            let end = from + usize::from(CHUNKS[class]) - LINK_BYTES;
            if (at..=at + (end - from) as u32).contains(&list.at) {
                out.extend_from_slice(&page[from..end - usize::from(list.room)]);
                return;
            }
            out.extend_from_slice(&page[from..end]);
            at = u32::from_le_bytes([page[end], page[end + 1], page[end + 2], page[end + 3]]);
            class = (class + 1).min(CHUNKS.len() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_grow_side_by_side_keep_their_bytes() {
        let mut arena = Arena::default();
        for round in 0..2 {
            let before = arena.pages.len();
            let mut lists: Vec<(List, Vec<u8>)> = Vec::new();
            let mut state = 7_u64 + round;
            for step in 0..400_000_u32 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let number = (state >> 33) as usize % 300;
                let bytes =
                    step.to_le_bytes().repeat((state >> 60) as usize % 5 + usize::from(step % 9_000 == 0) * 5_000);
                if lists.len() <= number {
                    lists.push((List::new(), Vec::new()));
                }
                let number = number.min(lists.len() - 1);
                let (list, expected) = &mut lists[number];
                arena.append(list, &[&bytes[..], &[0; AT_ONCE]].concat(), bytes.len());
                expected.extend(bytes);
            }
            for (list, expected) in &lists {
                let mut found = Vec::new();
                arena.read(list, &mut found);
                assert!(&found == expected, "{} bytes of {}", found.len(), expected.len());
            }
            assert!(arena.used() > 2 * PAGE_BYTES, "one page is no trial");
            assert_eq!(arena.pages.len(), before.max(arena.used().div_ceil(PAGE_BYTES)), "pages are used again");
            arena.clear();
        }
    }
}
