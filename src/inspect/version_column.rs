//! Whether the project makes or widens the column of Alembic's version table.

use camino::Utf8PathBuf;

use crate::alembic::graph::Node;
use crate::failure::Failure;
use crate::place::joined;
use crate::procrastinate::LONGEST_ID;
use crate::project::Project;
use crate::read;

/// The first of `env.py` and the project's own revisions (`own`) that does. They are read only if an id is too long otherwise.
pub(super) fn version_column(
    project: &Project,
    nodes: &[Node],
    own: &[Utf8PathBuf],
) -> Result<Option<Utf8PathBuf>, Failure> {
    let is_long = |node: &Node| node.id.chars().count() > LONGEST_ID;
    let Some(alembic) = project.alembic.as_ref() else {
        return Ok(None);
    };
    if !nodes.iter().any(is_long) {
        return Ok(None);
    }
    let env = joined(alembic.script_directory(), "env.py");
    let is_file = |path: &&Utf8PathBuf| alembic.root.join(path).is_file();
    for path in std::iter::once(&env).chain(own).filter(is_file) {
        let bytes = read::bytes(alembic.root.join(path)).map_err(Failure::Read)?;
        if widens(&String::from_utf8_lossy(&bytes)) {
            return Ok(Some(path.clone()));
        }
    }
    Ok(None)
}

/// Whether a file names the column and has words that make or change one, comments apart.
fn widens(text: &str) -> bool {
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect();
    let code = code.join("\n").to_ascii_lowercase();
    let words = ["alter", "create table", "char(", "string(", "text("];
    code.contains("version_num") && words.iter().any(|word| code.contains(word))
}
