//! How a finding is mended.

use std::borrow::Cow;
use std::fmt;

use crate::lockfile::Lock;

/// What mends a finding. Its text is made here, and only here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    Sync(Run),
    Init(Run),
    /// The file comes back from version control.
    Restore(&'static str),
    ByHand(String),
    /// `adopt`, whose release the user has to name: before anything else is vendored.
    Adopt(String),
    Nothing(&'static str),
}

/// How a command of this program is run, and the words around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    before: Cow<'static, str>,
    options: Cow<'static, str>,
    after: &'static str,
}

impl Run {
    const fn new(before: &'static str, options: &'static str, after: &'static str) -> Self {
        Self {
            before: Cow::Borrowed(before),
            options: Cow::Borrowed(options),
            after,
        }
    }
}

impl Remedy {
    pub const SYNC: Self = Self::Sync(Run::new("run ", "", ""));
    /// For a lock of the same migrations, but of another release.
    pub const RECORD: Self = Self::sync(" to record the release");

    /// `sync`, and the words after it.
    pub const fn sync(after: &'static str) -> Self {
        Self::Sync(Run::new("run ", "", after))
    }

    /// `sync`, and the words before it.
    pub const fn or_sync(before: &'static str) -> Self {
        Self::Sync(Run::new(before, "", ""))
    }

    /// `sync --mode render`, and the words after it.
    pub const fn render(after: &'static str) -> Self {
        Self::Sync(Run::new("run ", " --mode render", after))
    }

    /// `init` with options, each after a space, and the words after it.
    pub const fn init(options: &'static str, after: &'static str) -> Self {
        Self::Init(Run::new("run ", options, after))
    }

    /// `sync` to the release that a lock file pins.
    pub fn sync_to(release: &str) -> Self {
        let diff = format!("`vendor-migrations diff --release {release}` shows the difference, ");
        Self::Sync(Run {
            before: diff.into(),
            options: format!(" --release {release}").into(),
            after: " fixes it",
        })
    }

    /// The same, where only the release in the lock is another.
    pub fn record(release: &str) -> Self {
        Self::Sync(Run {
            options: format!(" --release {release}").into(),
            ..Run::new("run ", "", " to record the release")
        })
    }

    /// In place, where databases would be left behind.
    pub fn go_back(lock: &Lock) -> Self {
        Self::ByHand(format!(
            "install Procrastinate {} again (the lock records it); or bring every database to the new revisions by hand, \
             and accept the change with `vendor-migrations sync --force`",
            lock.upstream.release
        ))
    }

    /// The same with these options, each after a space, behind the verb of its command. `text` gives the other words.
    pub fn addressed(self, options: &str, text: &dyn Fn(&str) -> String) -> Self {
        let addressed = |run: Run| Run {
            before: text(&run.before).into(),
            options: format!("{options}{}", run.options).into(),
            ..run
        };
        match self {
            Self::Sync(run) => Self::Sync(addressed(run)),
            Self::Init(run) => Self::Init(addressed(run)),
            Self::ByHand(words) => Self::ByHand(text(&words)),
            Self::Adopt(words) => Self::Adopt(text(&words)),
            Self::Restore(words) | Self::Nothing(words) => Self::ByHand(text(words)),
        }
    }

    /// The verb of this program that mends it, with its options.
    pub fn command(&self) -> Option<String> {
        match self {
            Self::Sync(run) => Some(format!("sync{}", run.options)),
            Self::Init(run) => Some(format!("init{}", run.options)),
            Self::Restore(_) | Self::ByHand(_) | Self::Adopt(_) | Self::Nothing(_) => None,
        }
    }
}

impl From<&str> for Remedy {
    fn from(text: &str) -> Self {
        Self::ByHand(text.to_owned())
    }
}

impl From<String> for Remedy {
    fn from(text: String) -> Self {
        Self::ByHand(text)
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut run = |verb: &str, run: &Run| {
            let Run {
                before,
                options,
                after,
            } = run;
            write!(f, "{before}`vendor-migrations {verb}{options}`{after}")
        };
        match self {
            Self::Sync(sync) => run("sync", sync),
            Self::Init(init) => run("init", init),
            Self::Restore(text) | Self::Nothing(text) => f.write_str(text),
            Self::ByHand(text) | Self::Adopt(text) => f.write_str(text),
        }
    }
}
