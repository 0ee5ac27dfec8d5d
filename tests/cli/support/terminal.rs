//! A terminal of any width, for the program to write to.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, OutputModes, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

/// A program that runs on a terminal.
pub(crate) struct Session {
    pub(crate) child: Child,
    shown: Receiver<Vec<u8>>,
    terminal: File,
}

/// What is written on the terminal once the program has ended.
const END: &[u8] = b"\0the end\0";

/// Which outputs are the terminal; the others are pipes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    Both,
    Out,
    Err,
}

/// What the terminal got, and the rest.
pub(crate) struct Seen {
    pub(crate) status: ExitStatus,
    pub(crate) shown: String,
    pub(crate) piped: String,
}

/// Runs the command on a terminal with so many columns, of a usual kind unless the command says another.
pub(crate) fn on_terminal(command: &mut Command, columns: u16) -> Seen {
    on(command, columns, Which::Both)
}

/// The same with one of the outputs in a pipe.
pub(crate) fn on(command: &mut Command, columns: u16, which: Which) -> Seen {
    start(command, columns, which).end()
}

pub(crate) fn start(command: &mut Command, columns: u16, which: Which) -> Session {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let name = ptsname(&controller, Vec::new()).unwrap();
    let terminal = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&terminal, size).unwrap();
    let mut modes = tcgetattr(&terminal).unwrap();
    // Line ends as the program writes them.
    modes.output_modes.remove(OutputModes::OPOST);
    tcsetattr(&terminal, OptionalActions::Now, &modes).unwrap();
    // An empty name of a terminal stands for none.
    match command.get_envs().find(|(name, _)| *name == "TERM") {
        Some((_, Some(term))) if term.is_empty() => command.env_remove("TERM"),
        Some(_) => command,
        None => command.env("TERM", "xterm-256color"),
    };
    let to = |tty: bool| match tty {
        true => Stdio::from(terminal.try_clone().unwrap()),
        false => Stdio::piped(),
    };
    command
        .stdin(Stdio::from(terminal.try_clone().unwrap()))
        .stdout(to(which != Which::Err))
        .stderr(to(which != Which::Out));
    let child = command.spawn().unwrap();
    // The command lets go of it as well: it may be run again.
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (sender, shown) = channel();
    std::thread::spawn(move || read(controller, &sender));
    Session {
        child,
        shown,
        terminal: File::from(terminal),
    }
}

/// An end is an error of its own kind on Linux: nothing holds the terminal any more.
fn read(controller: OwnedFd, shown: &Sender<Vec<u8>>) {
    let mut controller = File::from(controller);
    let mut bytes = [0; 4096];
    loop {
        match controller.read(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => return,
            Ok(number) if shown.send(bytes[..number].to_vec()).is_err() => return,
            Ok(_) => {}
        }
    }
}

impl Session {
    pub(crate) fn end(mut self) -> Seen {
        let mut piped = String::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_string(&mut piped).unwrap();
        }
        if let Some(mut pipe) = self.child.stderr.take() {
            pipe.read_to_string(&mut piped).unwrap();
        }
        let status = self.child.wait().unwrap();
        // What a terminal shows may get lost when the last that holds it lets go: it is held until all was read.
        // A terminal that was the program's own is hung up by now; then there is an end without the mark.
        let _ = self.terminal.write_all(END);
        let mut bytes = Vec::new();
        while !bytes.ends_with(END)
            && let Ok(more) = self.shown.recv()
        {
            bytes.extend(more);
        }
        let shown = bytes.strip_suffix(END).unwrap_or(&bytes).to_vec();
        Seen {
            status,
            shown: String::from_utf8(shown).expect("what is shown is UTF-8"),
            piped,
        }
    }

    /// The same for a program that was ended by a signal, and whose own child lives on with the terminal in its hands.
    pub(crate) fn ended(mut self) -> Seen {
        let status = self.child.wait().unwrap();
        let mut bytes = Vec::new();
        while let Ok(more) = self.shown.recv_timeout(Duration::from_millis(300)) {
            bytes.extend(more);
        }
        Seen {
            status,
            shown: String::from_utf8(bytes).expect("what is shown is UTF-8"),
            piped: String::new(),
        }
    }
}

impl Seen {
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(
            self.status.code(),
            Some(code),
            "{}\n{}",
            self.shown,
            self.piped
        );
        self
    }

    /// What is shown without colours.
    pub(crate) fn plain(&self) -> String {
        plain(&self.shown)
    }
}

/// The text without its escape sequences.
pub(crate) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}
