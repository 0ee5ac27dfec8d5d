//! `explain`: what the code of a finding means.

use crate::cli::Explain;
use crate::failure::{Exit, Failure};
use crate::findings::Code;
use crate::nearest;
use crate::report::explain;
use crate::session::Output;

pub(super) fn run(options: &Explain, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let Some(asked) = &options.code else {
        explain::all(output.out)?;
        return Ok(Exit::Fine);
    };
    let codes = || Code::ALL.iter().copied();
    let Some(code) = codes().find(|code| code.as_str() == asked) else {
        return Err(Failure::NoCode {
            asked: asked.clone(),
            nearest: nearest::name(asked, codes().map(Code::as_str)),
        });
    };
    explain::one(output.out, code)?;
    Ok(Exit::Fine)
}
