//! The arguments of a program.

use super::words::Word;
use crate::effort;

/// What is looked for among the arguments of a program.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Alembic = 1,
    Upgrade = 2,
    Flask = 4,
    FlaskUpgrade = 8,
    Procrastinate = 16,
}

/// Which words of a command were looked at in which places. Whatever programs they are arguments of, they mean the same there, and what was
/// no call is none again: so each is looked at once.
#[derive(Default)]
pub(super) struct Tried(Vec<u8>);

impl Tried {
    /// Whether it is the first time.
    fn is_new(&mut self, place: Place, at: usize) -> bool {
        effort::count(1);
        if self.0.len() <= at {
            self.0.resize((at + 1).max(2 * self.0.len()), 0);
        }
        let is_new = self.0[at] & place as u8 == 0;
        self.0[at] |= place as u8;
        is_new
    }
}

/// The words behind a program's name, and the options that were read from them.
pub(super) struct Arguments<'a, 't> {
    words: &'a [Word<'a>],
    at: usize,
    options: Vec<(&'static str, Option<String>)>,
    tried: &'t mut Tried,
    /// Whether they are those of a program before, which made no call of them.
    pub(super) was_tried: bool,
}

impl<'a, 't> Arguments<'a, 't> {
    pub(super) fn new(command: &'a [Word<'a>], at: usize, tried: &'t mut Tried) -> Self {
        Self {
            words: command,
            at,
            options: Vec::new(),
            tried,
            was_tried: false,
        }
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(&word.text)
    }

    /// The next word that is no option. `options`, each by its short and its long name, are those that take a value.
    pub(super) fn positional(
        &mut self,
        place: Place,
        options: &[(&'static str, &'static str)],
    ) -> Option<&'a str> {
        loop {
            if !self.tried.is_new(place, self.at) {
                self.was_tried = true;
                return None;
            }
            let word = self.next()?;
            let option = options
                .iter()
                .find_map(|&(short, long)| Some((long, self.option(word, short, long)?)));
            match option {
                Some(option) => self.options.push(option),
                None if word.starts_with('-') => {}
                None => return Some(word),
            }
        }
    }

    /// The value of an option: its next word, or the rest of its own. None if `word` is another option; a value that is only
    /// known when the command runs is `Some(None)`.
    fn option(&mut self, word: &'a str, short: &str, long: &str) -> Option<Option<String>> {
        let glued = word.strip_prefix(long);
        let value = if word == short || (word.len() > 3 && long.starts_with(word)) {
            self.next()?
        } else if let Some(value) = glued.and_then(|rest| rest.strip_prefix('=')) {
            value
        } else {
            word.strip_prefix(short)
                .filter(|_| !word.starts_with("--"))?
        };
        Some((!value.contains(['$', '{'])).then(|| value.to_owned()))
    }

    /// The last value given to an option, as [`Self::option`] has it.
    pub(super) fn value(&self, long: &str) -> Option<Option<String>> {
        let mut options = self.options.iter().rev();
        let (_, value) = options.find(|(name, _)| *name == long)?;
        Some(value.clone())
    }
}
