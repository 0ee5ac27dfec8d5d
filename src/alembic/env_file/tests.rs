mod transactions;

use super::*;

fn read(body: &str) -> EnvFile {
    let source = format!("from alembic import context\n\nconfig = context.config\n{body}");
    EnvFile::parse(&source).unwrap()
}

fn reasons(file: &EnvFile) -> Vec<&'static str> {
    file.unclear.iter().map(|unclear| unclear.reason).collect()
}

#[test]
fn the_context_may_have_another_name() {
    let source = "import alembic.context as ctx\nwith e.begin() as c:\n ctx.configure(connection=c)\n with ctx.begin_transaction():\n  ctx.run_migrations()\n";
    assert_eq!(EnvFile::parse(source).unwrap().transactions.len(), 1);
    let source = source.replace(
        "import alembic.context as ctx",
        "from alembic import context as ctx",
    );
    assert_eq!(EnvFile::parse(&source).unwrap().configures.len(), 1);
    let source =
        "import alembic\nalembic.context.configure(url=x)\nstructlog.configure(processors=[])\n";
    assert_eq!(EnvFile::parse(source).unwrap().configures.len(), 1);
}

#[test]
fn locations_that_are_set_too_late_are_found_in_every_form() {
    for (statement, option) in [
        (
            "config.set_main_option('version_locations', 'a b')",
            "version_locations",
        ),
        (
            "context.config.set_main_option(name='version_locations', value=x)",
            "version_locations",
        ),
        (
            "cfg.set_section_option('alembic', 'version_locations', 'a')",
            "version_locations",
        ),
        (
            "config.set_main_option('script_location', 'a')",
            "script_location",
        ),
        (
            "config.file_config.set('alembic', 'version_locations', 'a')",
            "version_locations",
        ),
        (
            "config.file_config['alembic']['version_locations'] = 'a'",
            "version_locations",
        ),
        (
            "setattr(config, 'version_locations', 'a')",
            "version_locations",
        ),
    ] {
        let file = read(&format!("if x:\n    {statement}\n"));
        let [late] = file.late_options.as_slice() else {
            panic!("{statement}: {:?}", file.late_options);
        };
        assert_eq!(late.option, option);
        assert_eq!((late.place.line, late.place.text.as_str()), (5, statement));
    }
    for statement in [
        "config.set_main_option('sqlalchemy.url', x)",
        "# config.set_main_option('version_locations', 'a')",
        "config.get_main_option('version_locations')",
        "x = 'version_locations'",
        "d['version_locations'] = 1",
        "config.set_main_option(name, 'version_locations')",
    ] {
        assert_eq!(read(statement).late_options, [], "{statement}");
    }
}

#[test]
fn changes_of_the_script_directory_are_told_apart() {
    let changes = |body: &str| -> Vec<(bool, Vec<String>)> {
        let file = read(body);
        assert_eq!(file.late_options, [], "{body}");
        let of = |change: &ScriptChange| (change.adds, change.strings.clone());
        file.script_changes.iter().map(of).collect()
    };
    for (body, adds, strings) in [
        (
            "context.script.version_locations = ['a']",
            false,
            &["a"][..],
        ),
        ("context.script.version_locations[0] = 'a'", false, &["a"]),
        (
            "context._proxy.script.version_locations: list = ['a']",
            false,
            &["a"],
        ),
        ("s = context.script\ns.version_locations = x()", false, &[]),
        ("setattr(context.script, 'revision_map', x)", false, &[]),
        (
            "A = 'a'\ncontext.script.version_locations = [A, *context.script.version_locations]",
            true,
            &["a"],
        ),
        ("context.script.version_locations += ['a']", true, &["a"]),
        (
            "context.script.version_locations.extend(['a', 'b'])",
            true,
            &["a", "b"],
        ),
    ] {
        let strings = strings.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(changes(body), [(adds, strings)], "{body}");
    }
    for body in [
        "x = context.script.version_locations",
        "context.script.walk_revisions()",
        "app.script.version_locations = x if 0 else y",
    ] {
        assert_eq!(read(body).script_changes, [], "{body}");
    }
}

