//! Text mode: everything up to what is a reference, a directive or a comment.

use std::collections::HashSet;

use memchr::memchr3;

use super::directive::Keyword;
use super::{Failure, Parser};
use crate::ast::{Block, Node};

/// Why a block ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    EndOfText,
    End,
    Else,
    ElseIf,
}

/// Names that the source defines as macros, wherever `#macro(name` stands. A name too many, from a comment, does no harm:
/// a call of what was not defined in the end is output as text.
pub(super) fn macro_names(source: &str) -> HashSet<Box<str>> {
    let openings = source.match_indices("macro").filter_map(|(at, word)| {
        let before = &source[..at];
        let mut after = &source[at + word.len()..];
        if before.ends_with("#{") {
            after = after.strip_prefix('}')?;
        } else if !before.ends_with('#') {
            return None;
        }
        let inside = after.trim_start().strip_prefix('(')?.trim_start();
        let length =
            inside.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).count();
        Some(inside[..length].into())
    });
    openings.collect()
}

/// A block under construction.
#[derive(Default)]
pub(super) struct BlockBuilder {
    nodes: Block,
    /// The text since the last reference or directive.
    text: String,
}

impl BlockBuilder {
    pub(super) fn push(&mut self, node: Node) {
        self.end_text();
        self.nodes.push(node);
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.nodes.push(Node::Text(self.text.as_str().into()));
            self.text.clear();
        }
    }

    /// Blanks between a reference or directive and a `#set` belong to the `#set` and are not output.
    pub(super) fn drop_blanks_before_set(&mut self) {
        if self.text.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
            self.text.clear();
        }
    }

    fn finish(mut self) -> Block {
        self.end_text();
        self.nodes
    }
}

impl Parser<'_> {
    /// A whole template, or the whole content of a quoted string.
    pub(super) fn template(&mut self) -> Result<Block, Failure> {
        let (block, ending, start) = self.block()?;
        match ending {
            Ending::EndOfText => Ok(block),
            Ending::End => Err(self.cursor.syntax_error("#end closes nothing", start)),
            Ending::Else => Err(self.cursor.syntax_error("#else stands outside of #if", start)),
            Ending::ElseIf => Err(self.cursor.syntax_error("#elseif stands outside of #if", start)),
        }
    }

    /// Nodes up to the end of the text or a directive that ends a block, which is read; and where that one started.
    pub(super) fn block(&mut self) -> Result<(Block, Ending, usize), Failure> {
        let mut block = BlockBuilder::default();
        loop {
            let Some(plain) = memchr3(b'$', b'#', b'\\', self.cursor.rest().as_bytes()) else {
                block.text.push_str(self.cursor.rest());
                self.cursor.at = self.cursor.text.len();
                return Ok((block.finish(), Ending::EndOfText, self.cursor.at));
            };
            block.text.push_str(&self.cursor.rest()[..plain]);
            self.cursor.at += plain;
            let start = self.cursor.at;
            match self.cursor.peek() {
                Some(b'\\') => self.backslashes(&mut block)?,
                Some(b'$') => self.reference_or_text(&mut block)?,
                _ => {
                    if let Some(ending) = self.hash(&mut block)? {
                        return Ok((block.finish(), ending, start));
                    }
                }
            }
        }
    }

    fn reference_or_text(&mut self, block: &mut BlockBuilder) -> Result<(), Failure> {
        if let Some(reference) = self.reference()? {
            block.push(Node::Reference(reference));
        } else {
            block.text.push('$');
            self.cursor.at += 1;
            // Velocity loses the mark of a quiet reference that is none: `$!5` is output as `$5`.
            if self
                .cursor
                .rest()
                .strip_prefix('!')
                .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['$', '{']))
            {
                self.cursor.at += 1;
            }
        }
        Ok(())
    }

    /// Backslashes mean themselves, except before a reference or directive: there each two are one, and an odd one makes it
    /// text.
    fn backslashes(&mut self, block: &mut BlockBuilder) -> Result<(), Failure> {
        let start = self.cursor.at;
        self.cursor.skip_while(|byte| byte == b'\\');
        let count = self.cursor.at - start;
        let escaped = match self.cursor.peek() {
            Some(b'$') => self.reference_length()?,
            Some(b'#') => self.keyword_length(count),
            _ => None,
        };
        let Some(length) = escaped else {
            block.text.push_str(&self.cursor.text[start..self.cursor.at]);
            block.end_text();
            return Ok(());
        };
        block.text.push_str(&self.cursor.text[start..start + count / 2]);
        if count % 2 == 1 {
            block.text.push_str(&self.cursor.rest()[..length]);
            self.cursor.at += length;
        }
        block.end_text();
        Ok(())
    }

    /// Bytes of the reference that comes next, if one does.
    fn reference_length(&mut self) -> Result<Option<usize>, Failure> {
        let start = self.cursor.at;
        let reference = self.reference()?;
        let length = self.cursor.at - start;
        self.cursor.at = start;
        Ok(reference.map(|_| length))
    }

    /// Bytes of the hash and name of the directive that comes next, if one does that so many backslashes mean anything to.
    fn keyword_length(&mut self, backslashes: usize) -> Option<usize> {
        let start = self.cursor.at;
        let keyword = self.keyword();
        let length = self.cursor.at - start;
        self.cursor.at = start;
        keyword.filter(|keyword| backslashes % 2 == 1 || !keyword.keeps_backslashes()).map(|_| length)
    }

    /// A hash: comment, literal, directive, or text.
    fn hash(&mut self, block: &mut BlockBuilder) -> Result<Option<Ending>, Failure> {
        let start = self.cursor.at;
        if self.cursor.eat("##") {
            let rest = self.cursor.rest();
            let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
            self.cursor.at += length;
            self.cursor.gobble_line_end();
            block.end_text();
            return Ok(None);
        }
        if self.cursor.eat("#*") {
            // One that is not closed goes on to the end.
            let rest = self.cursor.rest();
            self.cursor.at += rest.find("*#").map_or(rest.len(), |length| length + 2);
            block.end_text();
            return Ok(None);
        }
        if self.cursor.eat("#[[") {
            let content = self.cursor.at;
            let Some(length) = self.cursor.rest().find("]]#") else {
                return Err(self.cursor.syntax_error("literal is not closed by ]]#", start));
            };
            let end = content + length;
            self.cursor.at = end + 3;
            block.text.push_str(&self.cursor.text[content..end]);
            block.end_text();
            return Ok(None);
        }
        if let Some(keyword) = self.keyword() {
            return self.directive(&keyword, start, block);
        }
        self.cursor.at = start;
        let length = self.unknown_call_length().unwrap_or(1);
        block.text.push_str(&self.cursor.rest()[..length]);
        self.cursor.at += length;
        Ok(None)
    }

    /// Bytes of a call of what is no macro, cursor on its hash: text with all its arguments, references among them too.
    fn unknown_call_length(&mut self) -> Option<usize> {
        let start = self.cursor.at;
        self.cursor.at += 1;
        let is_call = self.cursor.identifier().is_some() && self.cursor.eat("(");
        let parsed = is_call && self.nested(Self::macro_arguments).is_ok();
        let length = self.cursor.at - start;
        self.cursor.at = start;
        parsed.then_some(length)
    }

    /// The text between two positions, for what turned out to be no directive.
    pub(super) fn back_to_text(&mut self, keyword: &Keyword, start: usize, block: &mut BlockBuilder) {
        self.cursor.at = keyword.end;
        block.text.push_str(&self.cursor.text[start..keyword.end]);
    }
}
