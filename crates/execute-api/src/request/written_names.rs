//! The names of header fields as a client wrote them.

use bytes::Bytes;

/// Stands behind each name; no name holds one.
const END: u8 = b'\n';

/// Names as they stood in a head, in order. All of them are one piece of memory, which the fields that need theirs share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrittenNames {
    joined: Bytes,
}

/// Gathers names.
#[derive(Debug, Default)]
pub struct WrittenNamesBuilder {
    joined: Vec<u8>,
}

impl WrittenNamesBuilder {
    /// A builder for names of a head of so many bytes.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { joined: Vec::with_capacity(bytes) }
    }

    /// Adds a name, which stood in one line.
    pub fn push(&mut self, name: &[u8]) {
        self.joined.extend_from_slice(name);
        self.joined.push(END);
    }

    /// The names.
    #[must_use]
    pub fn build(self) -> WrittenNames {
        WrittenNames { joined: self.joined.into() }
    }
}

impl WrittenNames {
    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let names = self.joined.strip_suffix(&[END]).map(|names| names.split(|byte| *byte == END));
        names.into_iter().flatten()
    }

    /// A name of this list, which shares its memory.
    pub(super) fn share(&self, name: &[u8]) -> Bytes {
        self.joined.slice_ref(name)
    }
}

impl<'a> FromIterator<&'a [u8]> for WrittenNames {
    fn from_iter<T: IntoIterator<Item = &'a [u8]>>(names: T) -> Self {
        let mut builder = WrittenNamesBuilder::default();
        names.into_iter().for_each(|name| builder.push(name));
        builder.build()
    }
}
