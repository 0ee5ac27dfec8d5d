//! The blocks of a markdown page that a test can run.
//!
//! A comment `<!-- project: NAME, Alembic 1.20.1 1.8.1 -->` begins a fresh project, and says on which versions of
//! Alembic the blocks up to the next such comment are run. What follows the language of a block says what is done with it:
//! `title="PATH"` makes it a file (the site shows the name), `shows="PATH"` has it compared with a file, and `exits="1"`
//! tells how the last command of a `console` block ends. Readers do not see blocks inside of comments, which prepare what
//! a page does not have to tell.

/// What a page does with one fresh project.
pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) alembic: Vec<String>,
    pub(super) blocks: Vec<Block>,
}

/// A fenced block.
pub(super) struct Block {
    /// The line of its opening fence, from 1.
    pub(super) line: usize,
    pub(super) kind: Kind,
    pub(super) text: String,
}

pub(super) enum Kind {
    /// Commands and what they print; the last ends with this status, all others with 0.
    Console { status: i32 },
    /// Settings that have to stand in this ini file.
    Settings { file: String },
    /// A whole file, or an addition to one that is there.
    File { path: String, language: String },
    /// What this file holds.
    Shown { path: String },
}

/// A command of a console block and the lines that are shown below it.
pub(super) struct Command {
    pub(super) line: usize,
    pub(super) text: String,
    pub(super) shown: Vec<String>,
}

impl Block {
    /// The commands of a console block.
    pub(super) fn commands(&self) -> Vec<Command> {
        let mut commands: Vec<Command> = Vec::new();
        for (index, line) in self.text.lines().enumerate() {
            let line_number = self.line + 1 + index;
            if let Some(text) = line.strip_prefix("$ ") {
                commands.push(Command {
                    line: line_number,
                    text: text.to_owned(),
                    shown: Vec::new(),
                });
            } else {
                let last = commands.last_mut();
                last.unwrap_or_else(|| panic!("line {line_number}: output of no command"))
                    .shown
                    .push(line.to_owned());
            }
        }
        commands
    }
}

/// All projects of a page. A block that would not be run is a fault of the page.
pub(super) fn scenarios(markdown: &str) -> Vec<Scenario> {
    let mut scenarios: Vec<Scenario> = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in markdown.lines().enumerate() {
        let number = index + 1;
        if let Some(block) = &mut open {
            if line == "```" {
                let scenario = scenarios.last_mut();
                scenario
                    .unwrap_or_else(|| panic!("line {number}: a block before the first project"))
                    .blocks
                    .extend(open.take());
            } else {
                block.text.push_str(line);
                block.text.push('\n');
            }
        } else if let Some(info) = line.strip_prefix("```") {
            open = Some(Block {
                line: number,
                kind: kind(info).unwrap_or_else(|| panic!("line {number}: no test runs ```{info}")),
                text: String::new(),
            });
        } else if let Some(project) = line.strip_prefix("<!-- project: ") {
            scenarios.push(project_of(project));
        }
    }
    assert!(open.is_none(), "the last block is not closed");
    scenarios
}

fn kind(info: &str) -> Option<Kind> {
    let Some((language, rest)) = info.split_once(' ') else {
        return (info == "console").then_some(Kind::Console { status: 0 });
    };
    let (key, value) = rest.strip_suffix('"')?.split_once("=\"")?;
    let value = value.to_owned();
    Some(match (language, key) {
        ("console", "exits") => Kind::Console {
            status: value.parse().ok()?,
        },
        ("ini", "title") => Kind::Settings { file: value },
        (language, "title") => Kind::File {
            path: value,
            language: language.into(),
        },
        (_, "shows") => Kind::Shown { path: value },
        _ => return None,
    })
}

fn project_of(text: &str) -> Scenario {
    let parts = text.trim_end_matches(" -->").split_once(", Alembic ");
    let (name, versions) = parts.unwrap_or_else(|| panic!("a project on no Alembic: {text}"));
    Scenario {
        name: name.to_owned(),
        alembic: versions.split(' ').map(str::to_owned).collect(),
        blocks: Vec::new(),
    }
}
