//! Files that are hard to search: four times as long a file takes at most five times as many steps.

use super::*;
use crate::effort;

/// What it is, its path, what it begins with, and what it has as often as is asked for, with the number of each.
type File = (&'static str, &'static str, String, fn(usize) -> String);

const WORDS: &str =
    "# alembic upgrade head, Config( attributes, procrastinate schema, Connector search_path\n";

fn text((_, _, before, part): &File, times: usize) -> String {
    let parts: String = (0..times).map(part).collect();
    format!("{before}{parts}\n")
}

fn python() -> Vec<File> {
    let file = |name, before: &str, part| -> File {
        let uses = "from alembic import command\nfrom alembic.config import Config\nimport other, subprocess\n";
        (name, "app/a.py", format!("{WORDS}{uses}{before}"), part)
    };
    let configurations: String = (0..50).map(|at| format!("c{at} = Config('x')\n")).collect();
    let connector = "from procrastinate import PsycopgConnector as P\n";
    vec![
        file("calls of other functions", "", |_| "f(a)\n".to_owned()),
        file("calls of a command", "", |_| {
            "command.upgrade(c, 'head')\n".to_owned()
        }),
        file("programs", "", |_| {
            "subprocess.run(['alembic', 'upgrade', 'head'])\n".to_owned()
        }),
        file("defaults of parameters", "", |at| {
            format!("def f{at}(r='head'): command.upgrade(c, r)\n")
        }),
        file("one function", "def f(r='head'):\n", |_| {
            "    command.upgrade(c, r)\n".to_owned()
        }),
        file("a name of names", "n = m or m or m\n", |_| {
            "m = n or n\ncommand.upgrade(c, n)\n".to_owned()
        }),
        file("methods that apply", "", |_| {
            "self.schema_manager.apply_schema()\n".to_owned()
        }),
        file("configurations", "", |_| "Config(a)\n".to_owned()),
        file("a name of configurations", "", |_| {
            "c = Config(a)\nc.set_main_option('x', y)\n".to_owned()
        }),
        file("what others get", &configurations, |_| {
            "other.f(c1)\n".to_owned()
        }),
        file("what is set", &configurations, |_| {
            "c1.set_main_option('path_separator', b)\n".to_owned()
        }),
        file("connectors", connector, |at| {
            format!("K = {{'options': {at}}}\nP(kwargs={{'options': '-c search_path=jobs'}})\n")
        }),
        file("names of attributes", "", |_| {
            format!("other{}()\n", ".b".repeat(30))
        }),
        file("shared connections", "", |_| {
            "with e.begin() as c:\n    g.attributes['connection'] = c\n    command.upgrade(g, 'heads')\n"
                .to_owned()
        }),
        file("imports", "", |_| {
            "from alembic import context\ncontext.configure(connection=c)\n".to_owned()
        }),
    ]
}

fn scripts() -> Vec<File> {
    let file =
        |name, before: &str, part| -> File { (name, "a.sh", format!("{WORDS}{before}"), part) };
    vec![
        file("commands", "", |_| "alembic upgrade head\n".to_owned()),
        file("commands in one line", "", |_| {
            "alembic upgrade head;".to_owned()
        }),
        file("words of one command", "", |_| "alembic a ".to_owned()),
        file("options of one command", "", |_| "-alembic ".to_owned()),
        file("modules", "", |_| "-mprocrastinate ".to_owned()),
        file("modules that are told nothing", "", |_| {
            "procrastinate schema --apply ".to_owned()
        }),
        file("flasks", "", |_| "flask -A db upgrade -d x ".to_owned()),
        file("what psql reads", "", |_| "psql -f a ".to_owned()),
        file("what psql is fed", "psql <", |_| {
            "-mprocrastinate -a ".to_owned()
        }),
        file("quotes", "", |_| "\"a 'b'\" 'upgrade c' ".to_owned()),
        file("quotes of Python", "", |_| {
            "python -c \"alembic b\" ".to_owned()
        }),
        file("quotes that are escaped", "", |_| {
            "\\\"a upgrade\" ".to_owned()
        }),
        file("quotes that are printed", "echo ", |_| {
            "'alembic upgrade head' ".to_owned()
        }),
        file("parentheses", "", |_| "(cd a; ".to_owned()),
        file("directories", "", |_| "cd a;b\n".to_owned()),
        file("continued lines", "", |_| "alembic \\\n".to_owned()),
    ]
}

