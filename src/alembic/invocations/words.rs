//! Words, as a shell sees them.

use std::borrow::Cow;
use std::ops::Range;

use crate::effort;

/// A text, and the lines that it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lined<'a> {
    pub(super) text: Cow<'a, str>,
    /// The line on which it begins.
    pub(super) line: usize,
    /// Where in it another line begins, in bytes, and that line.
    others: Vec<(usize, usize)>,
}

impl<'a> Lined<'a> {
    pub(super) fn new(line: usize, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            line,
            others: Vec::new(),
        }
    }

    /// Adds a blank, and what of another text is behind `from`.
    pub(super) fn append(&mut self, other: &Self, from: usize) {
        let text = self.text.to_mut();
        let start = text.len();
        text.push(' ');
        text.push_str(&other.text[from..]);
        self.others.push((start, other.line_at(from)));
        let inside = other.others.iter().filter(|(at, _)| *at > from);
        let moved = inside.map(|(at, line)| (start + 1 + at - from, *line));
        self.others.extend(moved);
    }

    /// The line of a byte.
    fn line_at(&self, at: usize) -> usize {
        let behind = self.others.partition_point(|(start, _)| *start <= at);
        let other = behind.checked_sub(1).and_then(|last| self.others.get(last));
        other.map_or(self.line, |(_, line)| *line)
    }

    /// The lines that begin inside of a part, seen from there.
    fn others_in(&self, part: &Range<usize>) -> impl Iterator<Item = (usize, usize)> {
        let first = self.others.partition_point(|(at, _)| *at <= part.start);
        let (start, end) = (part.start, part.end);
        let inside = self.others[first..].iter();
        let inside = inside.take_while(move |(at, _)| *at < end);
        inside.map(move |(at, line)| (at - start, *line))
    }

    pub(super) fn part(&self, part: Range<usize>) -> Lined<'a> {
        let text = match &self.text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[part.clone()]),
            Cow::Owned(text) => Cow::Owned(text[part.clone()].to_owned()),
        };
        Lined {
            text,
            line: self.line_at(part.start),
            others: self.others_in(&part).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) line: usize,
    /// Of a quoted text of several words, which may be a command itself: where in it another line begins.
    others: Option<Vec<(usize, usize)>>,
}

impl<'a> Word<'a> {
    pub(super) fn new(line: usize, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            line,
            others: None,
        }
    }

    /// What a program is given as one argument; several words are a text of their own.
    pub(super) fn argument(line: usize, text: String) -> Self {
        let several = text.contains(char::is_whitespace);
        Self {
            others: several.then(Vec::new),
            ..Self::new(line, text)
        }
    }

    pub(super) fn is_nested(&self) -> bool {
        self.others.is_some()
    }

    pub(super) fn nested(&self) -> Option<Lined<'_>> {
        let others = self.others.clone()?;
        Some(Lined {
            others,
            ..Lined::new(self.line, &*self.text)
        })
    }
}

/// Commands, one behind the other.
#[derive(Default)]
pub(super) struct Commands<'a> {
    words: Vec<Word<'a>>,
    /// How many words there are to the end of each.
    ends: Vec<usize>,
}

impl<'a> Commands<'a> {
    /// None of them is empty.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[Word<'a>]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let ranges = starts.zip(self.ends.iter().copied());
        ranges.map(|(start, end)| &self.words[start..end])
    }

    pub(super) fn words(&self) -> &[Word<'a>] {
        &self.words
    }
}

/// The commands of a line, split at `;`, `&`, `|`, parentheses, backticks and redirections. Each parenthesis is a command of its own. Brackets and commas separate words, so that
/// `["alembic", "upgrade", "head"]` are three.
pub(super) fn commands<'a>(line: &'a Lined<'_>) -> Commands<'a> {
    let text: &str = &line.text;
    effort::count(text.len());
    let mut splitter = Splitter {
        line,
        done: Commands::default(),
        word: None,
        passed: 0,
    };
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let start = at;
        at += character.len_utf8();
        match character {
            '"' | '\'' => match closing(&text[at..], character) {
                Some(length) => {
                    splitter.quoted(at..at + length, character, start);
                    at += length + 1;
                }
                // An apostrophe, or a text that goes on in the next line.
                None => splitter.end_word(),
            },
            '\\' => {
                if let Some(escaped) = text[at..].chars().next() {
                    splitter.push(at..at + escaped.len_utf8());
                    at += escaped.len_utf8();
                }
            }
            ';' | '&' | '|' | '`' => splitter.end_command(),
            '(' | ')' => {
                splitter.end_command();
                splitter.push(start..at);
                splitter.end_command();
            }
            // `>&2`
            '>' if matches!(text.as_bytes().get(at..at + 2), Some([b'&', to]) if to.is_ascii_digit()) =>
            {
                splitter.end_number();
                splitter.end_word();
                at += 2;
            }
            '<' | '>' => splitter.redirect(),
            ',' | '[' | ']' => splitter.end_word(),
            blank if blank.is_whitespace() => splitter.end_word(),
            _ => {
                let more = text.as_bytes()[at..].iter();
                at += more.take_while(|byte| is_of_word(**byte)).count();
                splitter.push(start..at);
            }
        }
    }
    splitter.end_command();
    splitter.done
}

