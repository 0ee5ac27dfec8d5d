//! Which files hold commands, and how they are written.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A script of a shell.
    Script,
    /// Lines of shell, each run by itself: Makefiles, Dockerfiles, Procfiles.
    Shell,
    /// YAML: lists and scalars over several lines, labels.
    Yaml,
    /// TOML, ini and systemd units: arrays over several lines, labels.
    Toml,
    Json,
    /// Terraform, Nomad: arrays over several lines, labels, comments with `#` and `//`.
    Hcl,
    /// Groovy: comments with `//`.
    Groovy,
    Python,
}

/// Directories of a forge's forms.
const FORMS: [&str; 2] = ["ISSUE_TEMPLATE", "DISCUSSION_TEMPLATE"];

/// Words in the names of JSON files that hold commands.
const TASKS: [&str; 4] = ["task", "container", "deploy", "job"];

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
        // Forms for people, who are asked what they have run.
        let is_form = |part: &str| FORMS.iter().any(|form| part.eq_ignore_ascii_case(form));
        if path.split('/').any(is_form) {
            return None;
        }
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let stem = name.split('.').next().unwrap_or_default();
        Some(match (name.as_str(), stem, extension) {
            ("gnumakefile" | "justfile" | ".justfile" | "earthfile", ..)
            | (_, "makefile" | "procfile" | "dockerfile" | "containerfile", _)
            | (_, _, "dockerfile" | "containerfile" | "mk" | "make" | "just") => Self::Shell,
            (_, _, "sh" | "bash" | "zsh" | "ksh" | "bats") => Self::Script,
            (_, _, "tf" | "hcl" | "nomad") => Self::Hcl,
            (_, "jenkinsfile", _) | (_, _, "jenkinsfile") => Self::Groovy,
            (_, _, "yml" | "yaml") => Self::Yaml,
            ("pyproject.toml" | "fly.toml" | "hatch.toml" | "pixi.toml" | "mise.toml", ..)
            | ("railway.toml" | "tasks.toml" | "tox.ini" | "setup.cfg" | "pipfile", ..)
            | ("supervisord.conf", ..)
            | (_, _, "service" | "container") => Self::Toml,
            ("package.json" | "app.json" | "railway.json" | "devcontainer.json", ..) => Self::Json,
            // Tasks of an editor, task and container definitions of ECS, jobs of Kubernetes.
            (_, _, "json") if TASKS.iter().any(|word| stem.contains(word)) => Self::Json,
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
            Some(Self::Script)
        } else {
            names.contains(&"python").then_some(Self::Python)
        }
    }
}
