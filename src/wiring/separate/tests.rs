use super::*;

fn separate<'a>() -> Separate<'a> {
    Separate {
        directory: Utf8Path::new("alembic_procrastinate"),
        ini: Utf8Path::new("alembic_procrastinate.ini"),
        section: "alembic",
        url: Url {
            variable: Some("DATABASE_URL"),
            application: Some((Utf8Path::new("alembic.ini"), "alembic")),
        },
        upstreams_env: false,
    }
}

fn ini(separate: &Separate) -> String {
    let files = separate.files().unwrap();
    let ini = files.iter().find(|file| file.path == separate.ini);
    ini.unwrap().text.clone()
}

#[test]
fn three_files_are_made() {
    let separate = separate();
    let files = separate.files().unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "alembic_procrastinate/env.py",
            "alembic_procrastinate/script.py.mako",
            "alembic_procrastinate.ini",
        ]
    );
    assert_eq!(separate.vendored(), "alembic_procrastinate/versions");
    assert!(files.iter().all(|file| file.text.ends_with('\n')));
    assert!(
        files[0]
            .text
            .contains(&format!("VERSION_TABLE = \"{VERSION_TABLE}\""))
    );
}

#[test]
fn the_ini_says_where_the_url_comes_from() {
    let mut separate = separate();
    let text = ini(&separate);
    for line in [
        "#     alembic -c alembic_procrastinate.ini upgrade heads",
        "[alembic]",
        "script_location = %(here)s/alembic_procrastinate",
        "url_variable = DATABASE_URL",
        "application_config = %(here)s/alembic.ini",
        "application_section = alembic",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
    separate.url = Url::default();
    let text = ini(&separate);
    for key in ["url_variable", "application_config", "application_section"] {
        assert!(!text.lines().any(|line| line.starts_with(key)), "{text}");
    }
}

/// An absolute path, which has a drive on Windows.
const ELSEWHERE: &str = match cfg!(windows) {
    true => "C:/etc/{section}.ini",
    false => "/etc/{section}.ini",
};

#[test]
fn paths_go_from_the_inis_own_directory() {
    for (directory, file, application, expected) in [
        (
            "a b/c",
            "x.ini",
            "alembic.ini",
            ["%(here)s/a b/c", "%(here)s/alembic.ini"],
        ),
        (
            "back/p",
            "back/p.ini",
            "back/alembic.ini",
            ["%(here)s/p", "%(here)s/alembic.ini"],
        ),
        (
            "db/p",
            "conf/p.ini",
            "./alembic.ini",
            ["%(here)s/../db/p", "%(here)s/../alembic.ini"],
        ),
        ("50%", "p.ini", ELSEWHERE, ["%(here)s/50%%", ELSEWHERE]),
    ] {
        let mut separate = separate();
        separate.directory = Utf8Path::new(directory);
        separate.ini = Utf8Path::new(file);
        separate.url.application = Some((Utf8Path::new(application), "a:b"));
        let text = ini(&separate);
        let [location, application] = expected;
        assert!(
            text.contains(&format!("script_location = {location}\n")),
            "{text}"
        );
        assert!(
            text.contains(&format!("application_config = {application}\n")),
            "{text}"
        );
    }
}

#[test]
fn what_an_ini_cannot_hold_is_refused() {
    for path in ["", ".", "..", "../p", "/p", "a/../b"] {
        let mut separate = separate();
        separate.directory = Utf8Path::new(path);
        assert!(
            matches!(separate.files(), Err(SeparateError::Outside(_))),
            "{path}"
        );
    }
    for path in ["a\nb", "a ", " a", "a\u{1b}"] {
        let mut separate = separate();
        separate.directory = Utf8Path::new(path);
        let error = separate.files().unwrap_err();
        assert!(
            matches!(error, SeparateError::Unwritable { .. }),
            "{path:?}"
        );
        assert!(!error.to_string().contains(char::is_control));
    }
    for section in ["", "a]b", "DEFAULT", "a\nb"] {
        let mut separate = separate();
        separate.section = section;
        assert!(separate.files().is_err(), "{section:?}");
    }
}
