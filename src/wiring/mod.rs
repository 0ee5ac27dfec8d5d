//! What a project needs so that Alembic sees the vendored revisions. Pure: it makes texts, and writes nothing.

pub mod separate;
