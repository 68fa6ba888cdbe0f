//! Streams of training tuples.

mod drawn;
mod held_out;
mod stream;
mod world;

type Outcome = Result<(), Box<dyn std::error::Error>>;
