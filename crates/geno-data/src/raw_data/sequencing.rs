//! Raw data in JSON rows that name their own alleles: Sequencing.com.

mod row;

use std::{
    cell::Cell,
    fmt,
    io::{self, BufRead, BufReader},
    rc::Rc,
};

use serde::de::{
    DeserializeSeed, Deserializer as _, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Deserializer, Value};

pub(crate) use self::row::ExplicitCall;
use self::row::parse_row;
use super::{
    call::RejectedCall,
    error::{ImportError, Stop},
    table::{Read, Watch},
};

/// Most bytes that one row may take.
const MAX_JSON_ROW: u64 = 1 << 20;

/// Keys under which the rows may stand, the first preferred.
const ROW_KEYS: [&str; 3] = ["variants", "records", "data"];

/// Reads a list of rows, or an object that holds one.
pub(crate) fn read_json(
    text: &mut dyn BufRead,
    watch: &mut Watch<'_>,
) -> Result<Read<ExplicitCall>, Stop> {
    let room = Rc::new(Cell::new(u64::MAX));
    let guarded = Guarded {
        text,
        room: Rc::clone(&room),
    };
    let path = watch.path.to_owned();
    let mut rows = Rows {
        read: Read::default(),
        watch,
        room: Rc::clone(&room),
        found: None,
        stop: None,
    };
    // The guard must see the bytes of a row, not those of a whole buffer, so this one is small.
    let mut json = Deserializer::from_reader(BufReader::with_capacity(1 << 12, guarded));
    let outcome = json.deserialize_any(&mut rows).and_then(|()| json.end());
    let (stop, read) = (rows.stop.take(), rows.read);
    if let Some(stop) = stop {
        return Err(stop);
    }
    match outcome {
        Ok(()) => Ok(read),
        Err(error) if room.get() == 0 => Err(ImportError::LongRow {
            path,
            line: error.line(),
            limit: MAX_JSON_ROW,
        }
        .into()),
        Err(error) if error.is_io() => {
            Err(ImportError::of_read(&path, io::Error::from(error)).into())
        }
        Err(error) => Err(ImportError::Json {
            path,
            line: error.line(),
            column: error.column(),
        }
        .into()),
    }
}

/// Text of which no row may take more than there is room for.
struct Guarded<'a> {
    text: &'a mut dyn BufRead,
    room: Rc<Cell<u64>>,
}

impl io::Read for Guarded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.text.read(buffer)?;
        match self.room.get() {
            u64::MAX => {}
            room => self.room.set(room.saturating_sub(n as u64)),
        }
        match self.room.get() {
            0 => Err(io::ErrorKind::FileTooLarge.into()),
            _ => Ok(n),
        }
    }
}

struct Rows<'a, 'w> {
    read: Read<ExplicitCall>,
    watch: &'a mut Watch<'w>,
    room: Rc<Cell<u64>>,
    /// Which of [`ROW_KEYS`] the rows stood under.
    found: Option<usize>,
    stop: Option<Stop>,
}

impl Rows<'_, '_> {
    fn add(&mut self, value: &Value) -> Result<(), Stop> {
        let line = self.read.counts.rows + 1;
        let row = parse_row(value, line, &mut self.read.build);
        let row = row
            .map(Some)
            .map_err(|(fault, id)| RejectedCall { line, fault, id });
        self.read.add(self.watch, row)
    }

    fn list<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        loop {
            self.room.set(MAX_JSON_ROW);
            let Some(value) = list.next_element::<Value>()? else {
                break;
            };
            if let Err(stop) = self.add(&value) {
                self.stop = Some(stop);
                return Err(A::Error::custom("stopped"));
            }
        }
        self.room.set(u64::MAX);
        Ok(())
    }
}

impl<'de> Visitor<'de> for &mut Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows, or an object that holds one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.found = Some(0);
        self.list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let place = ROW_KEYS.iter().position(|known| *known == key);
            match place {
                Some(place) if self.found.is_none_or(|found| place < found) => {
                    let is_list = map.next_value_seed(ListUnder { rows: self })?;
                    if is_list {
                        self.found = Some(place);
                    }
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match self.found {
            Some(_) => Ok(()),
            None => Err(A::Error::custom("no list of rows")),
        }
    }
}

/// Takes the rows of a list, in place of any that were read, and nothing of another value.
struct ListUnder<'r, 'a, 'w> {
    rows: &'r mut Rows<'a, 'w>,
}

impl<'de> DeserializeSeed<'de> for ListUnder<'_, '_, '_> {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, value: D) -> Result<bool, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListUnder<'_, '_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<bool, A::Error> {
        self.rows.read = Read::default();
        self.rows.list(list).map(|()| true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }
}
