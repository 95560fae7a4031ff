//! What can be wrong with a network, deployed or not, and with its file.

mod display;

use alloc::string::String;

/// Why a network cannot be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// No layer.
    Empty,
    /// Two layers of one name.
    Name {
        /// The name.
        name: String,
    },
    /// An input contract that does not fit the image.
    Contract {
        /// The contract's factor.
        a: i32,
        /// The contract's unit.
        unit: i32,
        /// Channels of the image.
        channels: usize,
        /// Numbers in the contract's `b`.
        found: usize,
    },
    /// An input contract whose numbers `f32` does not hold exactly.
    LargeInputs {
        /// The largest magnitude of an input.
        largest: u64,
        /// What it must stay below.
        limit: u64,
    },
    /// More weights than a program can hold.
    ManyWeights {
        /// The layer with which they are too many.
        layer: String,
        /// Weights up to that layer.
        weights: usize,
        /// The most that are allowed.
        limit: usize,
    },
    /// A pool whose window is too large.
    Window {
        /// The layer.
        layer: String,
        /// Pixels of the window.
        places: usize,
        /// The most that are allowed.
        limit: usize,
    },
    /// An impossible shape.
    Shape {
        /// The layer.
        layer: String,
        /// What is impossible.
        source: orthant_bits::Error,
    },
    /// A parameter out of its range.
    Parameter {
        /// The layer.
        layer: String,
        /// The parameter.
        what: &'static str,
        /// Its range.
        expected: &'static str,
        /// Its value.
        found: f32,
    },
    /// Integer sums that `f32` does not hold exactly.
    LargeSums {
        /// The layer.
        layer: String,
        /// The largest magnitude of a sum.
        largest: u64,
        /// What it must stay below.
        limit: u64,
    },
    /// A hidden layer without an activation.
    Linear {
        /// The layer.
        layer: String,
    },
    /// An activation behind the last layer.
    LastActivation {
        /// The layer.
        layer: String,
    },
    /// A mean-pool with an activation, a norm or a max-pool.
    ActivationOfMean {
        /// The layer.
        layer: String,
    },
    /// A mean-pool as the first layer.
    MeanOfPixels {
        /// The layer.
        layer: String,
    },
    /// The last layer does not give a number per class.
    Classes {
        /// The layer.
        layer: String,
        /// Classes.
        expected: usize,
        /// Numbers that the layer gives.
        found: usize,
    },
    /// A shortcut from a layer that is not earlier, or from or to a mean-pool.
    ShortcutSource {
        /// The layer that the shortcut leads to.
        layer: String,
    },
    /// A shortcut between shapes that do not fit.
    ShortcutShape {
        /// The layer that the shortcut leads to.
        layer: String,
        /// The layer that it comes from.
        source: String,
        /// Height, width and channels of the layer.
        expected: [usize; 3],
        /// Height, width and channels of the source.
        found: [usize; 3],
    },
    /// Not one name per class.
    ClassNames {
        /// Classes of the network.
        expected: usize,
        /// Names.
        found: usize,
    },
    /// Not one deployed layer per layer of the network.
    PackedLayers {
        /// Layers of the network.
        expected: usize,
        /// Deployed layers.
        found: usize,
    },
    /// More numbers between two layers than a program can hold.
    ManyNumbers {
        /// The layer.
        layer: String,
        /// Numbers of one image.
        numbers: usize,
        /// The most that are allowed.
        limit: usize,
    },
    /// Weights or a readout of another kind than the network says.
    PackedKind {
        /// The layer.
        layer: String,
        /// What it is.
        what: &'static str,
        /// The network's kind.
        expected: &'static str,
        /// The kind that is there.
        found: &'static str,
    },
    /// Weights or a readout of another length than the network says.
    PackedLength {
        /// The layer.
        layer: String,
        /// What it is.
        what: &'static str,
        /// The network's length.
        expected: usize,
        /// The length that is there.
        found: usize,
    },
    /// A bit of 1 behind the end of a row of weights.
    PaddingBits {
        /// The layer.
        layer: String,
        /// The row.
        row: usize,
    },
    /// The fourth code of two bits, which stands for no ternary weight.
    UnusedCode {
        /// The layer.
        layer: String,
        /// The word of the planes.
        word: usize,
    },
    /// A number that is infinite or none.
    NotFinite {
        /// The layer.
        layer: String,
        /// What the number is.
        what: &'static str,
        /// Which one.
        at: usize,
    },
    /// A threshold beyond every sum.
    ThresholdRange {
        /// The layer.
        layer: String,
        /// The channel.
        channel: usize,
        /// The largest sum.
        limit: i32,
        /// The threshold.
        found: i32,
    },
    /// Ternary thresholds in the wrong order.
    Thresholds {
        /// Which.
        source: orthant_bits::Error,
    },
    /// A name that a file does not hold.
    LongName {
        /// Whose.
        what: &'static str,
        /// The name.
        name: String,
        /// Most bytes.
        limit: usize,
    },
    /// A largest pixel of 0.
    White,
    /// A name with a line end, an escape or the like, which would garble what prints it.
    ControlCharacter {
        /// Whose.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A size that does not fit its field.
    Size {
        /// Which.
        what: &'static str,
        /// The size.
        found: u64,
    },
    /// A file that is shorter than its head.
    ShortFile {
        /// Bytes of the head and the table.
        expected: usize,
        /// Bytes of the file.
        found: usize,
    },
    /// A file of another kind.
    Magic {
        /// Its first bytes.
        found: [u8; 8],
    },
    /// A file of another version.
    Version {
        /// The version that is read.
        expected: u32,
        /// The file's.
        found: u32,
    },
    /// A file that is longer or shorter than it says.
    FileLength {
        /// Bytes that it says.
        expected: u64,
        /// Bytes that it has.
        found: usize,
    },
    /// Damaged bytes.
    Checksum {
        /// The checksum that the file says.
        expected: u32,
        /// The checksum of its bytes.
        found: u32,
    },
    /// A wrong number of sections.
    SectionCount {
        /// Sections of this version.
        expected: usize,
        /// Sections that the file says.
        found: u32,
    },
    /// A section in another's place.
    SectionKind {
        /// The section of this place.
        section: &'static str,
        /// Its kind.
        expected: u32,
        /// The kind that the table says.
        found: u32,
    },
    /// A section that overlaps another or leaves a hole.
    SectionOffset {
        /// The section.
        section: &'static str,
        /// Where the one before it ends.
        expected: usize,
        /// Where the table says it starts.
        found: u64,
    },
    /// A section that ends behind the file.
    SectionLength {
        /// The section.
        section: &'static str,
        /// Bytes up to the file's end.
        left: usize,
        /// Bytes that the table says.
        found: u64,
    },
    /// Bytes behind the last section.
    Trailing {
        /// How many.
        left: usize,
    },
    /// Bytes or bits between things that are not 0.
    Gap {
        /// Where.
        section: &'static str,
    },
    /// A section that ends too early.
    SectionEnd {
        /// The section.
        section: &'static str,
        /// Bytes that come next.
        needed: usize,
        /// Bytes that are left.
        left: usize,
    },
    /// A section that goes on too long.
    SectionRest {
        /// The section.
        section: &'static str,
        /// Bytes that nothing asks for.
        left: usize,
    },
    /// A name that is not UTF-8.
    Text {
        /// The section that holds it.
        section: &'static str,
    },
    /// A code that stands for nothing.
    Code {
        /// What it should stand for.
        what: &'static str,
        /// The code.
        found: u8,
    },
    /// More of something than a file may say.
    Cap {
        /// Of what.
        what: &'static str,
        /// The most.
        limit: usize,
        /// The number.
        found: usize,
    },
}

impl core::error::Error for Error {}
