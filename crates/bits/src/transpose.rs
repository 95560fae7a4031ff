//! The 64 x 64 bit transpose.

/// Transposes a block of 64 x 64 bits in place: bit `c` of word `r` becomes bit `r` of word `c`.
///
/// Swaps the off-diagonal halves of every square of side 64, 32, …, 2: six rounds of 32 swaps.
pub fn transpose_64x64(block: &mut [u64; 64]) {
    let mut half = 32;
    let mut low = u64::MAX >> 32;
    while half > 0 {
        for pair in 0..32 {
            let upper = pair / half * 2 * half + pair % half;
            let swap = (block[upper] >> half ^ block[upper + half]) & low;
            block[upper] ^= swap << half;
            block[upper + half] ^= swap;
        }
        half /= 2;
        low ^= low << half;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_goes_to_its_mirror() {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let block = [(); 64].map(|()| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        });
        let mut transposed = block;
        transpose_64x64(&mut transposed);
        for (row, word) in block.iter().enumerate() {
            for (col, mirror) in transposed.iter().enumerate() {
                assert_eq!(
                    word >> col & 1,
                    mirror >> row & 1,
                    "row {row}, column {col}"
                );
            }
        }
    }
}