/// Bytes that mean nothing to a shell.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b'=' | b':')
}

fn closing(text: &str, quote: char) -> Option<usize> {
    if quote == '\'' {
        return text.find(quote);
    }
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// A word that is being read: a part of the line as it is, as far as that goes.
struct Open<'a> {
    text: Cow<'a, str>,
    start: usize,
    end: usize,
}

struct Splitter<'a> {
    line: &'a Lined<'a>,
    done: Commands<'a>,
    word: Option<Open<'a>>,
    /// How many of the other lines have begun.
    passed: usize,
}

impl<'a> Splitter<'a> {
    /// The line of a byte. No byte is asked for that is before one that was.
    fn line_at(&mut self, at: usize) -> usize {
        let others = &self.line.others;
        let new = others[self.passed..]
            .iter()
            .take_while(|(start, _)| *start <= at);
        self.passed += new.count();
        let other = self.passed.checked_sub(1).and_then(|last| others.get(last));
        other.map_or(self.line.line, |(_, line)| *line)
    }

    fn push(&mut self, part: Range<usize>) {
        let whole: &'a str = &self.line.text;
        match &mut self.word {
            None => {
                self.word = Some(Open {
                    text: Cow::Borrowed(&whole[part.clone()]),
                    start: part.start,
                    end: part.end,
                });
            }
            Some(word) => {
                match &mut word.text {
                    Cow::Borrowed(text) if word.end == part.start => {
                        *text = &whole[part.end - text.len() - part.len()..part.end];
                    }
                    text => text.to_mut().push_str(&whole[part.clone()]),
                }
                word.end = part.end;
            }
        }
    }

    /// One word becomes part of the word around it; several are a text of their own. `start` is where the quote is.
    fn quoted(&mut self, inner: Range<usize>, quote: char, start: usize) {
        let (text, others) = self.plain(inner.clone(), quote);
        let separates = |byte: u8| byte.is_ascii_whitespace() || b"&|;()`\x0b".contains(&byte);
        let several =
            text.bytes().any(separates) || !text.is_ascii() && text.contains(char::is_whitespace);
        if !several {
            let word = self.word.get_or_insert(Open {
                text: Cow::Borrowed(""),
                start,
                end: start,
            });
            match word.text.is_empty() {
                true => word.text = text,
                false => word.text.to_mut().push_str(&text),
            }
            word.end = inner.end;
            return;
        }
        self.end_word();
        // The first character that is not an escape.
        let first = inner.start
            + usize::from(
                quote == '"'
                    && text.len() < inner.len()
                    && self.line.text[inner.start..].starts_with('\\'),
            );
        let line = self.line_at(first);
        self.done.words.push(Word {
            text,
            line,
            others: Some(others),
        });
    }

    /// A quoted text without the backslashes that escape in it, and where other lines begin in that.
    fn plain(&self, inner: Range<usize>, quote: char) -> (Cow<'a, str>, Vec<(usize, usize)>) {
        let text: &'a str = &self.line.text[inner.clone()];
        let others = self.line.others_in(&inner);
        if quote != '"' || !text.contains('\\') {
            return (Cow::Borrowed(text), others.collect());
        }
        let mut others = others.peekable();
        let mut moved = Vec::new();
        let mut plain = String::with_capacity(text.len());
        let mut escaped = false;
        for (at, character) in text.char_indices() {
            while let Some((_, line)) = others.next_if(|(start, _)| *start <= at) {
                moved.push((plain.len(), line));
            }
            escaped = character == '\\' && !escaped;
            if !escaped {
                plain.push(character);
            }
        }
        (Cow::Owned(plain), moved)
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take() {
            let line = self.line_at(word.start);
            self.done.words.push(Word::new(line, word.text));
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        let end = self.done.words.len();
        if self.done.ends.last().copied().unwrap_or(0) < end {
            self.done.ends.push(end);
        }
    }

    /// `2>` redirects; the number is no word. What follows is a file's name.
    fn redirect(&mut self) {
        self.end_number();
        self.end_command();
    }

    /// Drops a number right before a redirection.
    fn end_number(&mut self) {
        let is_number = |word: &Open| word.text.bytes().all(|byte| byte.is_ascii_digit());
        self.word = self.word.take().filter(|word| !is_number(word));
    }
}
