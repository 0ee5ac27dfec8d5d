//! An output for people: a terminal or a file.

use std::io::Write;

pub trait Screen: Write {
    /// The columns to wrap texts to; none where a program may read the output: a text stays on one line.
    fn width(&self) -> Option<usize> {
        None
    }

    /// Whether a text can be a link: a terminal that knows them.
    fn links(&self) -> bool {
        false
    }

    /// The options that the user gave to every command, each after a space: commands in sentences get them, too.
    fn options(&self) -> &str {
        ""
    }
}

impl Screen for Vec<u8> {}
