//! What the tests of the network share: a server that misbehaves by script, and a release to serve.

pub(crate) mod release;
pub(crate) mod server;
pub(crate) mod tls;
pub(crate) mod world;
