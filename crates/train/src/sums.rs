//! A layer's sums, no wider than they need to be.

use orthant_model::LayerSums;

/// Sums `[batch, height, width, outputs]`: integers of packed layers, reals of the others.
#[derive(Debug, Clone, PartialEq)]
pub enum Sums {
    /// Integers of at most 15 bits and a sign.
    I16(Vec<i16>),
    /// Integers below 2^24 in magnitude.
    I32(Vec<i32>),
    /// Reals.
    F32(Vec<f32>),
}

/// A number that a layer's sum is.
pub trait Sum: Copy + PartialOrd + Send + Sync + Default {
    /// The sum as a float, exactly.
    fn real(self) -> f32;
    /// Whether it is not a number.
    fn is_nan(self) -> bool;
    /// Puts a vector of them into [`Sums`].
    fn wrap(sums: Vec<Self>) -> Sums;
}

macro_rules! sum {
    ($kind:ty, $variant:ident) => {
        impl Sum for $kind {
            #[inline(always)]
            fn real(self) -> f32 {
                self as f32
            }

            #[inline(always)]
            fn is_nan(self) -> bool {
                self.real().is_nan()
            }

            fn wrap(sums: Vec<Self>) -> Sums {
                Sums::$variant(sums)
            }
        }
    };
}

sum!(i16, I16);
sum!(i32, I32);
sum!(f32, F32);

/// Evaluates an expression on the slice of whichever kind the sums are.
macro_rules! with_sums {
    ($sums:expr, $name:ident => $body:expr) => {
        match $sums {
            $crate::sums::Sums::I16($name) => $body,
            $crate::sums::Sums::I32($name) => $body,
            $crate::sums::Sums::F32($name) => $body,
        }
    };
}

pub(crate) use with_sums;

impl Sums {
    /// Number of sums.
    pub fn len(&self) -> usize {
        with_sums!(self, sums => sums.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same where they lie.
    pub fn view(&self) -> LayerSums<'_> {
        match self {
            Self::I16(sums) => LayerSums::I16(sums),
            Self::I32(sums) => LayerSums::I32(sums),
            Self::F32(sums) => LayerSums::F32(sums),
        }
    }
}
