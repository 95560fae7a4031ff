//! Pictures with labels, still packed as png or jpg, on their way to a split of images.

use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;

use crate::picture::Picture;
use crate::random::Stream;
use crate::{Error, Images, file};

/// Most bytes of one picture's file: 64 MiB.
pub(crate) const LIMIT_FILE_BYTES: u64 = 64 << 20;

/// Most bytes of a split's pixels, and of all files that wait in memory to be decoded: 4 GiB.
pub(crate) const LIMIT_BYTES: u64 = 4 << 30;

/// Most pictures of a data set.
pub(crate) const LIMIT_PICTURES: usize = 1 << 22;

/// Most classes: labels are bytes.
pub(crate) const LIMIT_CLASSES: usize = 256;

/// Pictures that a thread takes at once.
const CHUNK: usize = 64;

/// One picture and its class.
#[derive(Debug)]
pub(crate) struct Labelled {
    /// Its file, or what it is called in messages if `bytes` has it.
    pub(crate) path: PathBuf,
    pub(crate) label: u8,
    /// The file's bytes, where no file of its own holds them.
    pub(crate) bytes: Option<Vec<u8>>,
}

impl Labelled {
    /// What `then` makes of the file's bytes.
    fn with_bytes<T>(&self, then: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
        match &self.bytes {
            Some(bytes) => then(bytes),
            None => then(&file::read(&self.path, LIMIT_FILE_BYTES)?),
        }
    }

    /// Reads the header.
    fn open<'a>(&self, bytes: &'a [u8]) -> Result<([usize; 3], Picture<'a>), Error> {
        let picture = Picture::open(bytes).map_err(|source| self.error(source))?;
        let colour = picture.colour();
        if !colour.is_plain() {
            return Err(Error::PictureColour {
                path: self.path.clone(),
                found: colour,
            });
        }
        let [width, height] = picture.size().map(|side| side as usize);
        Ok(([height, width, colour.channels], picture))
    }

    fn error(&self, source: crate::picture::Error) -> Error {
        Error::Picture {
            path: self.path.clone(),
            source,
        }
    }
}

/// What all pictures of a data set are, and the picture that says so.
#[derive(Debug)]
pub(crate) struct Model {
    shape: [usize; 3],
    path: PathBuf,
}

impl Model {
    /// The shape of a picture, which the others must have.
    ///
    /// # Errors
    /// A picture that cannot be read, or of other colours than 8-bit gray and RGB.
    pub(crate) fn of(picture: &Labelled) -> Result<Self, Error> {
        let shape = picture.with_bytes(|bytes| Ok(picture.open(bytes)?.0))?;
        Ok(Self {
            shape,
            path: picture.path.clone(),
        })
    }

    /// Mixes pictures, in an order that is fixed for good, and decodes them.
    ///
    /// Pictures come sorted by class or by whoever wrote them; the last ones of a split, a
    /// validation set, must be like the others.
    ///
    /// # Errors
    /// Pictures that cannot be read or have another shape, of several the first; too many.
    pub(crate) fn images(&self, split: u64, pictures: Vec<Labelled>) -> Result<Images, Error> {
        let mut places: Vec<Option<Labelled>> = pictures.into_iter().map(Some).collect();
        let order = Stream::mix(split).permutation(places.len());
        let pictures = order.into_iter().map(|from| {
            let picture = places[from].take();
            picture.expect("a permutation has every number once")
        });
        let pictures: Vec<Labelled> = pictures.collect();
        let labels = pictures.iter().map(|picture| picture.label).collect();
        Images::try_new(self.shape, self.decode(&pictures)?, labels)
    }

    fn decode(&self, pictures: &[Labelled]) -> Result<Vec<u8>, Error> {
        // 64 million pixels of three bytes at most, so the product has no more than 50 bits.
        let image_len = self.shape.iter().product::<usize>();
        let expected_bytes = pictures.len() as u64 * image_len as u64;
        if expected_bytes > LIMIT_BYTES || pictures.len() > LIMIT_PICTURES {
            return Err(Error::TooManyPictures {
                path: self.path.clone(),
                pictures: pictures.len(),
                shape: self.shape,
                limit_bytes: LIMIT_BYTES,
            });
        }
        let mut pixels = vec![0; expected_bytes as usize];
        let chunks = pictures
            .chunks(CHUNK)
            .zip(pixels.chunks_mut(CHUNK * image_len));
        let work = Mutex::new((chunks.enumerate(), None::<(usize, Error)>));
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 1..threads.min(pictures.len().div_ceil(CHUNK)) {
                let spawned =
                    thread::Builder::new().spawn_scoped(scope, || self.take_chunks(&work));
                // Where the system refuses one, those that there are do the work.
                if spawned.is_err() {
                    break;
                }
            }
            self.take_chunks(&work);
        });
        let (_, error) = work.into_inner().expect("no thread panicked");
        match error {
            Some((_, error)) => Err(error),
            None => Ok(pixels),
        }
    }

    /// Decodes chunk after chunk until none is left or an error was found.
    ///
    /// Chunks are given out in order, so the error of the lowest is the first of all.
    fn take_chunks<'a>(
        &self,
        work: &Mutex<(
            impl Iterator<Item = (usize, (&'a [Labelled], &'a mut [u8]))>,
            Option<(usize, Error)>,
        )>,
    ) {
        let lock = || work.lock().expect("no thread panicked");
        loop {
            let next = {
                let (chunks, error) = &mut *lock();
                if error.is_some() { None } else { chunks.next() }
            };
            let Some((index, (pictures, pixels))) = next else {
                return;
            };
            let image_len = pixels.len() / pictures.len();
            let each = pictures.iter().zip(pixels.chunks_exact_mut(image_len));
            for (picture, pixels) in each {
                if let Err(found) = self.decode_one(picture, pixels) {
                    let (_, error) = &mut *lock();
                    if error.as_ref().is_none_or(|(first, _)| index < *first) {
                        *error = Some((index, found));
                    }
                    return;
                }
            }
        }
    }

    fn decode_one(&self, labelled: &Labelled, pixels: &mut [u8]) -> Result<(), Error> {
        labelled.with_bytes(|bytes| {
            let (shape, picture) = labelled.open(bytes)?;
            if shape != self.shape {
                return Err(Error::PictureShape {
                    path: labelled.path.clone(),
                    found: shape,
                    first: self.path.clone(),
                    expected: self.shape,
                });
            }
            let samples = picture.samples().map_err(|source| labelled.error(source))?;
            pixels.copy_from_slice(&samples);
            Ok(())
        })
    }
}