#[test]
fn packages_are_told_apart() {
    let spares = |imports: &str, body: &str| {
        let source = format!(
            "from alembic import context\nimport {imports}\n{body}\ncontext.configure(connection=c, include_name=f)\nregister_entities(ours)\n"
        );
        let [plugin] = &EnvFile::parse(&source).unwrap().plugins[..] else {
            panic!("{source}");
        };
        assert_eq!(plugin.place.line, 2);
        plugin.spares
    };
    for (filter, expected) in [
        ("'procrastinate_' not in n", Some(true)),
        (
            "not n.split('.')[-1].startswith('procrastinate_')",
            Some(true),
        ),
        (
            "not n.removeprefix('public.').startswith('procrastinate_')",
            Some(true),
        ),
        (
            "not n.startswith(('procrastinate_', 'public.procrastinate_'))",
            Some(true),
        ),
        ("not n.startswith('procrastinate_')", Some(false)),
        ("not (n or '').startswith('procrastinate_')", Some(false)),
        ("n not in {'procrastinate_jobs'}", Some(false)),
        ("not (t == 'table' and 'procrastinate_' in n)", Some(false)),
        (
            "t not in ('table', 'function') or 'procrastinate' not in n",
            Some(true),
        ),
        ("True", Some(false)),
        ("elsewhere.keeps(n)", Some(false)),
    ] {
        let body = format!("def f(n, t, p):\n    return {filter}");
        assert_eq!(spares("alembic_utils.pg_view", &body), expected, "{filter}");
    }
    assert_eq!(spares("alembic_utils", "from app.db import f"), None);
    for (registered, expected) in [
        ("", Some(true)),
        ("register_entities([])", Some(true)),
        ("register_entities(ours, entity_types=[PGView])", Some(true)),
        (
            "register_entities([], entity_types=[PGView, PGTrigger])",
            Some(false),
        ),
        ("register_entities(entities=ours)", Some(false)),
    ] {
        let source = format!(
            "import alembic_utils\nfrom alembic import context\n{registered}\ncontext.configure(connection=c)\n"
        );
        assert_eq!(
            EnvFile::parse(&source).unwrap().plugins[0].spares,
            expected,
            "{registered}"
        );
    }
    let set = "alembic_postgresql_enum.set_configuration(Config(include_name=lambda n: 'procrastinate' not in n))";
    assert_eq!(spares("alembic_postgresql_enum", set), Some(true));
    assert_eq!(spares("alembic_postgresql_enum", ""), Some(false));
    assert_eq!(
        spares(
            "alembic_postgresql_enum",
            &set.replace("include_name", "drop_unused_enums=False, include_name")
        ),
        Some(true)
    );
    let package = "sqlalchemy_declarative_extensions";
    assert_eq!(spares(package, ""), None);
    assert_eq!(
        spares(
            package,
            "register_alembic_events(functions=False, triggers=False)"
        ),
        Some(true)
    );
    assert_eq!(
        spares(package, "declare_database(m, functions=[])"),
        Some(false)
    );
    assert_eq!(
        spares(
            package,
            "F = Functions(ignore=['*'])\ndeclare_database(m, functions=F)"
        ),
        Some(true)
    );
}

fn configured(body: &str) -> Configure {
    let file = read(body);
    assert_eq!(file.configures.len(), 1, "{body}");
    file.configures[0].clone()
}

#[test]
fn filters_are_told_apart() {
    for (body, filters) in [
        ("context.configure(connection=c)", Some(false)),
        (
            "context.configure(connection=c, include_object=None)",
            Some(false),
        ),
        (
            "def f(o, n, t, r, c):\n return not n.startswith('procrastinate_')\ncontext.configure(c, include_object=f)",
            Some(true),
        ),
        (
            "OURS = {'Procrastinate_jobs'}\ndef g(n):\n return n in OURS\ndef f(o, n, t, r, c):\n return not g(n)\ncontext.configure(c, include_object=f)",
            Some(true),
        ),
        (
            "context.configure(c, include_object=lambda o, n, *a: 'procrastinate' not in n)",
            Some(true),
        ),
        (
            "from x import skip_procrastinate\ncontext.configure(c, include_object=skip_procrastinate)",
            Some(true),
        ),
        (
            "from x import f\ncontext.configure(c, include_object=f)",
            None,
        ),
        (
            "from x import IGNORED\ndef f(o, n, t, r, c):\n return n not in IGNORED\ncontext.configure(c, include_object=f)",
            None,
        ),
        (
            "def f(o, n, t, r, c):\n return not (r and c is None)\ncontext.configure(c, include_object=f)",
            None,
        ),
        (
            "def f(o, n, t, r, c):\n return n in target_metadata.tables\ncontext.configure(c, include_object=f)",
            None,
        ),
        (
            "import re\ndef f(o, n, t, r, c):\n return not re.match('spatial', n)\ncontext.configure(c, include_object=f)",
            Some(false),
        ),
        (
            "context.configure(c, include_object=lambda o, n, t, r, c: n != 'spatial_ref_sys')",
            Some(false),
        ),
        (
            "kw = dict(include_object=lambda *a: 'procrastinate')\ncontext.configure(connection=c, **kw)",
            Some(true),
        ),
        (
            "kw = current_app.args\ncontext.configure(connection=c, **kw)",
            None,
        ),
        (
            "kw = {'compare_type': True}\nkw['include_object'] = f\ncontext.configure(connection=c, **kw)",
            None,
        ),
    ] {
        let configure = configured(body);
        assert_eq!(configure.filters_procrastinate, filters, "{body}");
        assert!(configure.online, "{body}");
    }
    let both = configured(
        "context.configure(c, include_name=lambda n, *a: 'procrastinate' in n, include_object=lambda *a: True)",
    );
    assert_eq!(both.filters_procrastinate, Some(true));
}

