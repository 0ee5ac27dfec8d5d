//! What to run before and after a deploy.

use std::io;

use pep440_rs::Version;

use super::prose::labelled;
use super::screen::Screen;
use super::style::{NOTE, STRONG};
use crate::escape::one_line;
use crate::procrastinate::Phase;

#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub phase: Phase,
}

/// `added` is in chain order.
pub fn deploys(
    out: &mut dyn Screen,
    added: &[Step<'_>],
    release: &Version,
    alembic: &str,
) -> io::Result<()> {
    let Some(last) = added.last() else {
        return Ok(());
    };
    let is_pre = |step: &&Step<'_>| step.phase == Phase::Pre;
    let leading = added.iter().take_while(is_pre).count();
    if let Some(pre) = added[..leading].last() {
        writeln!(
            out,
            "\n{STRONG}Before you deploy Procrastinate {release}{STRONG:#}\n  {alembic} upgrade {}",
            pre.id
        )?;
    }
    if leading < added.len() {
        writeln!(
            out,
            "\n{STRONG}After it is deployed{STRONG:#}\n  {alembic} upgrade {}",
            last.id
        )?;
    }
    if let Some(late) = added[leading..].iter().find(is_pre) {
        let text = format!(
            "{} belongs before a deploy, and follows migrations that belong after one: this step spans several releases. \
             Stop the workers while you run it, or upgrade release by release.",
            one_line(late.name)
        );
        writeln!(out)?;
        labelled(out, NOTE, "note:", &text)?;
    }
    Ok(())
}