fn data() -> Vec<File> {
    let file =
        |name, path, before: &str, part| -> File { (name, path, format!("{WORDS}{before}"), part) };
    vec![
        file("steps", "a.yml", "a:\n", |_| {
            "  - run: alembic upgrade head\n".to_owned()
        }),
        file("keys of one mapping", "a.yml", "a:\n", |at| {
            format!("  k{at}: alembic upgrade head\n")
        }),
        file("open lists", "a.yml", "", |_| {
            format!("a: [{}\n", "b,\n".repeat(60))
        }),
        file("arguments", "a.yml", "command:\n- alembic\n", |_| {
            "args: a\n".to_owned()
        }),
        file("entries", "a.yml", "command:\n", |_| "- a\n".to_owned()),
        file("blocks", "a.yml", "a: >\n", |_| {
            "  alembic upgrade head\n".to_owned()
        }),
        file("arguments", "fly.toml", "command\n", |_| {
            "args =\n".to_owned()
        }),
        file("values", "fly.toml", "command = 'a'\n", |_| {
            "args = 'a'\n".to_owned()
        }),
        file("open arrays", "fly.toml", "", |_| {
            format!("a = [{}\n", "'b',\n".repeat(60))
        }),
        file("members", "tasks.json", "{", |_| "\"a\": 1,".to_owned()),
        file("words", "tasks.json", "{", |_| ", \"a".to_owned()),
        file("resources", "a.tf", "", |_| {
            "command = [\"alembic\", \"upgrade\", \"head\"]\n".to_owned()
        }),
        file("steps", "Jenkinsfile", "", |_| {
            "sh('alembic upgrade head') // \"'\n".to_owned()
        }),
        file("targets", "Makefile", "", |_| {
            "t:\n\talembic upgrade head\n".to_owned()
        }),
        file("copies", "Dockerfile", "", |_| {
            "COPY a \\\n  b /c\n".to_owned()
        }),
    ]
}

#[test]
fn no_file_takes_more_steps_than_it_is_long() {
    for file in [python(), scripts(), data()].concat() {
        let (name, path, ..) = file;
        let does = |times| {
            let text = text(&file, times);
            // What it takes at all is the least.
            effort::count(text.len());
            calls(path, &text, ALL);
        };
        let linear = effort::linear(does, 100);
        assert_eq!(linear, Ok(()), "{name} in {path}");
    }
}

#[test]
fn lists_of_a_package_are_looked_up_once() {
    let does = |times| {
        let names: String = (0..times).map(|at| format!("  \"p{at}\",\n")).collect();
        let text = format!(
            "[build-system]\nrequires = []\nbuild-backend = \"setuptools.build_meta\"\n[tool.setuptools]\npackages = [\n{names}]\n"
        );
        let found = calls("pyproject.toml", &text, ALL);
        assert_eq!(found.last().map(|call| call.line), Some(times + 5));
    };
    assert_eq!(effort::linear(does, 100), Ok(()));
}

#[test]
fn what_a_package_lists_is_bounded_and_that_is_said() {
    let listed = |directory: usize, times: usize| {
        let names = "\"p\", ".repeat(times);
        let text = format!(
            "[build-system]\nbuild-backend = \"setuptools.build_meta\"\n[tool.setuptools]\npackage-dir = {{\"\" = \"{}\"}}\n\
             packages = [{names}]\n",
            "d".repeat(directory)
        );
        let found = calls("pyproject.toml", &text, ALL);
        let beyond = |call: &Call| matches!(call.does, Does::Beyond(_));
        (found.len(), found.iter().any(beyond))
    };
    assert_eq!(listed(10, 9_999), (9_999, false));
    assert_eq!(listed(10, 20_000), (10_001, true));
    let (number, is_said) = listed(500_000, 1_000);
    assert!(number < 20 && is_said);
    let data = format!(
        "[build-system]\nbuild-backend = \"setuptools.build_meta\"\n[tool.setuptools]\npackages = [\"a\"]\n\
         [tool.setuptools.package-data]\n{} = [{}]\n",
        "d".repeat(500_000),
        "\"b\", ".repeat(9_000)
    );
    let found = calls("pyproject.toml", &data, ALL);
    assert!(found.len() < 20, "{}", found.len());
    assert!(
        found
            .iter()
            .any(|call| matches!(call.does, Does::Beyond(_)))
    );
}

#[test]
fn what_names_stand_for_is_bounded_and_that_is_said() {
    let list = format!("L = [{}]\n", "'alembic',".repeat(2_000));
    let text = format!("# alembic upgrade head\n{list}{}", "run(L)\n".repeat(1_000));
    let found = calls("a.py", &text, ALL);
    assert!(matches!(found[0].does, Does::Beyond(_)), "{found:?}");
    assert_eq!(found.len(), 1);
    let few = text.replacen("run(L)\n", "", 950);
    assert!(calls("a.py", &few, ALL).is_empty());
}
