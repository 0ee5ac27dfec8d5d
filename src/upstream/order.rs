//! The order of upstream's revision files.

use std::collections::HashMap;

use super::Wrapper;

/// The wrappers from the base to the head. The error says which link of the chain is wrong.
pub(super) fn in_order(wrappers: Vec<Wrapper>) -> Result<Vec<Wrapper>, String> {
    let total = wrappers.len();
    let mut next: HashMap<Option<String>, Wrapper> = HashMap::new();
    for wrapper in wrappers {
        let down = match wrapper.revision.down.as_slice() {
            [] => None,
            [down] => Some(down.clone()),
            _ => return Err(format!("`{}` merges several revisions", wrapper.file)),
        };
        if let Some(twin) = next.get(&down) {
            let after = down.map_or("the base".to_owned(), |down| format!("revision `{down}`"));
            return Err(format!(
                "`{}` and `{}` both follow {after}",
                twin.file, wrapper.file
            ));
        }
        next.insert(down, wrapper);
    }
    let mut chain: Vec<Wrapper> = Vec::with_capacity(total);
    let mut down = None;
    while let Some(wrapper) = next.remove(&down) {
        if chain
            .iter()
            .any(|earlier| earlier.revision.id == wrapper.revision.id)
        {
            return Err(format!(
                "two files have the revision id `{}`",
                wrapper.revision.id
            ));
        }
        down = Some(wrapper.revision.id.clone());
        chain.push(wrapper);
    }
    match next.into_values().map(|wrapper| wrapper.file).min() {
        Some(file) => Err(format!("`{file}` does not lead back to the base")),
        None => Ok(chain),
    }
}
