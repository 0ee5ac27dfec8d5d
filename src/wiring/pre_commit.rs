//! The entry of this program's hook in the configuration of pre-commit (and of prek, which reads the same file).

mod patterns;
mod places;
mod written;

use crate::yaml::{Node, Value, read};
use written::{Style, Written};

pub const HOOK: &str = "vendor-migrations-check";
pub const PROJECT: &str = "--project";
/// Stands in the repository's address, in the ids of both hooks, and in what runs the program.
const NAME: &str = "vendor-migrations";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    pub args: Vec<String>,
    /// The vendored directory, from the root of the repository: a pattern that excludes it for all hooks would hide it from
    /// this one, too.
    pub directory: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    Present,
    /// The hook is present, but a pattern for all hooks hides the vendored directory from it.
    Hidden,
    Added(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotEdited {
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    #[error("its `repos` is not a list, or there are two")]
    NoList,
    #[error("this program found no way to add the entry and change nothing else")]
    NoWay,
}

impl Entry {
    pub fn added_to(&self, text: &str) -> Result<Edit, NotEdited> {
        let old = read(text).map_err(NotEdited::Unreadable)?;
        let hidden = old.as_ref().is_some_and(|root| self.is_hidden(root));
        if let Some(root) = &old {
            let entries = root.entries().ok_or(NotEdited::NoList)?.iter();
            let mut repos = entries.filter(|(key, _)| key.text() == Some("repos"));
            match (repos.next(), repos.next()) {
                (None, _) => {}
                (Some((_, list)), None) if list.items().is_some() || is_nothing(list) => {}
                _ => return Err(NotEdited::NoList),
            }
            if let Some(hook) = hook(root, &|hook| self.is_for(hook)) {
                let always = hook.get("always_run").and_then(Node::text) == Some("true");
                return Ok(match hidden && !always {
                    true => Edit::Hidden,
                    false => Edit::Present,
                });
            }
        }
        let written = self.written(hidden);
        let old = old.as_ref();
        let more_hooks = old.and_then(|root| with_hook(text, root, &written));
        match more_hooks.or_else(|| with_repository(text, old, &written)) {
            Some(found) => Ok(Edit::Added(found)),
            None => Err(NotEdited::NoWay),
        }
    }

    /// The lines of the entry, to be added by hand.
    pub fn lines(&self, always_run: bool) -> String {
        self.written(always_run).indented(&Style::default(), "\n")
    }

    /// Whether a pattern that holds for all hooks may keep vendored files from this one.
    fn is_hidden(&self, root: &Node) -> bool {
        let pattern = |key| root.get(key).and_then(Node::text).unwrap_or_default();
        self.directory.as_ref().is_some_and(|directory| {
            !pattern("files").is_empty() || patterns::may_match(pattern("exclude"), directory)
        })
    }

    /// Whether a hook of this program's is about the project. One with a script of its own, which names none, may be about any.
    fn is_for(&self, hook: &Node) -> bool {
        let entry = hook.get("entry").and_then(Node::text);
        let words = entry.unwrap_or_default().split_whitespace();
        let args = hook.get("args").and_then(Node::items).unwrap_or_default();
        let args: Vec<&str> = words.chain(args.iter().filter_map(Node::text)).collect();
        let own: Vec<&str> = self.args.iter().map(String::as_str).collect();
        let project = project_of(&args);
        let scripted = entry.is_some_and(|entry| !entry.starts_with(NAME));
        project == project_of(&own) || (project.is_none() && scripted)
    }

    fn written(&self, always_run: bool) -> Written<'_> {
        Written {
            args: &self.args,
            always_run,
        }
    }
}

/// The project that options name.
fn project_of<'a>(args: &[&'a str]) -> Option<&'a str> {
    let value = |(index, arg): (usize, &&'a str)| match *arg {
        PROJECT | "-C" => args.get(index + 1).copied(),
        arg => match arg.strip_prefix(PROJECT) {
            Some(rest) => rest.strip_prefix('='),
            None => arg.strip_prefix("-C"),
        },
    };
    let project = args.iter().enumerate().find_map(value)?;
    Some(project.trim_start_matches("./").trim_end_matches('/'))
}

/// The text with one hook more in the first repository of this program's.
fn with_hook(text: &str, root: &Node, written: &Written<'_>) -> Option<String> {
    let wanted = read(&written.hook_in_brackets()).ok()??;
    let repos = root.get("repos")?.items()?;
    let at = repos.iter().position(is_ours)?;
    let hooks = repos.get(at)?.get("hooks")?;
    let is_right = |new: &String| {
        let new = read(new).ok().flatten();
        new.is_some_and(|new| {
            only(root, &new, "repos", &|old, new| {
                let (Some(old), Some(new)) = (old.items(), new.items()) else {
                    return false;
                };
                let kept = |(index, (old, new)): (usize, (&Node, &Node))| match index == at {
                    true => only(old, new, "hooks", &|old, new| is_longer(old, new, &wanted)),
                    false => old.same(new),
                };
                old.len() == new.len() && old.iter().zip(new).enumerate().all(kept)
            })
        })
    };
    let mut tried = places::tried_in(text, hooks, written).into_iter();
    tried.find(is_right)
}

