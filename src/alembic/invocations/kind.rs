//! Which files hold commands, and how they are written.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Lines of shell: scripts, Makefiles, Dockerfiles, Procfiles.
    Shell,
    /// YAML: lists and scalars over several lines, labels.
    Yaml,
    /// TOML, ini and systemd units: arrays over several lines, labels.
    Toml,
    Json,
    /// Groovy: comments with `//`.
    Groovy,
    Python,
}

impl Kind {
    /// By the file's name; none if it holds no commands.
    pub(super) fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let stem = name.split('.').next().unwrap_or_default();
        match (name.as_str(), stem, extension) {
            (
                "makefile" | "gnumakefile" | "justfile" | ".justfile" | "procfile" | "earthfile",
                ..,
            ) => Some(Self::Shell),
            (_, "makefile" | "procfile", _) => Some(Self::Shell),
            (_, "dockerfile" | "containerfile", _) => Some(Self::Shell),
            (_, _, "dockerfile" | "containerfile" | "mk" | "make" | "just") => Some(Self::Shell),
            (_, _, "sh" | "bash" | "zsh" | "ksh" | "bats") => Some(Self::Shell),
            (_, "jenkinsfile", _) | (_, _, "jenkinsfile") => Some(Self::Groovy),
            (_, _, "yml" | "yaml") => Some(Self::Yaml),
            ("pyproject.toml" | "fly.toml" | "hatch.toml" | "pixi.toml" | "mise.toml", ..) => {
                Some(Self::Toml)
            }
            ("railway.toml" | "tasks.toml" | "tox.ini" | "setup.cfg" | "pipfile", ..) => {
                Some(Self::Toml)
            }
            (_, _, "service") => Some(Self::Toml),
            ("package.json" | "app.json" | "railway.json" | "devcontainer.json", ..) => {
                Some(Self::Json)
            }
            (_, _, "py") => Some(Self::Python),
            _ => None,
        }
    }

    /// Whether only the first line of the file tells.
    pub(super) fn is_told_by_first_line(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        !name.contains('.') && Self::of(path).is_none()
    }

    /// A script without an extension: by its first line.
    pub(super) fn of_script(path: &str, text: &str) -> Option<Self> {
        let first = text.lines().next()?;
        let interpreter = first.strip_prefix("#!")?;
        let named = |name: &str| {
            interpreter.split([' ', '/']).any(|word| {
                word.trim_end()
                    .trim_end_matches(|c: char| c.is_ascii_digit() || c == '.')
                    == name
            })
        };
        if !Self::is_told_by_first_line(path) {
            None
        } else if ["sh", "bash", "zsh", "dash", "ksh", "ash"]
            .into_iter()
            .any(named)
        {
            Some(Self::Shell)
        } else {
            named("python").then_some(Self::Python)
        }
    }
}
