//! Editable installations: the source tree is found without starting Python.

use camino::Utf8Path;

use crate::support::releases::{FIRST, FIRST_SQL, SECOND, three};
use crate::support::{Project, put};

fn editable(url: &Utf8Path) -> String {
    format!("{{\"url\": \"file://{url}\", \"dir_info\": {{\"editable\": true}}}}")
}

#[cfg(unix)]
#[test]
fn an_editable_installation_is_followed_by_its_path_file() {
    let project = Project::new();
    let (site, source) = (project.beside("site"), project.beside("checkout/python"));
    three().install_editable(&site, &source, &editable(&project.beside("checkout")));
    put(
        &site.join("_procrastinate.pth"),
        format!("import os; os.abort()\n# note\n{source}\n"),
    );
    project
        .run(&["sync", "--from", site.as_str()])
        .exits(0)
        .err_has(&["editable", source.as_str(), "not verified"]);
    put(
        &source.join("procrastinate/sql/migrations").join(SECOND),
        "SELECT 'in work';\n",
    );
    project
        .run(&["check", "--from", site.as_str()])
        .exits(1)
        .out_has(&["in work"]);
}

#[cfg(unix)]
#[test]
fn an_editable_installation_is_followed_by_its_recorded_url() {
    for source in ["checkout", "checkout/src"] {
        let project = Project::new();
        let site = project.beside("site");
        three().install_editable(
            &site,
            &project.beside(source),
            &editable(&project.beside("checkout")),
        );
        project
            .run(&["sync", "--from", site.as_str()])
            .exits(0)
            .err_has(&["editable"]);
    }
    let project = Project::new();
    let site = project.beside("site");
    let url = editable(&project.beside("my%20checkout"));
    three().install_editable(&site, &project.beside("my checkout"), &url);
    project.run(&["sync", "--from", site.as_str()]).exits(0);
}

#[cfg(unix)]
#[test]
fn an_editable_installation_whose_source_is_gone_is_an_error() {
    let project = Project::new();
    let (site, source) = (project.beside("site"), project.beside("checkout"));
    three().install_editable(&site, &source, &editable(&source));
    std::fs::remove_dir_all(&source).unwrap();
    project.sync_fails(&site, &["direct_url.json", source.as_str()]);
    put(&site.join(three().dist_info()).join("direct_url.json"), "{");
    project.sync_fails(&site, &["direct_url.json"]);
}

#[test]
fn an_installation_from_a_local_directory_is_verified_like_any_other() {
    let project = Project::new();
    let site = project.install(&three().sealed().sql(FIRST, FIRST_SQL));
    let url = "{\"url\": \"file:///nowhere\", \"dir_info\": {}}";
    put(&site.join(three().dist_info()).join("direct_url.json"), url);
    let outcome = project.run(&["sync", "--from", site.as_str()]);
    outcome.exits(0);
    assert!(!outcome.err.contains("editable"), "{outcome}");
}
