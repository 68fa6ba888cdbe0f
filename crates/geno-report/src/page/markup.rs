//! Pieces of HTML that more than one section has.

use std::{
    io::{self, Write},
    ops::Deref,
};

use geno_plot::escaped;

use crate::figure::{Figure, Numbers};

/// A picture, how to read it, and its numbers.
pub(super) fn figure(out: &mut impl Write, figure: &Figure, id: &str) -> io::Result<()> {
    let svg = figure.picture.to_inline(&format!("{id}-"));
    let (title, note) = (escaped(figure.picture.title()), escaped(&figure.note));
    writeln!(
        out,
        "<figure><div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{title}\">{svg}</div>\n\
         <figcaption>{note}</figcaption>\n<details><summary>Numbers: {title}</summary>"
    )?;
    numbers(out, &figure.numbers, figure.picture.title())?;
    writeln!(out, "</details></figure>")
}

/// A table; a first column names its rows.
pub(super) fn numbers(out: &mut impl Write, numbers: &Numbers, caption: &str) -> io::Result<()> {
    let caption = escaped(caption);
    write!(
        out,
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\"><table>\
         <caption class=\"unseen\">{caption}</caption><thead><tr>"
    )?;
    for name in &numbers.heading {
        write!(out, "<th scope=\"col\">{}</th>", escaped(name))?;
    }
    writeln!(out, "</tr></thead><tbody>")?;
    for row in &numbers.rows {
        write!(out, "<tr>")?;
        for (i, cell) in row.iter().enumerate() {
            let cell = escaped(cell);
            match i {
                0 => write!(out, "<th scope=\"row\">{cell}</th>")?,
                _ => write!(out, "<td>{cell}</td>")?,
            }
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

/// A list of texts under a heading; nothing of none.
pub(super) fn texts(
    out: &mut impl Write,
    heading: &str,
    texts: &[impl Deref<Target = str>],
) -> io::Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    write!(out, "<h4>{heading}</h4><ul>")?;
    for text in texts {
        write!(out, "<li>{}</li>", escaped(text))?;
    }
    writeln!(out, "</ul>")
}
