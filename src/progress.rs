//! The spinner on standard error. It appears when work takes longer than a second, and is cleared at the end.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::escape::one_line;

/// Shorter work shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

static SILENT: AtomicBool = AtomicBool::new(false);
/// There is one line; the activity that began first uses it.
static BUSY: AtomicBool = AtomicBool::new(false);

/// Shows nothing from now on, for `--quiet`.
pub fn silence() {
    SILENT.store(true, Ordering::Relaxed);
}

/// A spinner while it lives, once the work has taken a second. It is cleared when it is dropped, and when the user interrupts the
/// program.
#[derive(Debug)]
pub struct Activity(Option<Running>);

#[derive(Debug)]
struct Running {
    messages: Sender<String>,
    spinner: JoinHandle<()>,
}

impl Activity {
    /// If standard error is no terminal, or a dumb one, nothing is shown.
    pub fn begin(message: impl Into<String>) -> Self {
        if SILENT.load(Ordering::Relaxed) || !can_show() || BUSY.swap(true, Ordering::AcqRel) {
            return Self(None);
        }
        let (messages, received) = channel();
        let message = message.into();
        let spinner = std::thread::Builder::new().spawn(move || spin(&message, &received));
        // If no thread can be started, nothing is shown.
        let running = spinner.ok().map(|spinner| Running { messages, spinner });
        BUSY.store(running.is_some(), Ordering::Release);
        Self(running)
    }

    /// Replaces the message.
    pub fn say(&self, message: impl Into<String>) {
        if let Some(running) = &self.0 {
            // The spinner ends early if it cannot write.
            let _ = running.messages.send(message.into());
        }
    }
}

impl Drop for Activity {
    fn drop(&mut self) {
        if let Some(Running { messages, spinner }) = self.0.take() {
            drop(messages);
            let _ = spinner.join();
            BUSY.store(false, Ordering::Release);
        }
    }
}

/// Draws until the sender of messages is dropped.
fn spin(message: &str, messages: &Receiver<String>) {
    let mut message = message.to_owned();
    let begin = std::time::Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(begin.elapsed());
        match messages.recv_timeout(left) {
            Ok(other) => message = other,
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
    signals::hold();
    let mut frames = frames().iter().cycle();
    loop {
        let frame = frames.next().copied().unwrap_or_default();
        if draw(frame, &message).is_err() || signals::any() {
            break;
        }
        match messages.recv_timeout(TICK) {
            Ok(other) => message = other,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let mut err = io::stderr().lock();
    let _ = write!(err, "\r\x1b[K").and_then(|()| err.flush());
    signals::release();
}

fn draw(frame: &str, message: &str) -> io::Result<()> {
    let size = terminal_size::terminal_size_of(io::stderr());
    let columns = size.map_or(80, |(width, _)| usize::from(width.0));
    // If the terminal wrapped the line, only a part of it would be cleared.
    let room = columns.saturating_sub(3);
    let message: String = one_line(message).chars().take(room).collect();
    let mut err = io::stderr().lock();
    write!(err, "\r{frame} {message}\x1b[K")?;
    err.flush()
}

fn can_show() -> bool {
    io::stderr().is_terminal() && !is_dumb()
}

/// Whether the terminal, if there is one, knows no escape sequences.
pub fn is_dumb() -> bool {
    let term = std::env::var_os("TERM");
    term.map_or(cfg!(unix), |term| term == "dumb")
}

/// Dots if the locale is UTF-8, else strokes.
fn frames() -> &'static [&'static str] {
    const DOTS: &[&str] = &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    const STROKES: &[&str] = &["|", "/", "-", "\\"];
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    // POSIX: the first that is set and not empty decides.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
    let locale = locale.map(|locale| locale.to_string_lossy().to_lowercase());
    match locale {
        Some(locale) if locale.contains("utf-8") || locale.contains("utf8") => DOTS,
        _ => STROKES,
    }
}

/// Delays signals that end the program while a line is drawn, until the line is cleared.
#[cfg(unix)]
mod signals {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, LazyLock};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag::{register, register_conditional_default};
    use signal_hook::low_level::emulate_default_handler;

    struct Signals {
        /// Whether a signal has its default effect at once.
        by_default: Arc<AtomicBool>,
        caught: [(i32, Arc<AtomicBool>); 2],
    }

    static SIGNALS: LazyLock<Signals> = LazyLock::new(|| {
        let by_default = Arc::new(AtomicBool::new(false));
        let caught = [SIGINT, SIGTERM].map(|signal| {
            let flag = Arc::new(AtomicBool::new(false));
            // If a signal cannot be caught, it ends the program as usual.
            let _ = register_conditional_default(signal, by_default.clone());
            let _ = register(signal, flag.clone());
            (signal, flag)
        });
        Signals { by_default, caught }
    });

    pub(super) fn hold() {
        SIGNALS.by_default.store(false, Ordering::SeqCst);
    }

    pub(super) fn any() -> bool {
        let mut caught = SIGNALS.caught.iter();
        caught.any(|(_, flag)| flag.load(Ordering::SeqCst))
    }

    /// Signals that were delayed have their default effect now.
    pub(super) fn release() {
        SIGNALS.by_default.store(true, Ordering::SeqCst);
        for (signal, flag) in &SIGNALS.caught {
            if flag.load(Ordering::SeqCst) {
                let _ = emulate_default_handler(*signal);
            }
        }
    }
}

#[cfg(not(unix))]
mod signals {
    pub(super) fn hold() {}

    pub(super) fn any() -> bool {
        false
    }

    pub(super) fn release() {}
}