#[test]
fn configure_says_what_it_is_given() {
    let file = read(
        "target_metadata: X = None\n\
         context.configure(url=u, target_metadata=target_metadata)\n\
         context.configure(connection=c, target_metadata=Base.metadata, transaction_per_migration=True)\n\
         context.configure(connection=c, transaction_per_migration=x)\n\
         context.configure(connection=c, **options)\n",
    );
    let [offline, online, unknown, open] = file.configures.as_slice() else {
        panic!("{:?}", file.configures);
    };
    assert!(!offline.online && online.online && open.online && open.open);
    let has_metadata = |configure: &Configure| configure.has_metadata;
    assert!(!has_metadata(offline) && has_metadata(online) && !has_metadata(open));
    assert_eq!(offline.transaction_per_migration, Some(false));
    assert_eq!(online.transaction_per_migration, Some(true));
    assert_eq!(unknown.transaction_per_migration, None);
    assert_eq!(open.transaction_per_migration, None);
    assert_eq!(
        reasons(&file),
        [
            "it does not call `context.run_migrations` itself",
            "it gives `context.configure` options that are made elsewhere"
        ]
    );
}

#[test]
fn an_asynchronous_engine_is_found() {
    let file = read("x = 1\ne = async_engine_from_config(section)\n");
    assert_eq!(file.asynchronous.map(|place| place.line), Some(5));
    assert_eq!(read("e = create_engine(x)").asynchronous, None);
}

#[test]
fn what_others_do_is_unclear() {
    let file =
        EnvFile::parse("from app.migrations import run\nexec(open('x').read())\nrun()\n").unwrap();
    assert_eq!(
        reasons(&file),
        [
            "it does not call `context.configure` itself",
            "it does not call `context.run_migrations` itself",
            "it executes other Python code"
        ]
    );
    assert_eq!(file.transactions, []);
    let broken = EnvFile::parse("x = 1\nwith (:\n").unwrap_err();
    assert_eq!(broken.line, 2);
    let odd = "\u{feff}from alembic import context\r\nwith e.begin() as c:\r\n context.configure(connection=c)\r\n";
    let file = EnvFile::parse(odd).unwrap();
    assert_eq!(
        file.transactions[0].place,
        Place {
            line: 2,
            text: "with e.begin() as c:".to_owned()
        }
    );
    assert!(EnvFile::parse("").is_ok());
}

#[test]
fn whose_url_it_connects_to() {
    let engine = "e = engine_from_config(config.get_section(config.config_ini_section, {}), prefix='sqlalchemy.')\n";
    let takes = |lines: &str| {
        EnvFile::parse(&format!("{engine}{lines}"))
            .unwrap()
            .configured_url
    };
    for lines in [
        "",
        "url = config.get_main_option('sqlalchemy.url')\n",
        "url = section.get('sqlalchemy.url')\nsection['poolclass'] = x\n",
        "# create_engine\n",
    ] {
        assert!(takes(lines), "{lines}");
    }
    for lines in [
        "config.set_main_option('sqlalchemy.url', settings.url)\n",
        "config.set_section_option(s, 'sqlalchemy.url', settings.url)\n",
        "section['sqlalchemy.url'] = settings.url\n",
        "section[key] = settings.url\n",
        "section.update({'sqlalchemy.url': settings.url})\n",
        "e = create_engine(settings.url)\n",
        "f = engine_from_config(section, url=settings.url)\n",
        "f = engine_from_config(section, connect_args=settings.args)\n",
    ] {
        assert!(!takes(lines), "{lines}");
    }
    assert!(
        !EnvFile::parse("from app import engine\n")
            .unwrap()
            .configured_url
    );
    assert!(
        EnvFile::parse("e = async_engine_from_config(s)\n")
            .unwrap()
            .configured_url
    );
}
