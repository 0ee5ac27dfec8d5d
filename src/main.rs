//! Parses, runs, and turns the result into an exit status.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser as _;
use vendor_migrations::cli::{Cli, Color};
use vendor_migrations::commands::{Failure, Output, run};
use vendor_migrations::report::escape::lines;
use vendor_migrations::report::style::{BAD, GOOD};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.global.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let mut out = Closable(anstream::stdout());
    let mut err = Closable(anstream::stderr());
    let result = run(
        &cli,
        &mut Output {
            out: &mut out,
            err: &mut err,
        },
    );
    match result.and_then(|exit| Ok(out.flush().map(|()| exit)?)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // If even standard error is gone, the exit status is all that can be said.
            let _ = report(&mut err, &failure);
            ExitCode::from(2)
        }
    }
}

fn report(err: &mut dyn Write, failure: &Failure) -> io::Result<()> {
    writeln!(err, "{BAD}error:{BAD:#} {}", lines(&failure.explained()))?;
    if let Some(hint) = failure.hint() {
        writeln!(err, "{GOOD}help:{GOOD:#} {}", lines(&hint))?;
    }
    Ok(())
}

/// An output whose reader may leave: `vendor-migrations diff | head` ends quietly, with the right exit status.
struct Closable<W>(W);

impl<W: Write> Write for Closable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        quiet(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        quiet(self.0.flush(), ())
    }
}

fn quiet<T>(result: io::Result<T>, instead: T) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(instead),
        result => result,
    }
}
