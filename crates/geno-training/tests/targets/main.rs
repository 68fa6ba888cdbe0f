//! States to train on, on disk.

mod apart;
mod building;
mod demo;
mod held_out;
mod hostile;
mod identity;
mod made_up;
mod reading;
mod true_states;

type Outcome = Result<(), Box<dyn std::error::Error>>;
