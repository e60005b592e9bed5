//! A small HTML writer. Markup is static text of the program; everything else goes through [`Html::text`] or an
//! attribute's value and is escaped there, so that nothing from the wire can become markup.

use super::plain;

/// A document being written.
#[derive(Debug, Default)]
pub struct Html {
    out: String,
}

/// Name and value of an attribute; the value is escaped.
pub type Attribute<'a> = (&'static str, &'a str);

impl Html {
    /// An empty document.
    pub fn new() -> Html {
        Html::default()
    }

    /// Markup as it stands. Static, so that it cannot hold anything from the wire.
    pub fn raw(&mut self, markup: &'static str) -> &mut Html {
        self.out.push_str(markup);
        self
    }

    /// Text, escaped; characters that deceive the eye are made visible.
    pub fn text(&mut self, text: &str) -> &mut Html {
        self.escaped(text)
    }

    /// Opens an element.
    pub fn open(&mut self, tag: &'static str, attributes: &[Attribute<'_>]) -> &mut Html {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            if !value.is_empty() {
                self.out.push_str("=\"");
                self.escaped(value);
                self.out.push('"');
            }
        }
        self.out.push('>');
        self
    }

    /// An attribute, between the pieces of an opening tag written with [`Html::raw`].
    pub fn attribute(&mut self, name: &'static str, value: &str) -> &mut Html {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.escaped(value);
        self.out.push('"');
        self
    }

    /// Closes an element.
    pub fn close(&mut self, tag: &'static str) -> &mut Html {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
        self
    }

    /// An element that holds text.
    pub fn el(&mut self, tag: &'static str, attributes: &[Attribute<'_>], text: &str) -> &mut Html {
        self.open(tag, attributes).text(text).close(tag)
    }

    /// A paragraph.
    pub fn p(&mut self, text: &str) -> &mut Html {
        self.el("p", &[], text).raw("\n")
    }

    /// Text of the project's own pages: blank lines separate paragraphs, `- ` begins an item, backquotes mark words.
    pub fn page(&mut self, text: &str) -> &mut Html {
        for part in text.trim().split("\n\n").filter(|p| !p.trim().is_empty()) {
            if part.trim_start().starts_with("- ") {
                self.raw("<ul>");
                for item in part.trim_start().strip_prefix("- ").unwrap_or(part).split("\n- ") {
                    self.raw("<li>").marked(item).raw("</li>");
                }
                self.raw("</ul>\n");
            } else {
                self.raw("<p>").marked(part).raw("</p>\n");
            }
        }
        self
    }

    fn marked(&mut self, text: &str) -> &mut Html {
        let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (i, part) in joined.split('`').enumerate() {
            if i % 2 == 1 {
                self.el("code", &[], part);
            } else {
                self.text(part);
            }
        }
        self
    }

    /// The document.
    pub fn done(self) -> String {
        self.out
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Nothing was written.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    fn escaped(&mut self, text: &str) -> &mut Html {
        for c in plain(text).chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                c => self.out.push(c),
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_markup() {
        let mut h = Html::new();
        h.el("a", &[("title", "\"><script>x</script>")], "<img src=x onerror='x'>\u{202e}&");
        let text = h.done();
        assert_eq!(
            text,
            "<a title=\"&quot;&gt;&lt;script&gt;x&lt;/script&gt;\">&lt;img src=x onerror=&#39;x&#39;&gt;\u{fffd}&amp;</a>"
        );
    }

    #[test]
    fn pages_become_paragraphs_and_lists() {
        let mut h = Html::new();
        h.page("One `two`\nthree.\n\n- a\n- b");
        assert_eq!(h.done(), "<p>One <code>two</code> three.</p>\n<ul><li>a</li><li>b</li></ul>\n");
    }
}
