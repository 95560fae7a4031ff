//! Instruction sets, and which of them this CPU has.

use core::fmt;

use crate::Error;

/// An instruction set that the kernels are written for, slowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Isa {
    /// 64-bit words, on every machine.
    Scalar,
    /// AArch64's 128-bit vectors, with a popcount of bytes.
    Neon,
    /// 256-bit vectors without a popcount: nibbles are looked up.
    Avx2,
    /// 512-bit vectors without a popcount (AVX-512 F and BW: Skylake-X, Cascade Lake).
    Avx512Bw,
    /// 512-bit vectors with VPOPCNTDQ and VNNI (Ice Lake, Zen 4 and later).
    Avx512,
}

impl Isa {
    /// Every instruction set, slowest first.
    pub const ALL: [Self; 5] = [
        Self::Scalar,
        Self::Neon,
        Self::Avx2,
        Self::Avx512Bw,
        Self::Avx512,
    ];

    /// The name that `ORTHANT_ISA` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Neon => "neon",
            Self::Avx2 => "avx2",
            Self::Avx512Bw => "avx512bw",
            Self::Avx512 => "avx512",
        }
    }

    /// The instruction set of that name.
    ///
    /// # Errors
    /// An unknown name.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|isa| isa.name() == name)
            .ok_or(Error::IsaName)
    }

    /// Whether this CPU executes it; asked by `Kernels` alone.
    #[cfg(feature = "std")]
    pub(crate) fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => std::arch::is_aarch64_feature_detected!("neon"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => {
                std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("popcnt")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Bw => {
                std::is_x86_feature_detected!("avx512f")
                    && std::is_x86_feature_detected!("avx512bw")
                    && std::is_x86_feature_detected!("popcnt")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx512Bw.is_available()
                    && std::is_x86_feature_detected!("avx512vpopcntdq")
                    && std::is_x86_feature_detected!("avx512vnni")
            }
            #[allow(unreachable_patterns, reason = "the other architectures' sets")]
            _ => false,
        }
    }

    /// Whether the program was compiled for CPUs that execute it.
    #[cfg(not(feature = "std"))]
    pub(crate) fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            Self::Neon => cfg!(all(target_arch = "aarch64", target_feature = "neon")),
            Self::Avx2 => cfg!(all(target_feature = "avx2", target_feature = "popcnt")),
            Self::Avx512Bw => cfg!(all(
                target_feature = "avx512f",
                target_feature = "avx512bw",
                target_feature = "popcnt"
            )),
            Self::Avx512 => {
                Self::Avx512Bw.is_available()
                    && cfg!(all(
                        target_feature = "avx512vpopcntdq",
                        target_feature = "avx512vnni"
                    ))
            }
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
