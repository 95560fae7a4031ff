//! A contact sheet: a row of examples for each class, on one page.

use crate::{Dataset, Error, Images};

/// The page's sides stay below this many pixels, unless one pixel of each image is too many.
const PAGE: usize = 2400;
/// Images are magnified up to this many pixels a side, where the page has room.
const SIDE: usize = 128;
/// The most by which an image is magnified.
const MAGNIFIED: usize = 8;
/// Pixels between images, and times four between blocks of rows.
const GAP: usize = 4;
/// The paper: white, so that it does not look like the black border of a digit.
const PAPER: u8 = u8::MAX;

/// Pixels of a page, ready to be written as a picture.
///
/// ```text
/// pixels : [height, width, channels]
/// ```
///
/// Rows of examples follow the labels, down a block and then down the next one to its right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Rows of pixels.
    pub height: usize,
    /// Pixels of a row.
    pub width: usize,
    /// Numbers of a pixel, 1 or 3.
    pub channels: usize,
    /// Classes of a block, but for the last, which may have fewer.
    pub rows: usize,
    /// Blocks beside each other.
    pub blocks: usize,
    /// Sides of an image on the page over its own.
    pub magnified: usize,
    /// Of an image's rows and columns, each so many-th is on the page.
    pub reduced: usize,
    /// The bytes.
    pub pixels: Vec<u8>,
}

impl Sheet {
    /// Puts the first `examples` images of each class on a page, in the order of the split.
    ///
    /// Pixels are spread to 0..=255 from what the data set's largest value is. A place stays empty
    /// where a class has fewer images than another. Images that are too large for the page lose
    /// rows and columns.
    ///
    /// # Errors
    /// Images of other than 1 or 3 channels.
    pub fn new(data: &Dataset, images: &Images, examples: usize) -> Result<Self, Error> {
        let [height, width, channels] = images.shape();
        if channels != 1 && channels != 3 {
            return Err(Error::SheetChannels { found: channels });
        }
        let classes = data.classes().len().max(1);
        let chosen = first(images, classes, examples);
        // No place for what no class has.
        let examples = chosen.iter().map(Vec::len).max().unwrap_or(0);
        let (blocks, magnified, reduced) = layout(classes, examples, [height, width]);
        let rows = classes.div_ceil(blocks);
        let cell = [height, width].map(|side| side.div_ceil(reduced) * magnified + GAP);
        let block = examples * cell[1] + 3 * GAP;
        let mut sheet = Self {
            height: rows * cell[0] + GAP,
            width: blocks * block - 2 * GAP,
            channels,
            rows,
            blocks,
            magnified,
            reduced,
            pixels: Vec::new(),
        };
        sheet.pixels = vec![PAPER; sheet.height * sheet.width * channels];
        for (class, chosen) in chosen.iter().enumerate() {
            for (example, &index) in chosen.iter().enumerate() {
                let y = GAP + class % rows * cell[0];
                let x = GAP + class / rows * block + example * cell[1];
                sheet.put([y, x], images, index, data.largest());
            }
        }
        Ok(sheet)
    }

    /// Puts one image with its upper left corner at `[y, x]`.
    fn put(&mut self, [y, x]: [usize; 2], images: &Images, index: usize, largest: u8) {
        let [height, width, channels] = images.shape();
        let image = images.image(index);
        let sides = [height, width].map(|side| side.div_ceil(self.reduced) * self.magnified);
        let from = |at: usize| at / self.magnified * self.reduced;
        for row in 0..sides[0] {
            let line = &image[from(row) * width * channels..][..width * channels];
            let start = ((y + row) * self.width + x) * channels;
            let to = &mut self.pixels[start..][..sides[1] * channels];
            let pixels = to.chunks_exact_mut(channels).enumerate();
            for (column, pixel) in pixels {
                let from = &line[from(column) * channels..][..channels];
                for (to, &from) in pixel.iter_mut().zip(from) {
                    *to = spread(from, largest);
                }
            }
        }
    }
}

/// A pixel out of `0..=largest` as one out of 0..=255, rounded to the nearest.
pub(crate) fn spread(pixel: u8, largest: u8) -> u8 {
    let (pixel, largest) = (u32::from(pixel), u32::from(largest));
    let spread = (pixel * 255 + largest / 2) / largest;
    u8::try_from(spread).unwrap_or(u8::MAX)
}

/// Indices of the first images of each class.
fn first(images: &Images, classes: usize, examples: usize) -> Vec<Vec<usize>> {
    let mut chosen = vec![Vec::new(); classes];
    for (index, &label) in images.labels().iter().enumerate() {
        let chosen: &mut Vec<usize> = &mut chosen[usize::from(label)];
        if chosen.len() < examples {
            chosen.push(index);
        }
    }
    chosen
}

