//! Standard output and standard error: colours, width, and closed pipes.

use std::ffi::OsString;
use std::io::{self, Stderr, Stdout, Write};

use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum as _;
use supports_hyperlinks::supports_hyperlinks;
use terminal_size::{Height, Width, terminal_size_of};

use crate::cli::Color;
use crate::progress::is_dumb;
use crate::report::screen::Screen;

/// Longer lines are hard to read.
const WIDEST: usize = 120;
/// For a terminal that does not tell its width.
const USUAL: usize = 80;
/// Narrower terminals get no line breaks.
const NARROWEST: usize = 20;

/// One of the two outputs. A closed pipe is no error: `vendor-migrations diff | head` ends with the right exit status.
pub struct Terminal<W: RawStream> {
    stream: AutoStream<W>,
    width: Option<usize>,
    links: bool,
    /// See [`Screen::options`].
    pub options: String,
}

pub fn stdout() -> Terminal<Stdout> {
    Terminal::new(io::stdout(), terminal_size_of(io::stdout()))
}

pub fn stderr() -> Terminal<Stderr> {
    Terminal::new(io::stderr(), terminal_size_of(io::stderr()))
}

/// Applies `--color` before the arguments are parsed, because it also holds for the parser's messages. A wrong value is left
/// for the parser to report.
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
fn choice<W: RawStream>(stream: &W) -> ColorChoice {
    let choice = AutoStream::choice(stream);
    let is = |name: &str, text: &str| std::env::var_os(name).is_some_and(|value| value == text);
    if ColorChoice::global() != ColorChoice::Auto || !is("CLICOLOR_FORCE", "0") {
        return choice;
    }
    match stream.is_terminal() && !is_dumb() && !is("CLICOLOR", "0") {
        true => choice,
        false => ColorChoice::Never,
    }
}

/// The columns to wrap to: those of the terminal, or else of `COLUMNS`.
fn width(size: Option<(Width, Height)>) -> Option<usize> {
    let from_variable = || std::env::var("COLUMNS").ok()?.parse().ok();
    let columns = size.map(|(Width(columns), _)| usize::from(columns));
    let columns = columns.filter(|columns| *columns > 0);
    let columns = columns.or_else(from_variable).unwrap_or(USUAL);
    (columns >= NARROWEST).then_some(columns.min(WIDEST))
}

impl<W: RawStream> Terminal<W> {
    fn new(stream: W, size: Option<(Width, Height)>) -> Self {
        let choice = choice(&stream);
        Self {
            width: stream.is_terminal().then(|| width(size)).flatten(),
            // They are escape sequences, which go where colours may not.
            links: stream.is_terminal() && choice != ColorChoice::Never && supports_hyperlinks(),
            options: String::new(),
            stream: AutoStream::new(stream, choice),
        }
    }
}

impl<W: RawStream + AsLockedWrite> Write for Terminal<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        quiet(self.stream.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        quiet(self.stream.flush(), ())
    }
}

impl<W: RawStream + AsLockedWrite> Screen for Terminal<W> {
    fn width(&self) -> Option<usize> {
        self.width
    }

    fn links(&self) -> bool {
        self.links
    }

    fn options(&self) -> &str {
        &self.options
    }
}

/// Takes a closed pipe for success.
fn quiet<T>(result: io::Result<T>, instead: T) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(instead),
        result => result,
    }
}
