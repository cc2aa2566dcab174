//! Rows and lines: NumPy's arrays, borrowed, and what is drawn from them.

use crate::failure;
use chaintrace_core::lines::Lines;
use chaintrace_core::rows::{Rows, WideAmounts};
use chaintrace_core::units::{Units, Wide};
use num_bigint::BigUint;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::{PyIndexError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Transfers in position order. The arrays stay NumPy's and must not change any more.
#[pyclass(frozen, name = "Rows")]
pub struct PyRows {
    sender: Py<PyArray1<i32>>,
    receiver: Py<PyArray1<i32>>,
    amount: Py<PyArray2<u64>>,
    wide: WideAmounts,
    kind: Py<PyArray1<u8>>,
    asset: Py<PyArray1<u32>>,
    nature: Py<PyArray1<u8>>,
}

#[pymethods]
impl PyRows {
    /// `wide`: (row, 32 big-endian bytes) by ascending row. `asset`, `nature`: one entry a pot; `nature` may be empty.
    #[new]
    fn new(
        py: Python<'_>,
        sender: Py<PyArray1<i32>>,
        receiver: Py<PyArray1<i32>>,
        amount: Py<PyArray2<u64>>,
        wide: Vec<(u32, [u8; 32])>,
        kind: Py<PyArray1<u8>>,
        asset: Py<PyArray1<u32>>,
        nature: Py<PyArray1<u8>>,
    ) -> PyResult<Self> {
        let wide = WideAmounts {
            rows: wide.iter().map(|(row, _)| *row).collect(),
            values: wide.iter().map(|(_, bytes)| Wide::from_be_slice(bytes)).collect(),
        };
        let made = PyRows {
            sender,
            receiver,
            amount,
            wide,
            kind,
            asset,
            nature,
        };
        made.check(py)?;
        Ok(made)
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.read(py, |rows| rows.len())
    }
}

impl PyRows {
    /// Calls `work` with the rows, the GIL released.
    pub fn read<T: Send>(&self, py: Python<'_>, work: impl FnOnce(Rows<'_>) -> T + Send) -> PyResult<T> {
        let (sender, receiver) = (self.sender.bind(py).readonly(), self.receiver.bind(py).readonly());
        let (amount, kind) = (self.amount.bind(py).readonly(), self.kind.bind(py).readonly());
        let (asset, nature) = (self.asset.bind(py).readonly(), self.nature.bind(py).readonly());
        let rows = Rows {
            sender: slice(&sender)?,
            receiver: slice(&receiver)?,
            amount: pairs(&amount)?,
            wide: &self.wide,
            kind: slice(&kind)?,
            asset: slice(&asset)?,
            nature: slice(&nature)?,
        };
        Ok(py.detach(|| work(rows)))
    }

    fn check(&self, py: Python<'_>) -> PyResult<()> {
        let lengths = self.read(py, |rows| {
            let fits = |pots: &[i32]| pots.iter().all(|&pot| pot >= -1 && pot < rows.asset.len() as i32);
            let one_a_row = [rows.sender.len(), rows.receiver.len(), rows.kind.len()]
                .iter()
                .all(|&n| n == rows.len());
            let one_a_pot = rows.nature.is_empty() || rows.nature.len() == rows.asset.len();
            (one_a_row && one_a_pot, fits(rows.sender) && fits(rows.receiver))
        })?;
        match lengths {
            (true, true) => Ok(()),
            (false, _) => Err(PyValueError::new_err("the columns of the rows have different lengths")),
            (_, false) => Err(PyIndexError::new_err("a row names a pot that is not there")),
        }
    }
}

/// The in-lines and out-lines of rows, drawn when they are first needed.
#[pyclass(frozen, name = "Lines")]
pub struct PyLines {
    pub rows: Py<PyRows>,
    opening: bool,
    drawn: OnceLock<Lines>,
    asked: AtomicBool,
}

#[pymethods]
impl PyLines {
    #[new]
    fn new(rows: Py<PyRows>, opening: bool) -> Self {
        PyLines {
            rows,
            opening,
            drawn: OnceLock::new(),
            asked: AtomicBool::new(false),
        }
    }

    /// Units that had entered and left `pot` just before `row`.
    fn totals(&self, py: Python<'_>, pot: u32, row: u32) -> PyResult<(BigUint, BigUint)> {
        let lines = self.drawn(py)?;
        let (entered, left) = self.rows.get().read(py, |rows| lines.totals::<Wide>(&rows, pot, row))?;
        Ok((entered.to_big(), left.to_big()))
    }

    /// How many rows from `first` to `last` (excluded) enter `pot`.
    fn arrivals(&self, py: Python<'_>, pot: u32, first: u32, last: u32) -> PyResult<usize> {
        let lots = self.drawn(py)?.lots(pot);
        let [low, high] = [first, last].map(|row| lots.partition_point(|lot| lot.arrived() < i64::from(row)));
        let arrived = lots.get(low..high).unwrap_or_default().iter();
        Ok(arrived.filter_map(|lot| lot.row()).filter(|&row| row >= first).count())
    }

    /// The rows that leave `pot`, then those that enter it, each ascending.
    fn rows_of(&self, py: Python<'_>, pot: u32) -> PyResult<Vec<u32>> {
        let lines = self.drawn(py)?;
        let entering = lines.lots(pot).iter().filter_map(|lot| lot.row());
        Ok(lines.out_rows(pot).iter().copied().chain(entering).collect())
    }

    /// Units that entered `pot` unexplained before `until`, those at its head included.
    fn unexplained(&self, py: Python<'_>, pot: u32, until: u32) -> PyResult<BigUint> {
        let lines = self.drawn(py)?;
        let sum = self.rows.get().read(py, |rows| {
            let lots = lines.lots(pot).iter().enumerate();
            lots.filter(|(_, lot)| lot.row().is_none() && lot.arrived() < i64::from(until))
                .map(|(i, _)| lines.lot_size::<Wide>(&rows, pot, i))
                .fold(Wide::ZERO, |sum, size| sum + size)
        })?;
        Ok(sum.to_big())
    }

    /// Bytes that the lines take.
    fn nbytes(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.drawn(py)?.bytes())
    }
}

impl PyLines {
    /// The lines; MemoryError where they do not fit.
    pub fn drawn(&self, py: Python<'_>) -> PyResult<&Lines> {
        if self.drawn.get().is_none() {
            let lines = self.rows.get().read(py, |rows| Lines::draw(&rows, self.opening))?;
            let _ = self.drawn.set(lines.map_err(failure::error)?);
        }
        self.drawn
            .get()
            .ok_or_else(|| PyRuntimeError::new_err("no lines were drawn"))
    }

    /// Whether this is the first question, and nothing is drawn yet.
    pub fn is_fresh(&self) -> bool {
        !self.asked.swap(true, Ordering::Relaxed) && self.drawn.get().is_none()
    }
}

fn slice<'a, T: numpy::Element>(array: &'a PyReadonlyArray1<'_, T>) -> PyResult<&'a [T]> {
    array.as_slice().map_err(|_| PyValueError::new_err("an array has gaps"))
}

fn pairs<'a>(array: &'a PyReadonlyArray2<'_, u64>) -> PyResult<&'a [[u64; 2]]> {
    let flat = array
        .as_slice()
        .map_err(|_| PyValueError::new_err("an array has gaps"))?;
    match flat.as_chunks::<2>() {
        (pairs, []) if pairs.len() == array.shape()[0] => Ok(pairs),
        _ => Err(PyValueError::new_err("amounts are pairs of halves")),
    }
}
