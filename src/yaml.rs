//! YAML: what a document holds, and where. The only module that uses the parser.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::read::{MOST_VALUES, has_too_many_values};

/// How deep a file may be nested to be read. Real configurations are far from it; a file that is deeper is not read.
const DEEPEST: usize = 40;

/// A value, and where it is written.
#[derive(Debug, Clone)]
pub struct Node {
    pub value: Value,
    /// The anchor's number; 0 for none.
    pub anchor: usize,
    tag: Option<String>,
    /// Whether it is a collection in brackets.
    pub brackets: bool,
    /// The bytes of a scalar, and of a collection in brackets. Of an indented collection, from its first value to the end of
    /// its last.
    pub bytes: Range<usize>,
}

#[derive(Debug, Clone)]
pub enum Value {
    Scalar { text: String, plain: bool },
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
    Alias(usize),
}

/// A collection that is being read.
struct Open {
    node: Node,
    /// A mapping's key without its value.
    key: Option<Node>,
}

/// The only document of the text; none if it holds nothing. The error says why it cannot be used.
pub fn read(text: &str) -> Result<Option<Node>, String> {
    if has_too_many_values(text) {
        return Err(format!(
            "it holds more than {MOST_VALUES} values, the most that is read of such a file"
        ));
    }
    let mut offsets = Vec::with_capacity(text.len() + 1);
    let ends = text.char_indices().map(|(offset, _)| offset);
    offsets.extend(
        ends.chain([text.len()])
            .filter_map(|offset| u32::try_from(offset).ok()),
    );
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| error.to_string())?;
        let bytes = bytes(&offsets, span);
        let done = match event {
            Event::DocumentStart(_) if root.is_some() => {
                return Err("it holds several documents".to_owned());
            }
            Event::SequenceStart(anchor, tag) => {
                let value = Value::Sequence(Vec::new());
                begin(&mut open, node(value, anchor, tag.as_deref(), bytes))?;
                None
            }
            Event::MappingStart(anchor, tag) => {
                let value = Value::Mapping(Vec::new());
                begin(&mut open, node(value, anchor, tag.as_deref(), bytes))?;
                None
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let closed = open.pop().map(|open| open.node);
                closed.map(|node| node.closed(text, bytes.start))
            }
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                let text = text.into_owned();
                let value = Value::Scalar { text, plain };
                Some(node(value, anchor, tag.as_deref(), bytes))
            }
            Event::Alias(anchor) => Some(node(Value::Alias(anchor), 0, None, bytes)),
            _ => None,
        };
        match (done, open.last_mut()) {
            (Some(node), Some(open)) => open.take(node),
            (Some(node), None) => root = Some(node),
            (None, _) => {}
        }
    }
    // A document that holds nothing is an empty scalar.
    Ok(root.filter(|root| !root.bytes.is_empty() || root.tag.is_some()))
}

fn bytes(offsets: &[u32], span: Span) -> Range<usize> {
    let at = |index: usize| {
        let offset = offsets.get(index).or(offsets.last());
        offset.map_or(0, |offset| *offset as usize)
    };
    at(span.start.index())..at(span.end.index())
}

fn node(
    value: Value,
    anchor: usize,
    tag: Option<&saphyr_parser::Tag>,
    bytes: Range<usize>,
) -> Node {
    let collection = matches!(value, Value::Sequence(_) | Value::Mapping(_));
    Node {
        value,
        anchor,
        // One that is indented has no sign of its own.
        brackets: collection && !bytes.is_empty(),
        tag: tag.map(ToString::to_string),
        bytes,
    }
}

fn begin(open: &mut Vec<Open>, node: Node) -> Result<(), String> {
    if open.len() >= DEEPEST {
        return Err("it is nested too deeply".to_owned());
    }
    open.push(Open { node, key: None });
    Ok(())
}

impl Open {
    fn take(&mut self, node: Node) {
        self.node.bytes.end = self.node.bytes.end.max(node.bytes.end);
        match (&mut self.node.value, self.key.take()) {
            (Value::Sequence(items), _) => items.push(node),
            (Value::Mapping(entries), Some(key)) => entries.push((key, node)),
            (Value::Mapping(_), None) => self.key = Some(node),
            _ => {}
        }
    }
}

impl Node {
    /// With the end of a collection in brackets: the parser's own place for it may be a comma before, and goes on behind it.
    fn closed(mut self, text: &str, near: usize) -> Self {
        let bracket = match text.get(self.bytes.start..self.bytes.end) {
            Some(written) if written.starts_with('[') => Some(']'),
            Some(written) if written.starts_with('{') => Some('}'),
            _ => None,
        };
        let bracket = bracket.filter(|_| self.brackets);
        if let Some(at) = bracket.and_then(|bracket| text.get(near..)?.find(bracket)) {
            self.bytes.end = near + at + 1;
        }
        self
    }

    /// The same value, written the same way: anchors and tags count, places do not.
    pub fn same(&self, other: &Self) -> bool {
        self.anchor == other.anchor
            && self.tag == other.tag
            && self.compare(other, &Self::same)
            && match (&self.value, &other.value) {
                (Value::Scalar { plain: one, .. }, Value::Scalar { plain: two, .. }) => one == two,
                _ => true,
            }
    }

    /// The same value, whether or not scalars are quoted, without any anchor or tag.
    pub fn means(&self, other: &Self) -> bool {
        self.anchor == 0 && self.tag.is_none() && self.compare(other, &Self::means)
    }

    fn compare(&self, other: &Self, same: &dyn Fn(&Self, &Self) -> bool) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar { text: one, .. }, Value::Scalar { text: two, .. }) => one == two,
            (Value::Alias(one), Value::Alias(two)) => one == two,
            (Value::Sequence(one), Value::Sequence(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| same(one, two))
            }
            (Value::Mapping(one), Value::Mapping(two)) => {
                let both = |(one, two): (&(Self, Self), &(Self, Self))| {
                    same(&one.0, &two.0) && same(&one.1, &two.1)
                };
                one.len() == two.len() && one.iter().zip(two).all(both)
            }
            _ => false,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    pub fn entries(&self) -> Option<&[(Node, Node)]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        let mut entries = self.entries()?.iter();
        entries
            .find(|(name, _)| name.text() == Some(key))
            .map(|(_, value)| value)
    }

    /// What an alias stands for, below this node.
    pub fn anchored(&self, anchor: usize) -> Option<&Node> {
        if self.anchor == anchor {
            return Some(self);
        }
        match &self.value {
            Value::Sequence(items) => items.iter().find_map(|item| item.anchored(anchor)),
            Value::Mapping(entries) => entries
                .iter()
                .find_map(|(key, value)| key.anchored(anchor).or_else(|| value.anchored(anchor))),
            Value::Scalar { .. } | Value::Alias(_) => None,
        }
    }
}
