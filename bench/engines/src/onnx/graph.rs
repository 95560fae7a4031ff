//! A graph of ONNX operators; the field numbers are those of `onnx.proto3`.

use super::message::Message;

/// Versions of the file format and of the operators.
const IR_VERSION: i64 = 8;
const OPERATORS: i64 = 13;

/// Types of elements, by their numbers in `TensorProto.DataType`.
#[derive(Clone, Copy)]
pub enum Type {
    /// 32-bit real.
    F32 = 1,
    /// 8-bit unsigned.
    U8 = 2,
    /// 8-bit signed.
    I8 = 3,
}

/// What an operator is told besides its inputs.
pub enum Attribute<'a> {
    /// A whole number.
    Int(&'a str, i64),
    /// Whole numbers.
    Ints(&'a str, &'a [i64]),
}

/// Nodes, constants, and what comes in and goes out. Values are called by their names.
#[derive(Default)]
pub struct Graph {
    nodes: Vec<Message>,
    constants: Vec<Message>,
    names: usize,
}

impl Graph {
    /// Adds an operator and names its only output.
    pub fn node(&mut self, op: &str, inputs: &[&str], attributes: &[Attribute<'_>]) -> String {
        let output = self.name(op);
        let mut node = Message::default();
        for input in inputs {
            node = node.text(1, input);
        }
        node = node.text(2, &output).text(3, &output).text(4, op);
        for attribute in attributes {
            node = node.message(5, &attribute.message());
        }
        self.nodes.push(node);
        output
    }

    /// Adds real constants.
    pub fn floats(&mut self, shape: &[usize], values: &[f32]) -> String {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.constant(Type::F32, shape, &bytes)
    }

    /// Adds one real constant.
    pub fn float(&mut self, value: f32) -> String {
        self.floats(&[], &[value])
    }

    /// Adds constants of one byte each.
    pub fn bytes(&mut self, kind: Type, shape: &[usize], bytes: &[u8]) -> String {
        self.constant(kind, shape, bytes)
    }

    /// The file: `output : [batch, classes]` of `input`.
    pub fn into_file(
        self,
        input: (&str, Type, &[usize]),
        output: (&str, Type, &[usize]),
    ) -> Vec<u8> {
        let graph = Message::default()
            .messages(1, &self.nodes)
            .text(2, "network")
            .messages(5, &self.constants)
            .message(11, &value(input))
            .message(12, &value(output));
        let operators = Message::default().text(1, "").int(2, OPERATORS);
        Message::default()
            .int(1, IR_VERSION)
            .message(7, &graph)
            .message(8, &operators)
            .into_bytes()
    }

    fn constant(&mut self, kind: Type, shape: &[usize], bytes: &[u8]) -> String {
        let name = self.name("constant");
        let mut tensor = Message::default();
        for &length in shape {
            tensor = tensor.int(1, length as i64);
        }
        tensor = tensor.int(2, kind as i64).text(8, &name).bytes(9, bytes);
        self.constants.push(tensor);
        name
    }

    fn name(&mut self, what: &str) -> String {
        self.names += 1;
        format!("{what}{}", self.names)
    }
}

impl Attribute<'_> {
    fn message(&self) -> Message {
        /// Numbers of `AttributeProto.AttributeType`.
        const INT: i64 = 2;
        const INTS: i64 = 7;
        match self {
            Self::Int(name, value) => Message::default().text(1, name).int(3, *value).int(20, INT),
            Self::Ints(name, values) => values
                .iter()
                .fold(Message::default().text(1, name), |to, &v| to.int(8, v))
                .int(20, INTS),
        }
    }
}

/// A value's name, type and shape.
fn value((name, kind, shape): (&str, Type, &[usize])) -> Message {
    let mut lengths = Message::default();
    for &length in shape {
        lengths = lengths.message(1, &Message::default().int(1, length as i64));
    }
    let tensor = Message::default().int(1, kind as i64).message(2, &lengths);
    let kind = Message::default().message(1, &tensor);
    Message::default().text(1, name).message(2, &kind)
}
