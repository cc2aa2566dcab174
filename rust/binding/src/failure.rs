//! The kernel's failures as Python's exceptions, and Ctrl-C during long work.

use chaintrace_core::failure::Failure;
use pyo3::exceptions::{PyIndexError, PyKeyboardInterrupt, PyMemoryError, PyOverflowError, PyValueError};
use pyo3::prelude::*;
use std::sync::Mutex;

/// MemoryError(bytes), KeyboardInterrupt, ValueError (TIHO) or IndexError; the room that asked words them.
pub fn error(failure: Failure) -> PyErr {
    match failure {
        Failure::OutOfMemory(bytes) => PyMemoryError::new_err(bytes),
        Failure::Interrupted => PyKeyboardInterrupt::new_err(()),
        Failure::NotPerTransaction => PyValueError::new_err("not per transaction"),
        Failure::OutOfRange(what) => PyIndexError::new_err(what),
    }
}

/// An amount that no row can have.
pub fn too_large() -> PyErr {
    PyOverflowError::new_err("an amount is above 2^320")
}

/// Asks Python now and then whether a signal has come, and keeps what its handler raised.
#[derive(Default)]
pub struct Signals(Mutex<Option<PyErr>>);

impl Signals {
    /// Whether to stop.
    pub fn came(&self) -> bool {
        let Err(raised) = Python::attach(|py| py.check_signals()) else {
            return false;
        };
        if let Ok(mut kept) = self.0.lock() {
            *kept = Some(raised);
        }
        true
    }

    /// The exception for `failure`: what a signal's handler raised, where it was one.
    pub fn error(&self, failure: Failure) -> PyErr {
        let raised = self.0.lock().ok().and_then(|mut kept| kept.take());
        raised.unwrap_or_else(|| error(failure))
    }
}
