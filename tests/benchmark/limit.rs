//! The least that a check can cost: opens, reads and hashes every file once, in one thread, and does nothing else.
//!
//! The argument is a list as `sha256sum` has it. The digests are not compared.

use std::fs::{self, File};
use std::io::{self, Read as _};

use sha2::{Digest as _, Sha256};

fn main() -> io::Result<()> {
    let Some(list) = std::env::args_os().nth(1) else {
        return Err(io::Error::other("no list of files"));
    };
    let list = fs::read_to_string(list)?;
    let mut bytes = Vec::new();
    let mut all = 0_u8;
    for line in list.lines() {
        let (_, path) = line
            .split_once("  ")
            .ok_or_else(|| io::Error::other("a line without a name"))?;
        bytes.clear();
        File::open(path)?.read_to_end(&mut bytes)?;
        all ^= Sha256::digest(&bytes)[0];
    }
    // So that nothing is left out by the compiler.
    println!("{all}");
    Ok(())
}
