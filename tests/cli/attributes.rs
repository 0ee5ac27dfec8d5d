//! What a replaced file has beside its bytes stays with it.

use camino::Utf8Path;

use crate::support::Project;
use crate::support::releases::{SECOND_PY, THIRD_PY, four, three};

const NAME: &str = "user.origin";
const ACL: &str = "system.posix_acl_access";
const DEFAULT_ACL: &str = "system.posix_acl_default";

/// An access control list as the system keeps it: read and write for the owner, read for user 12345 and for the group.
fn list() -> Vec<u8> {
    const ANY: u32 = u32::MAX;
    let entries: [(u16, u16, u32); 5] = [
        (0x01, 6, ANY),
        (0x02, 4, 12345),
        (0x04, 4, ANY),
        (0x10, 4, ANY),
        (0x20, 0, ANY),
    ];
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(permissions.to_le_bytes());
        bytes.extend(id.to_le_bytes());
    }
    bytes
}

fn get(path: &Utf8Path, name: &str) -> Option<Vec<u8>> {
    xattr::get(path, name).unwrap()
}

#[cfg(unix)]
#[test]
fn files_and_the_directory_keep_attributes_and_lists() {
    let project = Project::with(&three());
    let (directory, file) = (project.vendored(), project.vendored().join(SECOND_PY));
    xattr::set(&directory, NAME, b"directory").unwrap();
    xattr::set(&directory, DEFAULT_ACL, &list()).unwrap();
    xattr::set(&file, NAME, b"file").unwrap();
    xattr::set(&file, ACL, &list()).unwrap();
    let plain = project.vendored().join(THIRD_PY);
    for path in [&file, &plain] {
        std::fs::write(path, "# mine\n").unwrap();
    }
    project.syncs(&four(), &["--force"]);
    project.check(&four(), &["--strict"]).exits(0);
    assert_eq!(get(&directory, NAME).as_deref(), Some(&b"directory"[..]));
    assert_eq!(get(&directory, DEFAULT_ACL), Some(list()));
    assert_eq!(get(&file, NAME).as_deref(), Some(&b"file"[..]));
    assert_eq!(get(&file, ACL), Some(list()));
    // It was made before the directory had the list that new files inherit.
    assert_eq!(get(&plain, ACL), None);
    let inherited = project.locked_files().into_iter();
    let inherited = inherited.filter(|name| get(&directory.join(name), ACL).is_some());
    assert_eq!(inherited.count(), 2, "the one with a list, and the new one");
}

#[cfg(unix)]
#[test]
fn what_init_edits_keeps_attributes_and_lists() {
    let project = Project::new();
    let ini = project.root.join("alembic.ini");
    std::fs::write(&ini, "[alembic]\nscript_location = alembic\n").unwrap();
    xattr::set(&ini, NAME, b"ini").unwrap();
    xattr::set(&ini, ACL, &list()).unwrap();
    project.run(&["init"]).exits(0);
    assert!(
        std::fs::read_to_string(&ini)
            .unwrap()
            .contains("versions_procrastinate")
    );
    assert_eq!(get(&ini, NAME).as_deref(), Some(&b"ini"[..]));
    assert_eq!(get(&ini, ACL), Some(list()));
}
