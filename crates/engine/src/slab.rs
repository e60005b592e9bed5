//! Things in numbered slots. Slots lie in chunks that never move, so a slab that grows copies nothing and a slot is
//! one step away.

/// Slots per chunk: large enough to make chunks few, small enough that a small capture takes little memory.
const CHUNK: usize = 64;

/// A slab.
#[derive(Debug)]
pub struct Slab<T> {
    chunks: Vec<Vec<Option<T>>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { chunks: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// What is in a slot.
    #[inline]
    pub fn get(&self, slot: u32) -> Option<&T> {
        let slot = slot as usize;
        self.chunks.get(slot / CHUNK)?.get(slot % CHUNK)?.as_ref()
    }

    /// What is in a slot.
    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        let slot = slot as usize;
        self.chunks.get_mut(slot / CHUNK)?.get_mut(slot % CHUNK)?.as_mut()
    }

    /// Puts something into a free slot.
    pub fn add(&mut self, thing: T) -> u32 {
        if let Some(slot) = self.free.pop() {
            let at = slot as usize;
            if let Some(place) = self.chunks.get_mut(at / CHUNK).and_then(|c| c.get_mut(at % CHUNK)) {
                *place = Some(thing);
            }
            return slot;
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() >= CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let chunk = self.chunks.len() - 1;
        let Some(last) = self.chunks.last_mut() else { return u32::MAX };
        last.push(Some(thing));
        (chunk * CHUNK + last.len() - 1) as u32
    }

    /// Frees a slot.
    pub fn remove(&mut self, slot: u32) {
        let at = slot as usize;
        if let Some(place) = self.chunks.get_mut(at / CHUNK).and_then(|c| c.get_mut(at % CHUNK))
            && place.take().is_some()
        {
            self.free.push(slot);
        }
    }

    /// All slots in use, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let all = self.chunks.iter().flatten().enumerate();
        all.filter_map(|(slot, thing)| thing.as_ref().map(|thing| (slot as u32, thing)))
    }
}
