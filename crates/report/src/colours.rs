//! Colours that count: from few, light, to many, dark.

use std::fmt::{self, Display, Formatter};

/// Levels that counts are told apart by.
pub(crate) const LEVELS: usize = 64;

/// Control points of viridis at equal distances, from many to few.
///
/// Lightness is monotone, so that order survives grey print and colour-blindness. The light end
/// stands for few: ink is what was counted, and white next to it is nothing.
///
/// # Reference
/// Smith & van der Walt 2015, matplotlib's viridis (CC0), <https://bids.github.io/colormap/>.
const VIRIDIS: [[u8; 3]; 10] = [
    [0x44, 0x01, 0x54],
    [0x48, 0x28, 0x78],
    [0x3e, 0x49, 0x89],
    [0x31, 0x68, 0x8e],
    [0x26, 0x82, 0x8e],
    [0x1f, 0x9e, 0x89],
    [0x35, 0xb7, 0x79],
    [0x6e, 0xce, 0x58],
    [0xb5, 0xde, 0x2b],
    [0xfd, 0xe7, 0x25],
];

/// A colour as SVG writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour([u8; 3]);

impl Display for Colour {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The colour of a level below [`LEVELS`].
pub(crate) fn of_level(level: usize) -> Colour {
    let steps = VIRIDIS.len() - 1;
    let place = (LEVELS - 1).saturating_sub(level) as f64 / (LEVELS - 1) as f64 * steps as f64;
    let at = (place as usize).min(steps - 1);
    let share = place - at as f64;
    let mixed = |channel: usize| {
        let [from, to] = [at, at + 1].map(|at| f64::from(VIRIDIS[at][channel]));
        (from + share * (to - from)).round() as u8
    };
    Colour([0, 1, 2].map(mixed))
}

/// The level of a count on a logarithmic scale from 1 to `most`; none of 0.
pub(crate) fn level_of(count: u64, most: u64) -> Option<usize> {
    if count == 0 {
        return None;
    }
    let share = (count as f64).ln() / (most.max(2) as f64).ln();
    Some(((share * LEVELS as f64) as usize).min(LEVELS - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_darker() {
        let lightness = |level| {
            let Colour(channels) = of_level(level);
            let linear = channels.map(|channel| (f64::from(channel) / 255.0).powf(2.2));
            0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        };
        for level in 1..LEVELS {
            assert!(lightness(level) < lightness(level - 1), "level {level}");
        }
        assert_eq!(of_level(0).to_string(), "#fde725");
        assert_eq!(of_level(LEVELS - 1).to_string(), "#440154");
    }

    #[test]
    fn equal_ratios_are_equal_steps() {
        assert_eq!(level_of(0, 9), None);
        assert_eq!(level_of(0, 0), None);
        let levels = [1, 1 << 16, 1 << 32, 1 << 48].map(|count| level_of(count, u64::MAX));
        assert_eq!(levels, [Some(0), Some(16), Some(32), Some(48)]);
        for most in [1, 2, 3, 1000, u64::MAX] {
            let level = level_of(most, most).expect("it was counted");
            assert!(level == LEVELS - 1 || most == 1, "{most}: {level}");
        }
    }
}
