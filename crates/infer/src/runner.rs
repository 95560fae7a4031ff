//! The runner: a program and the memory that it works in.

use alloc::vec;
use alloc::vec::Vec;

use orthant_kernels::Kernels;
use orthant_model::Packed;

use crate::arena::{Arena, MOST_BYTES};
use crate::layer::Pass;
use crate::program::{Map, Program};
use crate::{Error, Watch};

/// A packed network, ready to run.
///
/// A runner for single images on one thread is what [`new`](Self::new) gives.
pub struct Runner<'m> {
    program: Program<'m>,
    /// One for each thread.
    arenas: Vec<Arena>,
}

/// Bytes that a runner holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Weights in the kernels' form, and real ones; none that are read where they lie.
    pub weights: usize,
    /// Everything that images pass through, of all threads.
    pub activations: usize,
}

impl<'m> Runner<'m> {
    /// Lays the weights out for `kernels`, and allocates what one image at a time needs; the packed
    /// network may be dropped.
    ///
    /// # Errors
    /// A layer that the kernels refuse; more memory than there is.
    pub fn new(kernels: Kernels, packed: &Packed) -> Result<Self, Error> {
        Self::of(Program::prepared(kernels, packed)?)
    }

    /// The same on packed weights where they lie, in the bytes of the file: for a device that has
    /// no room for a second copy. It is slower: the products run on plain words.
    ///
    /// Thresholds and real weights are copied, and packed weights that meet real inputs are
    /// expanded to `f32`.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn in_place(kernels: Kernels, packed: &'m Packed) -> Result<Self, Error> {
        Self::of(Program::stored(kernels, packed)?)
    }

    fn of(program: Program<'m>) -> Result<Self, Error> {
        let arenas = vec![Arena::new(&program, 1)?];
        Ok(Self { program, arenas })
    }

    /// The same with room for `images` at a time, at least one: more of them read the weights
    /// together.
    ///
    /// # Errors
    /// More memory than there is.
    pub fn with_images(mut self, images: usize) -> Result<Self, Error> {
        let threads = self.arenas.len();
        self.arenas.clear();
        self.arenas = arenas(&self.program, threads, images.max(1))?;
        Ok(self)
    }

    /// The same with some threads, at least one, which share the images of a batch; they change no
    /// result.
    ///
    /// # Errors
    /// More memory than there is.
    #[cfg(feature = "std")]
    pub fn with_threads(mut self, threads: usize) -> Result<Self, Error> {
        let images = self.arenas[0].images;
        self.arenas.clear();
        self.arenas = arenas(&self.program, threads.max(1), images)?;
        Ok(self)
    }

    /// Height, width and channels of an image.
    pub fn image(&self) -> [usize; 3] {
        self.program.image
    }

    /// Logits of an image.
    pub fn classes(&self) -> usize {
        self.program.classes
    }

    /// Bytes that the runner holds.
    pub fn memory(&self) -> Memory {
        let weights = self.program.steps.iter().map(|step| match &step.map {
            Map::Mean | Map::Stored(_) => 0,
            Map::Prepared(_, weights) => size_of_val(&**weights),
            Map::Real(_, weights) => size_of_val(&**weights),
        });
        Memory {
            weights: weights.sum(),
            activations: self.arenas.iter().map(Arena::len_bytes).sum(),
        }
    }

    /// The logits `[batch, classes]` of images `[batch, height, width, channels]`.
    ///
    /// # Errors
    /// Pixels that are not whole images, logits that do not fit them; real numbers that are to be
    /// packed and are none, by their layer. Logits may be no numbers where constants of the network
    /// overflow.
    pub fn run(&mut self, pixels: &[u8], logits: &mut [f32]) -> Result<(), Error> {
        self.check(pixels, logits)?;
        #[cfg(feature = "std")]
        if self.arenas.len() > 1 && pixels.len() > self.image_len() {
            return self.share(pixels, logits);
        }
        self.arenas[0].run(&self.program, pixels, logits, &mut Watch::Nothing)
    }

    /// The same on one thread, with somebody who looks on; who does is called for as many images at
    /// a time as the runner has room for.
    ///
    /// # Errors
    /// Those of [`run`](Self::run); more memory than there is for sums that are watched.
    pub fn run_watched(
        &mut self,
        pixels: &[u8],
        logits: &mut [f32],
        mut watch: Watch,
    ) -> Result<(), Error> {
        self.check(pixels, logits)?;
        if watch.wants_sums() {
            self.arenas[0].watch_sums(&self.program)?;
        }
        self.arenas[0].run(&self.program, pixels, logits, &mut watch)
    }

    fn image_len(&self) -> usize {
        self.program.image.iter().product()
    }

    fn check(&self, pixels: &[u8], logits: &[f32]) -> Result<(), Error> {
        let len = self.image_len();
        if !pixels.len().is_multiple_of(len) {
            return Err(Error::Pixels {
                image: self.program.image,
                found: pixels.len(),
            });
        }
        let expected = pixels.len() / len * self.program.classes;
        match logits.len() {
            found if found == expected => Ok(()),
            found => Err(Error::Logits { expected, found }),
        }
    }

    /// Gives every thread its share of the images.
    #[cfg(feature = "std")]
    fn share(&mut self, pixels: &[u8], logits: &mut [f32]) -> Result<(), Error> {
        let (len, classes) = (self.image_len(), self.program.classes);
        let each = (pixels.len() / len).div_ceil(self.arenas.len());
        let program = &self.program;
        let shares = pixels
            .chunks(each * len)
            .zip(logits.chunks_mut(each * classes));
        std::thread::scope(|scope| {
            let mut tasks = self.arenas.iter_mut().zip(shares);
            let own = tasks.next();
            let others: Vec<_> = tasks
                .map(|(arena, (pixels, logits))| {
                    scope.spawn(move || arena.run(program, pixels, logits, &mut Watch::Nothing))
                })
                .collect();
            let own = own.map_or(Ok(()), |(arena, (pixels, logits))| {
                arena.run(program, pixels, logits, &mut Watch::Nothing)
            });
            others.into_iter().fold(own, |done, other| {
                let other = other.join().expect("a share ends with its result");
                done.and(other)
            })
        })
    }
}

fn arenas(program: &Program, threads: usize, images: usize) -> Result<Vec<Arena>, Error> {
    let mut arenas = Vec::new();
    let mut bytes = 0usize;
    for _ in 0..threads {
        let arena = Arena::new(program, images)?;
        bytes = bytes.saturating_add(arena.len_bytes());
        if bytes as u64 > MOST_BYTES {
            return Err(Error::Memory { images });
        }
        arenas.push(arena);
    }
    Ok(arenas)
}

impl Arena {
    fn run(
        &mut self,
        program: &Program,
        pixels: &[u8],
        logits: &mut [f32],
        watch: &mut Watch,
    ) -> Result<(), Error> {
        let len: usize = program.image.iter().product();
        let passes = pixels.chunks(self.images * len);
        let passes = passes.zip(logits.chunks_mut(self.images * program.classes));
        for (pixels, logits) in passes {
            let batch = pixels.len() / len;
            let mut pass = Pass {
                program,
                arena: self,
                pixels,
                batch,
            };
            for (index, step) in program.steps.iter().enumerate() {
                let done = pass.layer(index, logits, watch);
                done.map_err(|source| step.error(source))?;
            }
        }
        Ok(())
    }
}
