//! The memory that images pass through, planned and allocated once.

use alloc::vec::Vec;
use core::ops::Range;

use orthant_bits::Aligned;
use orthant_kernels::{FloatConv, Input};
use orthant_model::LayerInput;

use crate::Error;
use crate::place::{Tenant, place};
use crate::program::{Map, Place, Program};

/// Where in its buffer each tensor lies, by its number.
pub struct Places {
    words: Vec<(Tenant, usize)>,
    floats: Vec<(Tenant, usize)>,
}

impl Places {
    /// Words of a place for `batch` images.
    pub fn words(&self, place: usize, batch: usize) -> Range<usize> {
        range(&self.words[place], batch)
    }

    /// Floats of a place for `batch` images.
    pub fn floats(&self, place: usize, batch: usize) -> Range<usize> {
        range(&self.floats[place], batch)
    }
}

fn range((tenant, start): &(Tenant, usize), batch: usize) -> Range<usize> {
    *start..start + tenant.len * batch
}

/// Most bytes of a runner's arenas: beyond them a file asks for more than it can be worth.
pub const MOST_BYTES: u64 = 1 << 34;

/// Buffers for some images at a time.
pub struct Arena {
    /// Most images of a pass.
    pub images: usize,
    pub places: Places,
    pub words: Aligned<u64>,
    pub floats: Aligned<f32>,
    /// Integer sums of one layer, pooled.
    pub sums: Aligned<i32>,
    /// The same before their pool, for who watches sums; empty until then.
    pub watched: Aligned<i32>,
    /// What the kernels write on.
    pub scratch: Aligned<u64>,
    pub patches: Aligned<f32>,
}

impl Arena {
    /// Buffers for up to `images` images at a time.
    ///
    /// # Errors
    /// More memory than there is; a layer that the kernels refuse.
    pub fn new(program: &Program, images: usize) -> Result<Self, Error> {
        let too_large = || Error::Memory { images };
        let (words, word_len) = places(&program.words, images, 8).ok_or_else(too_large)?;
        let (floats, float_len) = places(&program.floats, images, 4).ok_or_else(too_large)?;
        let sums = program.steps.iter();
        let sums = sums.filter(|step| step.is_packed() && !step.folds());
        let sums = sums.map(|step| step.plan.output_len()).max().unwrap_or(0);
        let sums = sums.checked_mul(images).ok_or_else(too_large)?;
        let (mut scratch, mut patches) = (0, 0);
        for step in &program.steps {
            if let Map::Real(shape, _) = &step.map {
                patches = patches.max(FloatConv::scratch_len(shape));
            }
            let len = step.scratch_len(images);
            scratch = scratch.max(len.map_err(|source| step.error(source))?);
        }
        let bytes = [
            (word_len, 8),
            (float_len, 4),
            (sums, 4),
            (scratch, 8),
            (patches, 4),
        ];
        let bytes = bytes
            .map(|(len, each)| len as u64 * each)
            .iter()
            .sum::<u64>();
        let allocate = || match bytes > MOST_BYTES {
            true => None,
            false => Some(Self {
                images,
                places: Places { words, floats },
                words: Aligned::try_zeros(word_len)?,
                floats: Aligned::try_zeros(float_len)?,
                sums: Aligned::try_zeros(sums)?,
                watched: Aligned::zeros(0),
                scratch: Aligned::try_zeros(scratch)?,
                patches: Aligned::try_zeros(patches)?,
            }),
        };
        allocate().ok_or_else(too_large)
    }

    /// Makes room for the integer sums of every layer.
    ///
    /// # Errors
    /// More memory than there is.
    pub fn watch_sums(&mut self, program: &Program) -> Result<(), Error> {
        let packed = program.steps.iter().filter(|step| step.is_packed());
        let most = packed.fold([0; 2], |[all, pooled], step| {
            [
                all.max(step.plan.sums_len()),
                pooled.max(step.plan.output_len()),
            ]
        });
        let images = self.images;
        for (buffer, len) in [&mut self.watched, &mut self.sums].into_iter().zip(most) {
            let len = len
                .checked_mul(images)
                .filter(|len| *len as u64 <= MOST_BYTES / 4);
            let len = len.ok_or(Error::Memory { images })?;
            if buffer.len() < len {
                *buffer = Aligned::try_zeros(len).ok_or(Error::Memory { images })?;
            }
        }
        Ok(())
    }

    /// Bytes of all buffers.
    pub fn len_bytes(&self) -> usize {
        size_of_val(&*self.words)
            + size_of_val(&*self.floats)
            + size_of_val(&*self.sums)
            + size_of_val(&*self.watched)
            + size_of_val(&*self.scratch)
            + size_of_val(&*self.patches)
    }
}

/// Places for `images` images, and the length of their buffer; elements have some bytes each.
fn places(
    tenants: &[Tenant],
    images: usize,
    element: usize,
) -> Option<(Vec<(Tenant, usize)>, usize)> {
    let many = |tenant: &Tenant| {
        let len = tenant.len.checked_mul(images)?;
        Some(Tenant { len, ..*tenant })
    };
    let grown: Vec<_> = tenants.iter().map(many).collect::<Option<_>>()?;
    // Each starts at a cache line.
    let (ranges, len) = place(&grown, 64 / element)?;
    let starts = ranges.into_iter().map(|range| range.start);
    let places = tenants.iter().copied().zip(starts).collect();
    // So that bytes, and their sum over all buffers, overflow nowhere.
    (len < isize::MAX as usize / 16).then_some((places, len))
}

impl Place {
    /// The kernels' view of words that lie here.
    pub fn packed(self, words: &[u64]) -> Input<'_> {
        match self {
            Self::Ternary(_) => {
                let (sign, nonzero) = words.split_at(words.len() / 2);
                Input::Ternary { sign, nonzero }
            }
            _ => Input::Binary(words),
        }
    }

    /// The same of no image.
    pub fn nothing(self) -> Input<'static> {
        match self {
            Self::Pixels => Input::Pixels(&[]),
            _ => self.packed(&[]),
        }
    }

    /// What lies here, `batch` images of it.
    pub fn view<'a>(
        self,
        places: &Places,
        words: &'a [u64],
        floats: &'a [f32],
        pixels: &'a [u8],
        batch: usize,
    ) -> LayerInput<'a> {
        match self {
            Self::Pixels | Self::Logits => LayerInput::Packed(Input::Pixels(pixels)),
            Self::Binary(at) | Self::Ternary(at) => {
                LayerInput::Packed(self.packed(&words[places.words(at, batch)]))
            }
            Self::Floats(at) => LayerInput::Float(&floats[places.floats(at, batch)]),
        }
    }
}
