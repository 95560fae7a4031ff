//! The errors' messages.

use core::fmt;

use crate::Error;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the network has no layer, expected at least one"),
            Self::Name { name } => write!(
                f,
                "two layers are named {name:?}, expected a name of its own for each"
            ),
            Self::Contract {
                a,
                unit,
                channels,
                found,
            } => write!(
                f,
                "the input contract has a {a}, unit {unit} and {found} numbers b, expected a that \
                 is not 0, a unit above 0 and {channels} numbers, one per channel"
            ),
            Self::LargeInputs { largest, limit } => write!(
                f,
                "the input contract makes {largest} of a pixel, expected less than {limit}, below \
                 which 32-bit floats hold every integer"
            ),
            Self::ManyWeights {
                layer,
                weights,
                limit,
            } => write!(
                f,
                "up to layer {layer} there are {weights} weights, expected at most {limit}; \
                 make the network narrower"
            ),
            Self::Window {
                layer,
                places,
                limit,
            } => write!(
                f,
                "layer {layer}: the pool's window has {places} pixels, expected at most {limit}"
            ),
            Self::Shape { layer, source } => write!(f, "layer {layer}: {source}"),
            Self::Parameter {
                layer,
                what,
                expected,
                found,
            } => write!(
                f,
                "layer {layer}: the {what} is {found}, expected {expected}"
            ),
            Self::LargeSums {
                layer,
                largest,
                limit,
            } => write!(
                f,
                "layer {layer}: sums reach {largest}, expected less than {limit}, \
                 below which 32-bit floats hold every integer; make the layer narrower"
            ),
            Self::Linear { layer } => write!(
                f,
                "layer {layer} has no activation, expected one behind every hidden layer \
                 (sign, ternary, clip or relu)"
            ),
            Self::LastActivation { layer } => write!(
                f,
                "layer {layer} is the last and has an activation, expected \"none\" there"
            ),
            Self::ActivationOfMean { layer } => write!(
                f,
                "layer {layer} is a mean-pool, expected no activation, norm or max-pool behind it"
            ),
            Self::MeanOfPixels { layer } => write!(
                f,
                "layer {layer} is a mean-pool of the pixels, expected a layer before it"
            ),
            Self::Classes {
                layer,
                expected,
                found,
            } => write!(
                f,
                "layer {layer} is the last and gives {found} numbers, \
                 expected {expected}, one per class"
            ),
            Self::ShortcutSource { layer } => write!(
                f,
                "layer {layer}: the shortcut joins layers that it cannot, \
                 expected an earlier one, and none of the two a mean-pool"
            ),
            Self::ShortcutShape {
                layer,
                source,
                expected,
                found,
            } => {
                let [height, width, channels] = expected;
                let [from_height, from_width, from_channels] = found;
                write!(
                    f,
                    "layer {layer}: the shortcut from {source} is {from_height} x {from_width} x \
                     {from_channels}, expected {height} x {width} times a whole factor and at \
                     most {channels} channels"
                )
            }
            Self::ClassNames { expected, found } => {
                write!(f, "there are {found} names of classes, expected {expected}")
            }
            Self::PackedLayers { expected, found } => {
                write!(f, "there are {found} packed layers, expected {expected}")
            }
            Self::ManyNumbers {
                layer,
                numbers,
                limit,
            } => write!(
                f,
                "layer {layer} takes or gives {numbers} numbers an image, expected at most {limit}"
            ),
            Self::PackedKind {
                layer,
                what,
                expected,
                found,
            } => write!(
                f,
                "layer {layer} has {what} of kind {found}, expected {expected}"
            ),
            Self::PackedLength {
                layer,
                what,
                expected,
                found,
            } => write!(
                f,
                "layer {layer}: {what} has length {found}, expected {expected}"
            ),
            Self::PaddingBits { layer, row } => write!(
                f,
                "layer {layer}: row {row} of the weights has padding bits that are not 0"
            ),
            Self::UnusedCode { layer, word } => write!(
                f,
                "layer {layer}: word {word} of the ternary weights holds a sign where its number \
                 is 0"
            ),
            Self::NotFinite { layer, what, at } => {
                write!(f, "layer {layer}: {what} {at} is not a finite number")
            }
            Self::ThresholdRange {
                layer,
                channel,
                limit,
                found,
            } => write!(
                f,
                "layer {layer}: the threshold of channel {channel} is {found}, expected one \
                 between the sums, which reach {limit} on both sides"
            ),
            Self::Thresholds { source } => write!(f, "{source}"),
            Self::LongName { what, name, limit } => write!(
                f,
                "the name of {what} has {} bytes, expected at most {limit}: {name:?}",
                name.len()
            ),
            Self::White => {
                f.write_str("the largest pixel of the data is 0, expected one from 1 to 255")
            }
            Self::ControlCharacter { what, name } => write!(
                f,
                "the name of {what} is {name:?}, expected one without control characters"
            ),
            Self::Size { what, found } => write!(
                f,
                "{what} is {found}, expected one of 32 bits that this machine can address"
            ),
            Self::ShortFile { expected, found } => write!(
                f,
                "the file has {found} bytes, expected at least {expected}; it is no model or was \
                 cut off"
            ),
            Self::Magic { found } => write!(
                f,
                "the file starts with {}, expected the mark of an orthant model; make one with \
                 `orthant pack`",
                found.escape_ascii()
            ),
            Self::Version { expected, found } => write!(
                f,
                "the file has version {found}, expected {expected}; {}",
                if found > expected {
                    "update this program"
                } else {
                    "pack the run again"
                }
            ),
            Self::FileLength { expected, found } => write!(
                f,
                "the file has {found} bytes and says {expected}; it was cut off or something was \
                 added"
            ),
            Self::Checksum { expected, found } => write!(
                f,
                "the checksum is {found:08x}, expected {expected:08x}; the file is damaged, copy \
                 it again"
            ),
            Self::SectionCount { expected, found } => {
                write!(f, "the file says {found} sections, expected {expected}")
            }
            Self::SectionKind {
                section,
                expected,
                found,
            } => write!(
                f,
                "the table has kind {found} for the section {section}, expected {expected}"
            ),
            Self::SectionOffset {
                section,
                expected,
                found,
            } => write!(
                f,
                "section {section} starts at {found}, expected {expected}, behind the one before it"
            ),
            Self::SectionLength {
                section,
                left,
                found,
            } => write!(
                f,
                "section {section} has {found} bytes, expected at most {left}, up to the end of \
                 the file"
            ),
            Self::Trailing { left } => {
                write!(f, "{left} bytes follow the last section, expected none")
            }
            Self::Gap { section } => write!(f, "the {section} of the file has a gap that is not 0"),
            Self::SectionEnd {
                section,
                needed,
                left,
            } => write!(
                f,
                "section {section} has {left} bytes left where {needed} are needed"
            ),
            Self::SectionRest { section, left } => write!(
                f,
                "section {section} has {left} bytes behind its end, expected none"
            ),
            Self::Text { section } => write!(f, "section {section} has a name that is not UTF-8"),
            Self::Code { what, found } => write!(f, "{found} stands for no {what}"),
            Self::Cap { what, limit, found } => {
                write!(f, "there are {found} {what}, expected at most {limit}")
            }
        }
    }
}
