//! An output, and what is known of whoever reads it.

use std::io::Write;

/// An output. What a program may read has neither a width nor colours.
pub trait Screen: Write {
    /// The columns that texts are wrapped to; none leaves them on one line.
    fn width(&self) -> Option<usize> {
        None
    }

    /// Whether styles arrive; if not, there is no use in working them out.
    fn is_colored(&self) -> bool {
        false
    }
}

impl Screen for Vec<u8> {}
