//! The kernels against plain arithmetic in `f64`, against each other, and against themselves with
//! other neighbours and threads.

mod attention;
mod plain;
mod products;
mod tokens;
mod training;
