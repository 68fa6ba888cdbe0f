//! Text inside of markup.

/// Text as it stands between the tags or in the quoted attributes of HTML and SVG. Characters that XML
/// cannot hold are replaced by U+FFFD.
///
/// ```
/// assert_eq!(geno_plot::escaped("</b> & \"\u{1}\""), "&lt;/b&gt; &amp; &quot;\u{fffd}&quot;");
/// ```
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' => escaped.push(c),
            // Line ends are made one kind by every parser, the other controls are no XML.
            '\0'..' ' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}
