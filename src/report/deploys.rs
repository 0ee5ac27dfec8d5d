//! What to run before and after a deploy.

use std::io;

use pep440_rs::Version;

use super::prose::labelled;
use super::screen::Screen;
use super::style::{NOTE, STRONG};
use crate::escape::one_line;
use crate::plan::Change;
use crate::procrastinate::Phase;

/// What to run before a deploy, and what after it; `added` in chain order. `upgrade` gives the command for a revision.
pub fn deploys(
    out: &mut dyn Screen,
    added: &[&Change],
    release: &Version,
    upgrade: &dyn Fn(&str) -> String,
) -> io::Result<()> {
    let Some(last) = added.last() else {
        return Ok(());
    };
    let is_pre = |change: &&&Change| change.phase == Phase::Pre;
    let command = |change: &Change| upgrade(change.ids.last().map_or("", String::as_str));
    let leading = added.iter().take_while(is_pre).count();
    if let Some(pre) = added[..leading].last() {
        writeln!(
            out,
            "\n{STRONG}Before you deploy Procrastinate {release}{STRONG:#}\n  {}",
            command(pre)
        )?;
    }
    if leading < added.len() {
        writeln!(
            out,
            "\n{STRONG}After it is deployed{STRONG:#}\n  {}",
            command(last)
        )?;
    }
    if let Some(late) = added[leading..].iter().find(is_pre) {
        let text = format!(
            "{} belongs before a deploy, and follows migrations that belong after one: this step spans several releases. \
             Stop the workers while you run it, or upgrade release by release.",
            one_line(&late.name)
        );
        writeln!(out)?;
        labelled(out, NOTE, "note:", &text)?;
    }
    Ok(())
}
