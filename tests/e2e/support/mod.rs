//! What the tests stand on: Python, releases, a server, projects.

pub(crate) mod browser;
pub(crate) mod chromium;
pub(crate) mod database;
pub(crate) mod hook;
pub(crate) mod inspect;
pub(crate) mod layouts;
pub(crate) mod package;
pub(crate) mod process;
pub(crate) mod project;
pub(crate) mod python;
pub(crate) mod releases;
pub(crate) mod schema;
pub(crate) mod storage;
pub(crate) mod tools;
pub(crate) mod worker;
