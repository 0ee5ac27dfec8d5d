//! What has to be read of a lock file in TOML. Of a megabyte some hundred bytes are about one package, so the rest is not parsed: as far as a
//! file is written as the tools write it, which each of its lines shows. Other files are parsed whole.

use crate::effort;
use crate::pins::is_package;
use crate::pins::text::{Part, has_three};

/// The file without the tables of other packages, and those that no reader asks for. None if it is
/// not plainly written as a tool writes it, or has the marks of a merge.
///
/// Each array that spans several lines ends before the next table. What is damaged in another package within a line is not noticed.
pub(super) fn short(text: &str) -> Option<Part<'_>> {
    let is_odd =
        |a, b, c| (a == b) & (b == c) & ((c == b'"') | (c == b'\'')) | (a == b'\r') | (c == b'\r');
    if has_three(text, is_odd) || !text.ends_with('\n') {
        return None;
    }
    let mut reader = Reader {
        short: Part::default(),
        keeps: true,
        within: Within::Head,
        of_packages: None,
        in_array: false,
    };
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        effort::count(1);
        reader.line(line, lines.peek().copied())?;
    }
    (!reader.in_array).then_some(reader.short)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Head,
    Package,
    Other,
}

struct Reader<'a> {
    short: Part<'a>,
    keeps: bool,
    within: Within,
    /// What the array of packages is called.
    of_packages: Option<&'a str>,
    in_array: bool,
}

impl<'a> Reader<'a> {
    /// None if the line is none that a tool writes there.
    fn line(&mut self, line: &'a str, next: Option<&str>) -> Option<()> {
        let plain = line.trim_end_matches('\n');
        match plain.bytes().next() {
            None | Some(b'#') => {}
            Some(b' ') if self.in_array => {}
            Some(b']') if self.in_array && plain == "]" => self.in_array = false,
            _ if self.in_array => return None,
            Some(b'[') => self.table(plain, next)?,
            Some(first) if first.is_ascii_alphanumeric() || first == b'"' => {
                // An array of packages in one value.
                if self.within == Within::Head && plain.starts_with("package") {
                    return None;
                }
                self.in_array = plain.ends_with('[');
            }
            _ => return None,
        }
        self.short.push(line, self.keeps);
        Some(())
    }

    /// The line that begins a table.
    fn table(&mut self, line: &'a str, next: Option<&str>) -> Option<()> {
        let name = line.trim_start_matches('[');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c))?;
        let (name, rest) = name.split_at(end);
        if !matches!(name, "package" | "packages") {
            if !rest.starts_with(['.', ']']) {
                return None;
            }
            self.within = Within::Other;
            self.keeps = line == "[metadata]" || (name == "metadata" && !rest.starts_with('.'));
            return Some(());
        }
        if *self.of_packages.get_or_insert(name) != name {
            return None;
        }
        if rest.starts_with('.') {
            // A part of the package above.
            return (self.within == Within::Package).then_some(());
        }
        let is_one = line.starts_with("[[") && rest == "]]";
        // The tools write the name first.
        let name = next?.strip_prefix("name = \"")?.strip_suffix("\"\n")?;
        if !is_one || name.contains(['"', '\\']) {
            return None;
        }
        self.within = Within::Package;
        self.keeps = is_package(name);
        Some(())
    }
}
