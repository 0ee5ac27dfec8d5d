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

/// Whether a file says how an image is built.
pub fn is_image(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    ["dockerfile", "containerfile"]
        .iter()
        .any(|known| name.split('.').any(|part| part == *known))
}

impl Kind {
    /// By the file's name; none if it holds no commands.
    pub(super) fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let stem = name.split('.').next().unwrap_or_default();
        Some(match (name.as_str(), stem, extension) {
            ("gnumakefile" | "justfile" | ".justfile" | "earthfile", ..)
            | (_, "makefile" | "procfile" | "dockerfile" | "containerfile", _)
            | (_, _, "dockerfile" | "containerfile" | "mk" | "make" | "just")
            | (_, _, "sh" | "bash" | "zsh" | "ksh" | "bats") => Self::Shell,
            (_, "jenkinsfile", _) | (_, _, "jenkinsfile") => Self::Groovy,
            (_, _, "yml" | "yaml") => Self::Yaml,
            ("pyproject.toml" | "fly.toml" | "hatch.toml" | "pixi.toml" | "mise.toml", ..)
            | ("railway.toml" | "tasks.toml" | "tox.ini" | "setup.cfg" | "pipfile", ..)
            | (_, _, "service") => Self::Toml,
            ("package.json" | "app.json" | "railway.json" | "devcontainer.json", ..) => Self::Json,
            (_, _, "py") => Self::Python,
            _ => return None,
        })
    }

    /// Whether only the first line of the file tells.
    pub(super) fn is_told_by_first_line(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        !name.contains('.') && Self::of(path).is_none()
    }

    /// A script without an extension: by its first line.
    pub(super) fn of_script(path: &str, text: &str) -> Option<Self> {
        let interpreter = text.lines().next()?.strip_prefix("#!")?;
        let is_version = |c: char| c.is_ascii_digit() || c == '.';
        let words = interpreter.split([' ', '/']);
        let names: Vec<&str> = words
            .map(|word| word.trim_end().trim_end_matches(is_version))
            .collect();
        let shells = ["sh", "bash", "zsh", "dash", "ksh", "ash"];
        if !Self::is_told_by_first_line(path) {
            None
        } else if names.iter().any(|name| shells.contains(name)) {
            Some(Self::Shell)
        } else {
            names.contains(&"python").then_some(Self::Python)
        }
    }
}
