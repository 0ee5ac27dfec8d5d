//! How a run ended.

use std::process::Output;

/// Exit status and output of one run.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }
}

impl Outcome {
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "exit status\n{self}");
        self
    }

    #[track_caller]
    pub(crate) fn out_has(&self, facts: &[&str]) -> &Self {
        for fact in facts {
            assert!(self.out.contains(fact), "no {fact:?} in stdout\n{self}");
        }
        self
    }

    #[track_caller]
    pub(crate) fn out_lacks(&self, facts: &[&str]) -> &Self {
        for fact in facts {
            assert!(!self.out.contains(fact), "{fact:?} is in stdout\n{self}");
        }
        self
    }

    #[track_caller]
    pub(crate) fn err_has(&self, facts: &[&str]) -> &Self {
        for fact in facts {
            assert!(self.err.contains(fact), "no {fact:?} in stderr\n{self}");
        }
        self
    }

    #[track_caller]
    pub(crate) fn err_lacks(&self, facts: &[&str]) -> &Self {
        for fact in facts {
            assert!(!self.err.contains(fact), "{fact:?} is in stderr\n{self}");
        }
        self
    }

    /// The work could not be done: exit 2, an error that names the facts, and what to do.
    #[track_caller]
    pub(crate) fn fails(&self, facts: &[&str]) -> &Self {
        self.exits(2)
            .err_has(&["error:", "help:"])
            .err_has(facts)
            .does_not_panic()
    }

    /// A conflict was refused: exit 1, the facts on standard output, and the word on standard error.
    #[track_caller]
    pub(crate) fn refuses(&self, facts: &[&str]) -> &Self {
        self.exits(1)
            .out_has(facts)
            .err_has(&["refused"])
            .does_not_panic()
    }

    #[track_caller]
    pub(crate) fn does_not_panic(&self) -> &Self {
        assert!(!self.err.contains("panicked"), "{self}");
        self
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, out, err } = self;
        write!(
            f,
            "status {code:?}\n-- stdout --\n{out}\n-- stderr --\n{err}"
        )
    }
}