/// Blocks, magnification and reduction: the largest images first, then the page nearest to a
/// square.
fn layout(classes: usize, examples: usize, [height, width]: [usize; 2]) -> (usize, usize, usize) {
    let largest = height.max(width);
    let most = (SIDE / largest).clamp(1, MAGNIFIED);
    let magnified = (1..=most).rev().map(|magnified| (magnified, 1));
    let reduced = (2..=largest).map(|reduced| (1, reduced));
    let mut best = (1, 1, largest);
    for (magnified, reduced) in magnified.chain(reduced) {
        let [height, width] = [height, width].map(|side| side.div_ceil(reduced) * magnified + GAP);
        let sides = |blocks: usize| {
            let rows = classes.div_ceil(blocks) * height;
            let columns = blocks * (examples * width + 3 * GAP);
            rows.max(columns)
        };
        let blocks = (1..=classes)
            .min_by_key(|&blocks| sides(blocks))
            .unwrap_or(1);
        best = (blocks, magnified, reduced);
        if sides(blocks) <= PAGE {
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(shape: [usize; 3], classes: usize, largest: u8, labels: &[u8]) -> Dataset {
        let len = shape.iter().product::<usize>();
        let pixels = labels
            .iter()
            .flat_map(|&label| vec![label.min(largest); len]);
        let images = Images::try_new(shape, pixels.collect(), labels.to_vec()).expect("it fits");
        let names = (0..classes).map(|class| class.to_string()).collect();
        Dataset::try_new("x", names, largest, images.clone(), images).expect("it fits")
    }

    #[test]
    fn every_image_stands_whole_in_its_class_row() {
        let data = data([2, 3, 1], 3, 2, &[2, 0, 2, 1, 2]);
        let sheet = Sheet::new(&data, data.train(), 2).expect("grey");
        assert_eq!((sheet.rows * sheet.blocks >= 3, sheet.magnified), (true, 8));
        // Class by class: 1, 1 and 2 of 3 images, each of 2 · 3 · 8 · 8 pixels.
        let count = |value: u8| sheet.pixels.iter().filter(|&&pixel| pixel == value).count();
        assert_eq!(count(0), 2 * 3 * 64);
        assert_eq!(count(128), 2 * 3 * 64);
        let paper = sheet.height * sheet.width - 4 * 2 * 3 * 64;
        // The largest value is the colour of the paper.
        assert_eq!(count(255), paper + 2 * 2 * 3 * 64);
        let corner = sheet.pixels[GAP * sheet.width + GAP];
        assert_eq!(corner, 0, "class 0 comes first");
    }

    #[test]
    fn one_page_holds_up_to_256_classes() {
        for (classes, shape, magnified) in [
            (10, [32, 32, 3], 4),
            (100, [32, 32, 3], 2),
            (256, [32, 32, 3], 1),
            (256, [8, 8, 1], 5),
            (1, [224, 224, 3], 1),
            (3, [3000, 2001, 1], 1),
        ] {
            // Ten images of one class, where they are not large.
            let more = if shape[0] > 224 { 0 } else { 9 };
            let labels: Vec<u8> = (0..classes)
                .map(|class| class as u8)
                .chain(vec![0; more])
                .collect();
            let data = data(shape, classes, 255, &labels);
            let sheet = Sheet::new(&data, data.train(), 10).expect("it has 1 or 3 channels");
            let longest = sheet.height.max(sheet.width);
            assert!(longest <= PAGE, "{classes} classes: {longest}");
            assert_eq!(sheet.magnified, magnified, "{classes} classes");
            let len = sheet.height * sheet.width * sheet.channels;
            assert_eq!(sheet.pixels.len(), len);
            assert!(sheet.rows * sheet.blocks >= classes);
        }
    }

    #[test]
    fn a_page_has_no_place_for_images_that_are_not_there() {
        let data = data([8, 8, 1], 2, 255, &[0, 1, 1]);
        let sheet = Sheet::new(&data, data.train(), usize::MAX).expect("grey");
        assert_eq!(sheet, Sheet::new(&data, data.train(), 2).expect("grey"));
    }

    #[test]
    fn images_larger_than_the_page_lose_rows_and_columns() {
        // 22 classes of one image of 64 megapixels took 42 GB for ten of each.
        let (blocks, magnified, reduced) = layout(22, 1, [8000, 8000]);
        assert_eq!((magnified, blocks, reduced), (1, 5, 18));
        let rows: Vec<u8> = (0..5000).map(|row| (row / 20) as u8).collect();
        let images = Images::try_new([5000, 1, 1], rows, vec![0]).expect("it fits");
        let data = Dataset::try_new("x", vec!["0".into()], 255, images.clone(), images);
        let data = data.expect("it fits");
        let sheet = Sheet::new(&data, data.train(), 1).expect("grey");
        assert_eq!(
            (sheet.reduced, sheet.height),
            (3, 5000_usize.div_ceil(3) + 2 * GAP)
        );
        let column = sheet.pixels.chunks(sheet.width).map(|line| line[GAP]);
        let found: Vec<u8> = column.skip(GAP).take(1667).collect();
        let expected: Vec<u8> = (0..1667).map(|row| (3 * row / 20) as u8).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn other_channels_are_no_picture() {
        let data = data([1, 1, 2], 1, 255, &[0]);
        let error = Sheet::new(&data, data.train(), 10);
        assert!(matches!(error, Err(Error::SheetChannels { found: 2 })));
    }

    #[test]
    fn greys_spread_evenly() {
        let of = |pixel| spread(pixel, 16);
        assert_eq!([of(0), of(1), of(8), of(16)], [0, 16, 128, 255]);
        assert!((0..=255).all(|pixel| spread(pixel, 255) == pixel));
    }
}
