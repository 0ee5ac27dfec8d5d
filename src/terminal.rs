//! What standard output and standard error are: colours, width, a reader who leaves.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Stderr, Stdout, Write};

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum as _;
use terminal_size::{Width, terminal_size_of};

use crate::cli::Color;
use crate::report::screen::Screen;

/// The widest that a text is comfortable to read.
const WIDEST: usize = 120;
/// The width of a terminal that does not tell.
const USUAL: usize = 80;
/// Below it, nothing is gained by breaking lines.
const NARROWEST: usize = 20;

/// One of the two outputs. Its reader may leave: `vendor-migrations diff | head` ends quietly, with the right exit status.
pub struct Terminal<W: anstream::stream::RawStream> {
    stream: AutoStream<W>,
    width: Option<usize>,
}

pub fn stdout() -> Terminal<Stdout> {
    let stream = io::stdout();
    let width = width(stream.is_terminal(), terminal_size_of(&stream));
    Terminal::new(stream, width)
}

pub fn stderr() -> Terminal<Stderr> {
    let stream = io::stderr();
    let width = width(stream.is_terminal(), terminal_size_of(&stream));
    Terminal::new(stream, width)
}

/// `--color` before anything is parsed: it holds for the parser's own messages, too. What is wrong with it, the parser says.
pub fn choose_color(arguments: impl Iterator<Item = OsString>) {
    let mut arguments = arguments.take_while(|argument| argument != "--");
    let mut color = None;
    while let Some(argument) = arguments.next() {
        let value = match argument.to_str() {
            Some("--color") => arguments.next(),
            Some(text) => text.strip_prefix("--color=").map(OsString::from),
            None => None,
        };
        let value = value.and_then(|value| Color::from_str(value.to_str()?, false).ok());
        color = value.or(color);
    }
    match color {
        None | Some(Color::Auto) => {}
        Some(Color::Always) => ColorChoice::Always.write_global(),
        Some(Color::Never) => ColorChoice::Never.write_global(),
    }
}

/// Whether this output gets colours. `CLICOLOR_FORCE=0` forces nothing, which an earlier text of its specification said.
fn choice<W: anstream::stream::RawStream>(stream: &W) -> ColorChoice {
    let choice = AutoStream::choice(stream);
    let is = |name: &str, text: &str| std::env::var_os(name).is_some_and(|value| value == text);
    if ColorChoice::global() != ColorChoice::Auto || !is("CLICOLOR_FORCE", "0") {
        return choice;
    }
    let dumb = is("TERM", "dumb") || (cfg!(unix) && std::env::var_os("TERM").is_none());
    match stream.is_terminal() && !dumb && !is("CLICOLOR", "0") {
        true => choice,
        false => ColorChoice::Never,
    }
}

/// The columns to wrap to: those of the terminal, or else of `COLUMNS`.
fn width(is_terminal: bool, size: Option<(Width, terminal_size::Height)>) -> Option<usize> {
    if !is_terminal {
        return None;
    }
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    let columns = size.map(|(Width(columns), _)| usize::from(columns));
    let columns = columns
        .filter(|columns| *columns > 0)
        .or_else(said)
        .unwrap_or(USUAL);
    (columns >= NARROWEST).then_some(columns.min(WIDEST))
}

impl<W: anstream::stream::RawStream> Terminal<W> {
    fn new(stream: W, width: Option<usize>) -> Self {
        let choice = choice(&stream);
        Self {
            stream: AutoStream::new(stream, choice),
            width,
        }
    }
}

impl<W: anstream::stream::RawStream + anstream::stream::AsLockedWrite> Write for Terminal<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        quiet(self.stream.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        quiet(self.stream.flush(), ())
    }
}

impl<W: anstream::stream::RawStream + anstream::stream::AsLockedWrite> Screen for Terminal<W> {
    fn width(&self) -> Option<usize> {
        self.width
    }
}

/// A reader who has left is no failure.
pub fn quiet<T>(result: io::Result<T>, instead: T) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(instead),
        result => result,
    }
}
