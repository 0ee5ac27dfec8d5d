//! Words, as a shell sees them.

/// A character and the line that it is on.
pub(super) type At = (char, usize);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) line: usize,
    /// A quoted text of several words: a command itself, perhaps.
    pub(super) nested: Option<Vec<At>>,
}

/// The commands of a line, split at `;`, `&`, `|`, parentheses, backticks and redirections. Each parenthesis is a command of its own. Brackets and commas separate words, so that
/// `["alembic", "upgrade", "head"]` are three.
pub(super) fn commands(text: &[At]) -> Vec<Vec<Word>> {
    let mut splitter = Splitter::default();
    let mut at = 0;
    while let Some(&(character, line)) = text.get(at) {
        at += 1;
        match character {
            '"' | '\'' => match closing(&text[at..], character) {
                Some(length) => {
                    splitter.quoted(&text[at..at + length], character, line);
                    at += length + 1;
                }
                // An apostrophe, or a text that goes on in the next line.
                None => splitter.end_word(),
            },
            '\\' => {
                if let Some(&(escaped, line)) = text.get(at) {
                    splitter.push(escaped, line);
                    at += 1;
                }
            }
            ';' | '&' | '|' | '`' => splitter.end_command(),
            '(' | ')' => {
                splitter.end_command();
                splitter.push(character, line);
                splitter.end_command();
            }
            // `>&2`
            '>' if matches!(text.get(at..at + 2), Some([('&', _), (to, _)]) if to.is_ascii_digit()) =>
            {
                splitter.end_number();
                splitter.end_word();
                at += 2;
            }
            '<' | '>' => splitter.redirect(),
            ',' | '[' | ']' => splitter.end_word(),
            blank if blank.is_whitespace() => splitter.end_word(),
            other => splitter.push(other, line),
        }
    }
    splitter.end_command();
    splitter.commands
}

fn closing(text: &[At], quote: char) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|&(character, _)| {
        let ends = character == quote && !escaped;
        escaped = quote == '"' && character == '\\' && !escaped;
        ends
    })
}

#[derive(Default)]
struct Splitter {
    commands: Vec<Vec<Word>>,
    command: Vec<Word>,
    word: Option<Word>,
}

impl Splitter {
    /// The word that is being read; a new one begins on `line`.
    fn word_at(&mut self, line: usize) -> &mut Word {
        self.word.get_or_insert_with(|| Word {
            text: String::new(),
            line,
            nested: None,
        })
    }

    fn push(&mut self, character: char, line: usize) {
        self.word_at(line).text.push(character);
    }

    /// One word becomes part of the word around it; several are a text of their own.
    fn quoted(&mut self, inner: &[At], quote: char, line: usize) {
        let mut plain = Vec::with_capacity(inner.len());
        let mut escaped = false;
        for &(character, line) in inner {
            escaped = quote == '"' && character == '\\' && !escaped;
            if !escaped {
                plain.push((character, line));
            }
        }
        let separates = |character: char| character.is_whitespace() || "&|;()`".contains(character);
        let several = plain.iter().any(|&(character, _)| separates(character));
        let text = plain.iter().map(|&(character, _)| character);
        if !several {
            self.word_at(line).text.extend(text);
            return;
        }
        let text = text.collect();
        self.end_word();
        self.command.push(Word {
            text,
            line: plain.first().map_or(line, |&(_, line)| line),
            nested: Some(plain),
        });
    }

    fn end_word(&mut self) {
        self.command.extend(self.word.take());
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.command.is_empty() {
            self.commands.push(std::mem::take(&mut self.command));
        }
    }

    /// `2>` redirects; the number is no word. What follows is a file's name.
    fn redirect(&mut self) {
        self.end_number();
        self.end_command();
    }

    /// Drops a number right before a redirection.
    fn end_number(&mut self) {
        let is_number = |word: &Word| word.text.chars().all(|c| c.is_ascii_digit());
        self.word = self.word.take().filter(|word| !is_number(word));
    }
}
