//! The kernel as a Python module: arrays in, arrays out, the GIL released in between.
#![allow(clippy::type_complexity)] // signatures are Python's, spelt out
#![allow(clippy::too_many_arguments)]

mod failure;
mod ingest;
mod outcome;
mod pages;
mod question;
mod rows;

use pyo3::prelude::*;

#[global_allocator]
static PAGES: pages::Pages = pages::Pages;

/// `chaintrace._native`: for `chaintrace.graph` and `chaintrace.taint` alone.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("DEBUG", cfg!(debug_assertions))?;
    module.add_class::<rows::PyRows>()?;
    module.add_class::<rows::PyLines>()?;
    module.add_class::<question::PyStops>()?;
    module.add_class::<question::PyQuestion>()?;
    module.add_class::<outcome::PyOutcome>()?;
    module.add_function(wrap_pyfunction!(outcome::ask, module)?)?;
    ingest::register(module)
}
