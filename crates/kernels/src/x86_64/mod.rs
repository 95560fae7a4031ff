//! The vector instruction sets of x86-64.

pub(crate) mod avx2;
mod avx2_lookup;
mod avx2_tables;
pub(crate) mod avx512;
mod avx512_words;
pub(crate) mod avx512bw;
