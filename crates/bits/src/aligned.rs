//! Storage that starts at a cache line, without unsafe code.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

/// The alignment of [`Aligned`] in bytes: a cache line, and the widest vector.
const LINE_BYTES: usize = 64;

/// A fixed-length buffer whose first element starts at a multiple of 64 bytes.
///
/// It reserves one line more than it needs and skips to the first boundary. A clone lies elsewhere
/// and finds a boundary of its own. The size of an element must divide a line's; others do not
/// compile.
pub struct Aligned<T> {
    store: Vec<T>,
    offset: usize,
    len: usize,
}

impl<T: Copy + Default> Aligned<T> {
    /// A buffer of `len` default elements.
    ///
    /// # Panics
    /// If the buffer is larger than the address range.
    pub fn zeros(len: usize) -> Self {
        const { assert!(size_of::<T>() > 0 && LINE_BYTES.is_multiple_of(size_of::<T>())) };
        let spare = LINE_BYTES / size_of::<T>();
        let reserved = len.checked_add(spare).expect("a buffer fits in memory");
        let store = vec![T::default(); reserved];
        let offset = store.as_ptr().align_offset(LINE_BYTES).min(spare);
        Self { store, offset, len }
    }

    /// The same, or `None` where the system promises no room for it.
    pub fn try_zeros(len: usize) -> Option<Self> {
        const { assert!(size_of::<T>() > 0 && LINE_BYTES.is_multiple_of(size_of::<T>())) };
        let spare = LINE_BYTES / size_of::<T>();
        let reserved = len.checked_add(spare)?;
        let mut store = Vec::new();
        store.try_reserve_exact(reserved).ok()?;
        store.resize(reserved, T::default());
        let offset = store.as_ptr().align_offset(LINE_BYTES).min(spare);
        Some(Self { store, offset, len })
    }

    /// A copy of `elements`.
    pub fn from_slice(elements: &[T]) -> Self {
        let mut buffer = Self::zeros(elements.len());
        buffer.copy_from_slice(elements);
        buffer
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.store[self.offset..self.offset + self.len]
    }
}

impl<T> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.store[self.offset..self.offset + self.len]
    }
}

impl<T: Copy + Default> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        Self::from_slice(self)
    }
}

impl<T: PartialEq> PartialEq for Aligned<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Aligned<T> {}

impl<T: core::fmt::Debug> core::fmt::Debug for Aligned<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_buffer_and_every_clone_starts_at_a_cache_line() {
        for len in [0, 1, 7, 8, 9, 1000] {
            let buffer = Aligned::from_slice(&vec![3u64; len]);
            let copies: Vec<_> = (0..8).map(|_| buffer.clone()).collect();
            for copy in copies.iter().chain([&buffer]) {
                assert_eq!(copy.as_ptr() as usize % LINE_BYTES, 0);
                assert_eq!(&copy[..], &vec![3u64; len][..]);
            }
        }
    }
}
