//! What a terminal shows, and what it does not show where there is none.

mod colors;
mod completions;
mod help;
mod manual;
mod outputs;
mod progress;
mod width;

/// The commands that users see.
const VERBS: [&str; 14] = [
    "init",
    "sync",
    "adopt",
    "check",
    "diff",
    "explain",
    "status",
    "releases",
    "stamp",
    "database",
    "rollout",
    "review",
    "completions",
    "man",
];
