//! What the parts of the program cost, each by itself and without files: for work on one of them. All inputs are made up.

use std::time::Duration;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use vendor_migrations::alembic::graph::{Node, ancestors, cycle, heads};
use vendor_migrations::alembic::invocations::{Wanted, calls};
use vendor_migrations::digest::Digest;
use vendor_migrations::lockfile::{LOCK_NAME, Lock};
use vendor_migrations::plan::{Input, Options, Own, Plan, plan};
use vendor_migrations::procrastinate::{Layout, MigrationName};
use vendor_migrations::render::revision::{Migration as Rendered, Place};
use vendor_migrations::sql::statements::split;
use vendor_migrations::upstream::{Migration, Sql, Upstream};
use vendor_migrations::vendored::tree::{Entry, Tree};

/// The most time for each, unless the command line says another (`-- --max-time SECONDS`).
const LONGEST: Duration = Duration::from_secs(2);

fn main() {
    divan::Divan::default()
        .max_time(LONGEST)
        .config_with_args()
        .main();
}

/// As many migrations as Procrastinate has, and many more.
const MIGRATIONS: [usize; 2] = [38, 1_000];

/// SQL of about 1.9 KB, as Procrastinate's are on average.
fn sql(number: usize) -> String {
    let mut sql = format!("ALTER TABLE procrastinate_jobs ADD COLUMN step_{number} text;\n");
    for at in 0..9 {
        sql += &format!(
            "\nCREATE FUNCTION step_{number}_{at}(job_id bigint) RETURNS void LANGUAGE plpgsql AS $$\n\
             BEGIN\n    UPDATE procrastinate_jobs SET step_{number} = 'a:{at}%' WHERE id = job_id;\nEND;\n$$;\n"
        );
    }
    sql
}

fn name(number: usize) -> MigrationName {
    let (first, second, third) = (number / 8_100, number / 90 % 90, number % 90 + 10);
    MigrationName::new(format!("{first:02}.{second:02}.00_{third:02}_pre_step.sql")).unwrap()
}

fn upstream(migrations: usize) -> Upstream {
    let migration = |number| {
        let text = sql(number);
        let sql = Sql {
            name: name(number),
            digest: Digest::of(&text),
            text,
        };
        Migration {
            sql: Some(sql),
            wrapper: None,
        }
    };
    Upstream {
        release: "91.0.0".parse().unwrap(),
        version: "91.0.0".parse().unwrap(),
        layout: Layout::Sql,
        source: "a benchmark".to_owned(),
        root: None,
        migrations: (0..migrations).map(migration).collect(),
        templates: Default::default(),
        schema: None,
        modified: Vec::new(),
        notes: Vec::new(),
        looked: Vec::new(),
        elsewhere: Vec::new(),
    }
}

fn planned(upstream: &Upstream, tree: &Tree, lock: Option<&Lock>) -> Plan {
    plan(Input {
        lock,
        upstream,
        tree,
        own: Own::none(),
        schema: None,
        options: Options::default(),
    })
    .unwrap()
}

/// The directory after a plan was carried out.
fn applied(plan: &Plan) -> Tree {
    let mut tree = Tree {
        exists: true,
        ..Tree::default()
    };
    for file in &plan.files {
        if let Some(bytes) = &file.after {
            let entry = Entry::File(bytes.clone().into());
            tree.entries.insert(file.path.clone(), entry);
        }
    }
    let lock = plan.lock.to_text().unwrap().into_bytes();
    tree.entries.insert(LOCK_NAME.to_owned(), Entry::File(lock.into()));
    tree
}

#[divan::bench(args = [1_900, 1_000_000])]
fn hash(bencher: Bencher<'_, '_>, length: usize) {
    let bytes = vec![b'a'; length];
    bencher
        .counter(BytesCount::new(length))
        .bench(|| Digest::of(black_box(&bytes)));
}

#[divan::bench]
fn split_sql(bencher: Bencher<'_, '_>) {
    let sql = sql(1);
    bencher
        .counter(BytesCount::of_str(&sql))
        .bench(|| split(black_box(&sql)).unwrap().len());
}

