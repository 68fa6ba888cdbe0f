//! Answers, as they are or as the script spoils them.

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    net::{Shutdown, TcpStream},
};

use serde_json::{Value, json};

use super::{
    fault::FaultKind,
    host::{Outgoing, Payload},
};

/// Sends an answer and closes the connection.
pub(super) fn send(
    mut stream: &TcpStream,
    mut answer: Outgoing,
    fault: Option<&FaultKind>,
) -> io::Result<()> {
    if fault == Some(&FaultKind::Lose) {
        return stream.shutdown(Shutdown::Both);
    }
    if let (Payload::Bytes(bytes), Some(fault)) = (&mut answer.body, fault) {
        spoil_listing(bytes, fault);
    }
    let (mut body, mut size) = open(answer.body)?;
    let mut sent = u64::MAX;
    match *fault.unwrap_or(&FaultKind::Lose) {
        FaultKind::Flip => {
            let mut first = [0];
            let n = body.read(&mut first)?;
            first[0] ^= 1;
            body = Box::new(Cursor::new(first).take(n as u64).chain(body));
        }
        FaultKind::Cut(n) => {
            size = size.min(n);
            sent = n;
        }
        FaultKind::DropDown(n) => sent = n,
        FaultKind::Length(n) => size = n,
        _ => {}
    }
    let mut head = format!("HTTP/1.1 {} Status\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    // 204 has no body, and says nothing of it.
    if answer.status != 204 {
        head += &format!("Content-Length: {size}\r\n");
    }
    head += "Connection: close\r\n\r\n";
    stream.write_all(head.as_bytes())?;
    io::copy(&mut body.take(sent), &mut stream)?;
    stream.flush()?;
    stream.shutdown(Shutdown::Both)
}

/// The bytes of a body, and how many they are.
pub(crate) fn open(body: Payload) -> io::Result<(Box<dyn Read>, u64)> {
    match body {
        Payload::Bytes(bytes) => {
            let size = bytes.len() as u64;
            Ok((Box::new(Cursor::new(bytes)), size))
        }
        Payload::File { path, start, size } => {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(start))?;
            Ok((Box::new(file), size - start))
        }
    }
}

/// Leaves a row out of a listing, or adds one.
fn spoil_listing(bytes: &mut Vec<u8>, fault: &FaultKind) {
    let Ok(Value::Array(mut rows)) = serde_json::from_slice(bytes) else {
        return;
    };
    let is = |row: &Value, name: &str| row["path"] == name || row["name"] == name;
    match fault {
        FaultKind::Hide(name) => rows.retain(|row| !is(row, name)),
        FaultKind::Extra(name) => {
            let key = if rows.iter().any(|row| row.get("path").is_some()) {
                "path"
            } else {
                "name"
            };
            let mut row = json!({"type": "file", "id": 0, "state": "uploaded", "size": 1});
            row[key] = json!(name);
            rows.push(row);
        }
        _ => return,
    }
    *bytes = Value::from(rows).to_string().into_bytes();
}
