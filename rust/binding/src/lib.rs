//! The kernel as a Python module: arrays in, arrays out, the GIL released in between.
use pyo3::prelude::*;
#[pymodule]
fn _native(_m: &Bound<'_, PyModule>) -> PyResult<()> { Ok(()) }
