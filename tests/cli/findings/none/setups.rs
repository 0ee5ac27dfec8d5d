//! Projects as templates lay them out. tests/e2e/healthy_setups.rs has Alembic run them.

use crate::findings::{finds, heads};
use crate::healthy::setups;
use crate::support::Project;
use crate::support::releases::three;

#[test]
fn set_ups_of_common_templates() {
    for setup in setups() {
        let mut project = Project::bare();
        project.root = setup.write(&project.root);
        if let Some(init) = setup.init() {
            project.run(&init).exits(0);
        }
        project.syncs(&three(), &[]);
        let outcome = project.check(&three(), &["--strict"]);
        assert_eq!(heads(&outcome), [""; 0], "{}", setup.name);
        finds(&project, &three(), &[]);
    }
}
