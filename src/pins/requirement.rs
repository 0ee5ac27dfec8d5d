//! One requirement as pip reads it: a name with a range (PEP 508), a URL, or a path.

use super::{Wants, is_package};

/// What a requirement says of the package, and its marker; none if it is about another package.
pub(super) fn requirement(text: &str) -> Option<(Wants, Option<String>)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !is_package(name) || rest.starts_with(['/', ':', '\\', '+']) {
        return is_its_place(text).then(|| (Wants::Source(text.to_owned()), None));
    }
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']').map_or("", |(_, rest)| rest),
        None => rest,
    };
    let rest = rest.trim_start();
    if let Some(source) = rest.strip_prefix('@') {
        return Some((Wants::Source(source.trim().to_owned()), None));
    }
    let (range, marker) = match rest.split_once(';') {
        Some((range, marker)) => (range, Some(marker.trim().to_owned())),
        None => (rest, None),
    };
    Some((specifiers(range), marker))
}

/// A release, if a list of version specifiers (`>=3,<4`) leaves no choice.
pub(super) fn specifiers(text: &str) -> Wants {
    let text = text.trim();
    let bare = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let text = bare.unwrap_or(text).trim();
    let exact = |specifier: &str| {
        let specifier = specifier.trim();
        let version = specifier
            .strip_prefix("===")
            .or_else(|| specifier.strip_prefix("=="))?;
        version.trim().parse().ok()
    };
    let mut exact = text.split(',').filter_map(exact);
    match (exact.next(), exact.next()) {
        (Some(release), None) => Wants::Release(release),
        _ if text == "*" => Wants::Range(String::new()),
        _ => Wants::Range(text.to_owned()),
    }
}

/// Whether a URL or a path is one of the package: by its `egg`, or by the name of its repository or archive.
fn is_its_place(text: &str) -> bool {
    let (place, fragment) = text.split_once('#').unwrap_or((text, ""));
    let named = fragment
        .split('&')
        .find_map(|part| part.strip_prefix("egg="));
    if let Some(egg) = named {
        return is_package(egg.split('[').next().unwrap_or(egg).trim());
    }
    let is_archive = [".whl", ".tar.gz", ".zip"]
        .iter()
        .any(|end| place.ends_with(end));
    if !place.contains('/') && !is_archive {
        return false;
    }
    let place = place.split(['?', ';', ' ']).next().unwrap_or(place);
    let place = place.trim_end_matches('/');
    let last = place.rsplit('/').next().unwrap_or(place);
    let name = last.split('@').next().unwrap_or(last);
    let name = name.strip_suffix(".git").unwrap_or(name);
    let (stem, version) = name.split_once('-').unwrap_or((name, "0"));
    is_package(stem) && version.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(text: &str) -> Option<Wants> {
        requirement(text).map(|(wants, _)| wants)
    }

    #[test]
    fn a_pin_in_every_spelling() {
        for text in [
            "procrastinate==3.5.1",
            "Procrastinate[django] == 3.5.1",
            "PROCRASTINATE [ django , sqlalchemy ]==3.5.1;python_version<'4'",
            "procrastinate===3.5.1",
            "procrastinate (==3.5.1)",
            "procrastinate >=3, ==3.5.1",
            "procrastinate == v3.5.1 ; extra == 'a'",
        ] {
            assert_eq!(
                wants(text),
                Some(Wants::Release("3.5.1".parse().unwrap())),
                "{text}"
            );
        }
        let marked = requirement("procrastinate==1.0; python_version < '3'");
        assert_eq!(marked.unwrap().1.as_deref(), Some("python_version < '3'"));
    }

    #[test]
    fn a_range_is_no_pin() {
        for (text, range) in [
            ("procrastinate", ""),
            ("procrastinate ; a", ""),
            ("procrastinate[x]>=3,<4", ">=3,<4"),
            ("procrastinate==3.*", "==3.*"),
            ("procrastinate~=3.5.1", "~=3.5.1"),
            ("procrastinate==${VERSION}", "==${VERSION}"),
            ("procrastinate==3.5.1,==3.5.2", "==3.5.1,==3.5.2"),
            ("procrastinate!=3.5.1", "!=3.5.1"),
        ] {
            assert_eq!(wants(text), Some(Wants::Range(range.to_owned())), "{text}");
        }
    }

    #[test]
    fn urls_and_paths_are_sources() {
        for text in [
            "procrastinate @ https://example.org/p.whl",
            "procrastinate@file:///x",
            "procrastinate[django] @ git+https://example.org/p.git@main",
            "git+https://github.com/procrastinate-org/procrastinate.git@3.5.1",
            "git+ssh://git@example.org/x.git@main#subdirectory=a&egg=Procrastinate[django]",
            "https://example.org/procrastinate-3.5.1-py3-none-any.whl",
            "./wheels/procrastinate-3.5.1.tar.gz",
            "procrastinate-3.5.1-py3-none-any.whl",
            "../procrastinate",
            "procrastinate/",
        ] {
            assert!(matches!(wants(text), Some(Wants::Source(_))), "{text}");
        }
    }

    #[test]
    fn other_packages_are_none_of_ours() {
        for text in [
            "procrastinate-extra==3.5.1",
            "procrastinate_django==1",
            "celery==5 ; procrastinate",
            "django-procrastinate",
            "https://example.org/procrastinate/celery-5.tar.gz",
            "https://example.org/procrastinate-extra-3.5.1.tar.gz",
            "https://example.org/x.whl#egg=celery",
            "",
            "é",
        ] {
            assert_eq!(wants(text), None, "{text}");
        }
    }
}
