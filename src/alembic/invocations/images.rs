//! What a Dockerfile copies into its image.

use camino::Utf8PathBuf;

use super::{Call, Does};

/// The lines that copy from the build context, each with its sources: `COPY alembic/versions /app/alembic/versions`. What comes from another
/// stage (`--from`) is none.
pub(super) fn copies(text: &str) -> Vec<Call> {
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let mut whole = line.trim().to_owned();
        while whole.ends_with('\\') {
            let Some((_, next)) = lines.next() else { break };
            whole.pop();
            whole.push(' ');
            whole.push_str(next.trim());
        }
        if let Some(sources) = sources(&whole) {
            found.push(Call {
                line: index + 1,
                does: Does::TakesIn(sources),
            });
        }
    }
    found
}

fn sources(line: &str) -> Option<Vec<Utf8PathBuf>> {
    let (instruction, rest) = line.split_once(char::is_whitespace)?;
    if !["COPY", "ADD"]
        .iter()
        .any(|known| instruction.eq_ignore_ascii_case(known))
    {
        return None;
    }
    let is_separator = |c: char| c.is_whitespace() || ['[', ']', ',', '"'].contains(&c);
    let words: Vec<&str> = rest
        .split(is_separator)
        .filter(|word| !word.is_empty())
        .collect();
    if words.iter().any(|word| word.starts_with("--from")) {
        return None;
    }
    let paths: Vec<&str> = words
        .into_iter()
        .filter(|word| !word.starts_with("--"))
        .collect();
    let (_, sources) = paths.split_last()?;
    Some(
        sources
            .iter()
            .map(|path| path.trim_start_matches('/').into())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_of_a_copy_are_read() {
        let text = "FROM x\ncopy --chown=a:b alembic/versions /app/\nCOPY [\"a\", \\\n  \"b c\", \"/d\"]\nCOPY --from=build /x /y\n# COPY z .\nRUN COPY\nADD . .\n";
        let found: Vec<_> = copies(text)
            .into_iter()
            .map(|call| match call.does {
                Does::TakesIn(sources) => (call.line, sources),
                other => panic!("{other:?}"),
            })
            .collect();
        let paths = |names: &[&str]| names.iter().map(Utf8PathBuf::from).collect::<Vec<_>>();
        assert_eq!(
            found,
            [
                (2, paths(&["alembic/versions"])),
                (3, paths(&["a", "b", "c"])),
                (8, paths(&["."]))
            ]
        );
    }
}
