//! How deep a file is nested, told by its tokens alone: whoever walks the tree of a file that is too deep needs a stack without an end.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer::lex};

/// Python's own compiler refuses 200 brackets in each other, and gives up at some thousand levels of anything else.
const DEEPEST: usize = 1_000;

/// Whether a file is nested deeper than is read. What only may nest counts: every operator of an expression.
pub(super) fn too_deep(source: &str) -> bool {
    may_be_deep(source) && is_deep(source)
}

/// Whether a file has so many signs and words that some could nest that deep: most have not, and need no look at their tokens.
fn may_be_deep(source: &str) -> bool {
    let in_word = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'_') | (byte >= 0x80);
    let starts = |before: u8, byte: u8| match in_word(byte) {
        true => !in_word(before),
        false => byte != b' ',
    };
    let bytes = source.as_bytes();
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    let number = pairs.filter(|(before, byte)| starts(**before, **byte));
    bytes.len() > DEEPEST && number.count() >= DEEPEST
}

fn is_deep(source: &str) -> bool {
    let mut lexer = lex(source, Mode::Module);
    // The operators before the last comma, for the statement and for each open bracket.
    let mut open = vec![0_usize];
    let (mut depth, mut indents) = (0, 0_usize);
    loop {
        let kind = lexer.next_token();
        let outermost = open.len() == 1;
        let Some(last) = open.last_mut() else {
            return false;
        };
        match kind {
            TokenKind::EndOfFile => return false,
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                depth += 1;
                open.push(0);
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if !outermost => {
                depth -= 1 + *last;
                open.pop();
                // `a[0][0]` nests, too.
                if let Some(outer) = open.last_mut() {
                    depth += 1;
                    *outer += 1;
                }
            }
            TokenKind::Comma | TokenKind::Semi | TokenKind::Newline => {
                depth -= *last;
                *last = 0;
            }
            kind if nests(kind) => {
                depth += 1;
                *last += 1;
            }
            _ => {}
        }
        if depth + indents > DEEPEST {
            return true;
        }
    }
}

fn nests(kind: TokenKind) -> bool {
    kind.is_operator() && !matches!(kind, TokenKind::Equal | TokenKind::Comma | TokenKind::Semi)
        || matches!(
            kind,
            TokenKind::Not
                | TokenKind::Lambda
                | TokenKind::If
                | TokenKind::Else
                | TokenKind::Await
                | TokenKind::Yield
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_nest_is_seen() {
        for (before, after) in [
            ("f(", ")"),
            ("[", "]"),
            ("{1: ", "}"),
            ("a.", ""),
            ("1 + ", ""),
            ("2 ** ", ""),
            ("not ", ""),
            ("-", ""),
            ("await ", ""),
            ("lambda: ", ""),
            ("1 if a else ", ""),
            ("(a := ", ")"),
        ] {
            let nested =
                |times: usize| format!("x = {}a{}\n", before.repeat(times), after.repeat(times));
            assert!(!too_deep(&nested(400)), "{before}");
            assert!(too_deep(&nested(1_100)), "{before}");
        }
        assert!(too_deep(&format!("x = a{}\n", "[0]".repeat(1_100))));
        let blocks: String = (0..1_100)
            .map(|depth| " ".repeat(depth) + "if a:\n")
            .collect();
        assert!(too_deep(&(blocks + &" ".repeat(1_100) + "pass\n")));
    }

    #[test]
    fn long_files_are_not_deep() {
        for text in [
            "x = [\n".to_owned() + &"    f(a.b, 1 + 2, (3, 4)),\n".repeat(5_000) + "]\n",
            "f(a.b)\n".repeat(5_000),
            "x = {\n".to_owned() + &"    'a': b.c,\n".repeat(5_000) + "}\n",
            "if a:\n    pass\n".to_owned() + &"elif a.b:\n    pass\n".repeat(5_000),
            "x = (\n".to_owned() + &"    'a'\n".repeat(5_000) + ")\n",
            ")]}\n".repeat(5_000),
            "'unclosed".to_owned(),
        ] {
            assert!(!too_deep(&text), "{}", &text[..4]);
        }
    }
}
