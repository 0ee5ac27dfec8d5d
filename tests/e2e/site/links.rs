//! Every link of the site leads to something, at the anchor that it names.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use fs_err as fs;

use super::{names, repository, site};

const REPOSITORY: &str = "https://github.com/vendor-migrations/vendor-migrations";
/// Where the site lies on its server; the page of errors links from there.
const PREFIX: &str = "/vendor-migrations/";

/// A page of the site: what it links to, and what can be linked to in it.
struct Page {
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

#[test]
fn every_link_leads_to_something() {
    let pages = pages();
    assert!(
        pages.len() > names().len(),
        "the page of errors is one more"
    );
    let mut faults = Vec::new();
    for (name, page) in &pages {
        for link in &page.links {
            if let Some(fault) = fault(name, link, &pages) {
                faults.push(format!("{name}: {link}: {fault}"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Files of `docs/` that are no pages: each is on the site, and some page leads to it.
#[test]
fn every_file_beside_the_pages_can_be_reached() {
    let pages = pages();
    let linked: BTreeSet<String> = pages
        .iter()
        .flat_map(|(name, page)| page.links.iter().map(|link| target(name, link).0))
        .collect();
    let docs = repository().join("docs");
    for directory in ["performance", "review", "schemas"] {
        for file in crate::support::tools::files(&docs.join(directory), "") {
            let name = file.strip_prefix(&docs).expect("it lies there").as_str();
            assert!(
                site().root.join(name).is_file(),
                "{name} is not on the site"
            );
            assert!(linked.contains(name), "no page leads to {name}");
        }
    }
}

/// Two headings of one name have other anchors on GitHub than on the site.
#[test]
fn no_page_has_two_headings_of_one_name() {
    for (name, page) in pages() {
        let twice = page.anchors.iter().find(|anchor| {
            let number = anchor.rsplit_once('_');
            number.is_some_and(|(first, number)| {
                number.parse::<u32>().is_ok() && page.anchors.contains(first)
            })
        });
        assert_eq!(twice, None, "{name}");
    }
}

/// The pages by their paths on the site.
fn pages() -> BTreeMap<String, Page> {
    let root = &site().root;
    let files = walkdir::WalkDir::new(root).into_iter();
    let files = files.map(|entry| entry.expect("the site can be read").into_path());
    let files = files.filter(|path| path.extension().is_some_and(|it| it == "html"));
    files
        .filter_map(|path| {
            let path = Utf8Path::from_path(&path)?;
            let name = path.strip_prefix(root).ok()?.to_string();
            // Reports of the program's own, with no links.
            let is_asset = repository().join("docs").join(&name).exists();
            let html = fs::read_to_string(path).expect("the site can be read");
            let page = Page {
                links: [attributes(&html, "href"), attributes(&html, "src")].concat(),
                anchors: attributes(&html, "id").into_iter().collect(),
            };
            (!is_asset).then_some((name, page))
        })
        .collect()
}

/// The values of an attribute; MkDocs quotes each.
fn attributes(html: &str, name: &str) -> Vec<String> {
    let begin = format!(" {name}=\"");
    let values = html.split(&begin).skip(1);
    let values = values.filter_map(|rest| rest.split('"').next());
    values.map(|value| value.replace("&amp;", "&")).collect()
}

/// The file that a link on a page of the site names, and the anchor in it.
fn target(page: &str, link: &str) -> (String, String) {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let mut parts: Vec<&str> = match path.strip_prefix(PREFIX) {
        Some(_) => Vec::new(),
        None => page.split('/').collect(),
    };
    if path.is_empty() {
        return (page.to_owned(), anchor.to_owned());
    }
    parts.pop();
    for part in path.trim_start_matches(PREFIX).split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let mut file = parts.join("/");
    if !site().root.join(&file).is_file() {
        file = format!("{file}/index.html")
            .trim_start_matches('/')
            .to_owned();
    }
    (file, anchor.to_owned())
}

/// What is wrong with a link. Other people's sites are not asked.
fn fault(page: &str, link: &str, pages: &BTreeMap<String, Page>) -> Option<String> {
    if let Some(place) = link.strip_prefix(REPOSITORY) {
        return fault_of_file(place);
    }
    if link.starts_with("https://") || link.starts_with("data:") {
        return None;
    }
    let (file, anchor) = target(page, link);
    if !site().root.join(&file).is_file() {
        return Some("there is no such page or file".to_owned());
    }
    let known = pages
        .get(&file)
        .is_none_or(|page| page.anchors.contains(&anchor));
    (!anchor.is_empty() && !known).then(|| "there is no such anchor".to_owned())
}

/// A place in the repository: the file has to be in the checkout, with the heading.
fn fault_of_file(place: &str) -> Option<String> {
    let (path, anchor) = place.split_once('#').unwrap_or((place, ""));
    let starts = ["/blob/main/", "/edit/main/"];
    let Some(path) = starts.iter().find_map(|start| path.strip_prefix(start)) else {
        return (!["", "/"].contains(&path)).then(|| "it is no file of the branch".to_owned());
    };
    let file = repository().join(path);
    if !file.exists() {
        return Some("the checkout has no such file".to_owned());
    }
    if anchor.is_empty() {
        return None;
    }
    let text = fs::read_to_string(file).expect("the checkout can be read");
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    let has = headings.any(|line| slug(line.trim_start_matches('#').trim()) == anchor);
    (!has).then(|| "the file has no such heading".to_owned())
}

/// The anchor that GitHub gives to a heading.
fn slug(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|char| char.is_alphanumeric() || [' ', '-', '_'].contains(char));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
