//! Protocol-buffer messages, as far as ONNX needs them.

/// A message under construction; fields are written in the order of the calls.
#[derive(Default)]
pub struct Message(Vec<u8>);

/// Wire types: what stands behind a field's number.
const VARINT: u64 = 0;
const LENGTH: u64 = 2;

impl Message {
    /// Appends a whole number.
    pub fn int(mut self, field: u64, value: i64) -> Self {
        self.varint(field << 3 | VARINT);
        self.varint(value as u64);
        self
    }

    /// Appends bytes: raw data or text.
    pub fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.varint(field << 3 | LENGTH);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends text.
    pub fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    /// Appends a message inside this one.
    pub fn message(self, field: u64, message: &Message) -> Self {
        self.bytes(field, &message.0)
    }

    /// Appends each of several messages under the same field.
    pub fn messages(self, field: u64, messages: &[Message]) -> Self {
        messages.iter().fold(self, |to, one| to.message(field, one))
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_tagged_and_numbers_have_seven_bits_a_byte() {
        let message = Message::default().int(1, 300).text(2, "network");
        let mut expected = vec![0x08, 0xac, 0x02, 0x12, 7];
        expected.extend_from_slice(b"network");
        assert_eq!(message.into_bytes(), expected);
    }

    #[test]
    fn a_message_inside_has_its_length() {
        let inner = Message::default().int(3, 1);
        let outer = Message::default().message(5, &inner);
        assert_eq!(outer.into_bytes(), [0x2a, 2, 0x18, 1]);
    }
}