/// The text with one repository more.
fn with_repository(text: &str, old: Option<&Node>, written: &Written<'_>) -> Option<String> {
    let wanted = read(&written.in_brackets()).ok()??;
    let is_right = |new: &String| match read(new) {
        Ok(Some(new)) => is_added(old, &new, &wanted),
        _ => false,
    };
    let mut tried = places::tried(text, old, written).into_iter();
    tried.find(is_right)
}

/// Whether a repository is this program's, by its address: the project's own, or its mirror with wheels.
fn is_ours(repo: &Node) -> bool {
    let address = repo.get("repo").and_then(Node::text);
    address.is_some_and(|address| {
        let address = address.trim_end_matches('/').trim_end_matches(".git");
        let name = address.rsplit(['/', ':']).next().unwrap_or_default();
        matches!(name.strip_prefix(NAME), Some("" | "-pre-commit"))
    })
}

/// The first hook of this program's that is `wanted`, or a repository of it that names none.
fn hook<'a>(root: &'a Node, wanted: &dyn Fn(&Node) -> bool) -> Option<&'a Node> {
    let resolved = |node: &'a Node| match node.value {
        Value::Alias(anchor) => root.anchored(anchor),
        _ => Some(node),
    };
    let names = |node: &Node, key: &str| {
        let value = node.get(key).and_then(Node::text);
        value.is_some_and(|value| value.contains(NAME))
    };
    let repos = root.get("repos")?.items()?.iter();
    let mut repos = repos.filter_map(resolved);
    repos.find_map(|repo| {
        let hooks = repo.get("hooks").and_then(resolved).and_then(Node::items);
        let hooks = hooks.unwrap_or_default().iter().filter_map(resolved);
        let of_this = |hook: &&Node| names(hook, "id") || names(hook, "entry");
        let ours: Vec<&Node> = hooks.filter(of_this).collect();
        if ours.is_empty() {
            return is_ours(repo).then_some(repo);
        }
        ours.into_iter().find(|hook| wanted(hook))
    })
}

fn is_nothing(node: &Node) -> bool {
    node.bytes.is_empty() && node.text() == Some("")
}

/// Whether the only difference is one more element of `repos`, or that key with one.
fn is_added(old: Option<&Node>, new: &Node, wanted: &Node) -> bool {
    if let Some(old) = old.filter(|old| old.get("repos").is_some()) {
        return only(old, new, "repos", &|old, new| is_longer(old, new, wanted));
    }
    let before = old.and_then(Node::entries).unwrap_or_default();
    let after = new.entries().unwrap_or_default();
    let is_new = |(key, value): &(Node, Node)| {
        key.text() == Some("repos") && matches!(value.items(), Some([item]) if item.means(wanted))
    };
    let same =
        |(old, new): (&(Node, Node), &(Node, Node))| old.0.same(&new.0) && old.1.same(&new.1);
    matches!(after.get(before.len()..), Some([entry]) if is_new(entry))
        && old.is_none_or(|old| old.anchor == new.anchor)
        && before.iter().zip(after).all(same)
}

/// Whether two mappings are the same, but for the value of this key, which is as `differs` says.
fn only(old: &Node, new: &Node, key: &str, differs: &dyn Fn(&Node, &Node) -> bool) -> bool {
    let (Some(before), Some(after)) = (old.entries(), new.entries()) else {
        return false;
    };
    let same = |(old, new): (&(Node, Node), &(Node, Node))| {
        old.0.same(&new.0)
            && match old.0.text() == Some(key) {
                true => differs(&old.1, &new.1),
                false => old.1.same(&new.1),
            }
    };
    old.anchor == new.anchor && before.len() == after.len() && before.iter().zip(after).all(same)
}

/// Whether a list has one more element. One with an anchor may be used elsewhere, and has to stay.
fn is_longer(old: &Node, new: &Node, wanted: &Node) -> bool {
    match (old.items(), new.items()) {
        _ if old.anchor != 0 => false,
        (None, Some([item])) => is_nothing(old) && item.means(wanted),
        (Some(old), Some([new @ .., last])) => {
            old.len() == new.len()
                && old.iter().zip(new).all(|(old, new)| old.same(new))
                && last.means(wanted)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
