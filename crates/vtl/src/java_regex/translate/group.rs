//! Groups: capturing, named, looking around, atomic, and flags.

use super::{PatternError, Translator};

impl Translator<'_> {
    /// Everything between an opening parenthesis, just read, and the group's content.
    pub(super) fn open_group(&mut self) -> Result<(), PatternError> {
        if !self.eat('?') {
            self.open_groups.push(self.flags);
            self.group_count += 1;
            self.out.push('(');
            return Ok(());
        }
        for syntax in [":", "=", "!", "<=", "<!", ">"] {
            if self.eat_text(syntax) {
                self.open_groups.push(self.flags);
                self.needs_backtracking |= syntax != ":";
                self.out.push_str("(?");
                self.out.push_str(syntax);
                return Ok(());
            }
        }
        if self.eat('<') {
            return self.named_group();
        }
        self.flag_group()
    }

    fn named_group(&mut self) -> Result<(), PatternError> {
        self.open_groups.push(self.flags);
        self.group_count += 1;
        self.out.push_str("(?<");
        self.group_name()
    }

    /// Copies a group's name and the angle bracket behind it.
    pub(super) fn group_name(&mut self) -> Result<(), PatternError> {
        let rest = &self.java[self.at..];
        let length = rest.find('>').ok_or_else(|| self.error("a group name is not closed"))?;
        let name = &rest[..length];
        let starts_with_letter = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !starts_with_letter || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(self.error("a group name is letters and digits"));
        }
        self.out.push_str(name);
        self.at += length + 1;
        self.out.push('>');
        Ok(())
    }

    /// `(?ims-x)` for the rest of the group around it, `(?ims-x:…)` for its own content.
    fn flag_group(&mut self) -> Result<(), PatternError> {
        let before = self.flags;
        let (mut switched_on, mut folds_case) = (true, None);
        loop {
            match self.next() {
                Some('-') => switched_on = false,
                Some('i') => folds_case = Some(switched_on),
                Some('s') => self.flags.dot_matches_all = switched_on,
                Some('m') => self.flags.multiline = switched_on,
                Some('x') => self.flags.comments = switched_on,
                // The engines fold case beyond ASCII in any event.
                Some('u') => {}
                Some(end @ (')' | ':')) => {
                    let flags = match folds_case {
                        Some(true) => "(?i",
                        Some(false) => "(?-i",
                        // The other flags are translated away; what is left is a group, or nothing.
                        None if end == ')' => return Ok(()),
                        None => "(?",
                    };
                    if end == ':' {
                        self.open_groups.push(before);
                    }
                    self.out.push_str(flags);
                    self.out.push(end);
                    return Ok(());
                }
                _ => return Err(self.error("unknown kind of group")),
            }
        }
    }

    pub(super) fn close_group(&mut self) -> Result<(), PatternError> {
        self.flags = self.open_groups.pop().ok_or_else(|| self.error("a closing parenthesis has no opening one"))?;
        self.out.push(')');
        Ok(())
    }
}