#[divan::bench]
fn render(bencher: Bencher<'_, '_>) {
    let (name, sql) = (name(1), sql(1));
    let place = Place {
        id: "procrastinate_00_00_00_11",
        down: Some("procrastinate_00_00_00_10"),
        labels: &[],
        depends_on: &[],
        is_first: false,
    };
    bencher.counter(BytesCount::of_str(&sql)).bench(|| {
        Rendered::new(&name, black_box(&sql), None)
            .unwrap()
            .render(0, 1, &place)
    });
}

#[divan::bench(args = MIGRATIONS)]
fn plan_first_sync(bencher: Bencher<'_, '_>, migrations: usize) {
    let (upstream, tree) = (upstream(migrations), Tree::default());
    bencher
        .counter(ItemsCount::new(migrations))
        .bench(|| planned(&upstream, &tree, None));
}

#[divan::bench(args = MIGRATIONS)]
fn plan_without_changes(bencher: Bencher<'_, '_>, migrations: usize) {
    let upstream = upstream(migrations);
    let first = planned(&upstream, &Tree::default(), None);
    let tree = applied(&first);
    bencher
        .counter(ItemsCount::new(migrations))
        .bench(|| planned(&upstream, &tree, Some(&first.lock)));
}

#[divan::bench(args = MIGRATIONS)]
fn read_lock(bencher: Bencher<'_, '_>, migrations: usize) {
    let lock = planned(&upstream(migrations), &Tree::default(), None).lock;
    let text = lock.to_text().unwrap();
    bencher
        .counter(ItemsCount::new(migrations))
        .bench(|| Lock::parse(black_box(text.as_bytes())).unwrap());
}

#[divan::bench(args = MIGRATIONS)]
fn write_lock(bencher: Bencher<'_, '_>, migrations: usize) {
    let lock = planned(&upstream(migrations), &Tree::default(), None).lock;
    bencher
        .counter(ItemsCount::new(migrations))
        .bench(|| black_box(&lock).to_text().unwrap());
}

fn revision(number: usize) -> String {
    let down = match number.checked_sub(1) {
        Some(before) => format!("'{before:012x}'"),
        None => "None".to_owned(),
    };
    format!(
        "\"\"\"step {number}\"\"\"\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = '{number:012x}'\ndown_revision = {down}\n\
         branch_labels = None\ndepends_on = None\n\n\ndef upgrade():\n    op.add_column('orders', sa.Column('step_{number}', sa.Text()))\n\n\n\
         def downgrade():\n    op.drop_column('orders', 'step_{number}')\n"
    )
}

#[divan::bench]
fn read_own_revision(bencher: Bencher<'_, '_>) {
    let text = revision(7);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| Node::parse("alembic/versions/step.py".into(), black_box(&text)).unwrap());
}

#[divan::bench(args = [100, 10_000])]
fn graph(bencher: Bencher<'_, '_>, revisions: usize) {
    let node = |number| Node::parse("step.py".into(), &revision(number)).unwrap();
    let nodes: Vec<Node> = (0..revisions).map(node).collect();
    bencher.counter(ItemsCount::new(revisions)).bench(|| {
        let all = black_box(&nodes);
        let heads = heads(all.iter().map(|node| (node.id.as_str(), &*node.down)));
        (ancestors(all, heads[0]).len(), cycle(all).is_some())
    });
}

/// Files in which calls of Alembic are looked for: the path, and a line that is repeated up to 100 KB.
const SEARCHED: [(&str, &str); 4] = [
    (
        "app/main.py",
        "run(['alembic', 'upgrade', 'heads'], check=True)\n",
    ),
    (
        "deploy.sh",
        "alembic upgrade heads && echo \"done\" # upgrade\n",
    ),
    (
        ".github/workflows/ci.yml",
        "      - run: alembic upgrade heads\n",
    ),
    ("app/plain.py", "found = order.find(name, limit=10)\n"),
];

#[divan::bench(args = ["app/main.py", "deploy.sh", ".github/workflows/ci.yml", "app/plain.py"])]
fn search(bencher: Bencher<'_, '_>, path: &str) {
    let (_, line) = SEARCHED.iter().find(|(known, _)| *known == path).unwrap();
    let text = line.repeat(100_000 / line.len());
    let wanted = Wanted {
        upgrades: true,
        procrastinate: true,
    };
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| calls(path, black_box(&text), wanted).len());
}
