//! MNIST's four files: grey images of any one size, labels without names.

use std::path::Path;

use super::{Body, Format, Sink, WriteError, check_ten, spread_pixels};
use crate::mnist::FILES;
use crate::{Dataset, Images, idx};

/// Refuses what the files cannot hold.
pub(super) fn check<'a>(
    data: &'a Dataset,
    notes: &mut Vec<String>,
) -> Result<Body<'a>, WriteError> {
    let format = Format::Mnist.name();
    let shape = data.train().shape();
    if shape[2] != 1 {
        return Err(WriteError::Shape {
            format,
            expected: "grey images of any size",
            found: shape,
        });
    }
    check_ten(Format::Mnist, data)?;
    for (split, images) in [("training", data.train()), ("test", data.test())] {
        let most = idx::LIMIT_BYTES as usize / images.image_len();
        if images.len() > most {
            return Err(WriteError::Count {
                format,
                split,
                expected: [1, most],
                found: images.len(),
            });
        }
    }
    let digits = (0..10).map(|digit| digit.to_string());
    if !digits.eq(data.classes().iter().cloned()) {
        notes.push(format!(
            "the names of the {} classes are lost: the files hold labels alone, and mnist:OUT \
             reads them as the digits 0 to 9",
            data.classes().len()
        ));
    }
    Ok(Box::new(|sink| {
        let [train_images, train_labels, test_images, test_labels] = FILES;
        for (images, names) in [
            (data.train(), [train_images, train_labels]),
            (data.test(), [test_images, test_labels]),
        ] {
            write_split(sink, images, data.largest(), names)?;
        }
        Ok(())
    }))
}

fn write_split(
    sink: &mut Sink,
    images: &Images,
    largest: u8,
    [pixels_name, labels_name]: [&str; 2],
) -> Result<(), WriteError> {
    let [height, width, _] = images.shape();
    let head = header(&[images.len(), height, width]);
    let pixels = spread_pixels(images.pixels(), largest);
    sink.file(Path::new(pixels_name), &[&head, &pixels], true)?;
    let head = header(&[images.len()]);
    sink.file(Path::new(labels_name), &[&head, images.labels()], true)
}

/// Magic number and dimensions, big-endian.
fn header(dimensions: &[usize]) -> Vec<u8> {
    let magic = 0x0800 + dimensions.len();
    let numbers = [&[magic], dimensions].concat();
    let bytes = numbers.iter().flat_map(|&number| {
        // No extent is above the limit on their product.
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        number.to_be_bytes()
    });
    bytes.collect()
}
