//! The question, from Python's values.

use crate::failure::too_large;
use crate::rows::PyLines;
use chaintrace_core::question::{Conversion, Links, Method, Question, SeedPot, Span, Stops, Window};
use chaintrace_core::rows::Rows;
use chaintrace_core::units::Wide;
use num_bigint::BigUint;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// (row, or pot of arrivals; start, or first row; stop, or last row + 1), with the seed and which of both it is.
type SpanOf = (bool, u32, u32, BigUint, BigUint);
type PotOf = (u32, u32, u32, Option<BigUint>, Vec<(u32, BigUint)>);
/// sources, targets, source_at, target_at, n, m
type LinkOf = (Vec<u32>, Vec<u32>, Vec<BigUint>, Vec<BigUint>, BigUint, BigUint);

/// Stops, for any number of questions.
#[pyclass(frozen, name = "Stops")]
pub struct PyStops {
    stops: Stops,
}

#[pymethods]
impl PyStops {
    /// `windows`: (pot, first, last, category), in the order in which they count.
    #[new]
    fn new(windows: Vec<(u32, u32, u32, u32)>) -> Self {
        let mut stops = FxHashMap::<u32, Vec<Window>>::default();
        for (pot, first, last, category) in windows {
            stops.entry(pot).or_default().push(Window { first, last, category });
        }
        PyStops { stops: Arc::new(stops) }
    }
}

/// One trace, without its rows. Fields as `chaintrace.taint.question.Question`.
#[pyclass(frozen, name = "Question")]
pub struct PyQuestion {
    method: Method,
    forward: bool,
    spans: Vec<Span>,
    pots: Vec<SeedPot>,
    until: u32,
    stops: Py<PyStops>,
    unfetched: Option<Py<PyArray1<bool>>>,
    max_hops: Option<u32>,
    min_amount: Vec<Wide>,
    links: Links,
}

#[pymethods]
impl PyQuestion {
    /// `spans`: (is_row, seed, row or pot, start or first, stop or last). `unlined`: (row, pot).
    #[new]
    fn new(
        method: &str,
        forward: bool,
        spans: Vec<SpanOf>,
        pots: Vec<PotOf>,
        until: u32,
        stops: Py<PyStops>,
        unfetched: Option<Py<PyArray1<bool>>>,
        max_hops: Option<u32>,
        min_amount: Vec<BigUint>,
        links: Vec<LinkOf>,
        unlined: Vec<(u32, u32)>,
    ) -> PyResult<Self> {
        Ok(PyQuestion {
            method: method_named(method)?,
            forward,
            spans: spans.into_iter().map(span).collect::<PyResult<_>>()?,
            pots: pots.into_iter().map(seed_pot).collect::<PyResult<_>>()?,
            until,
            stops,
            unfetched,
            max_hops,
            min_amount: min_amount.iter().map(wide).collect::<PyResult<_>>()?,
            links: all_links(links, unlined),
        })
    }
}

impl PyQuestion {
    /// Calls `work` with the question about `lines`, the GIL released.
    pub fn ask<T: Send>(
        &self,
        py: Python<'_>,
        lines: &PyLines,
        interrupted: &(dyn Fn() -> bool + Sync),
        work: impl FnOnce(&Question<'_>) -> T + Send,
    ) -> PyResult<T> {
        let unfetched = self.unfetched.as_ref().map(|mask| mask.bind(py).readonly());
        let unfetched = unfetched.as_ref().map_or(Ok(&[][..]), |mask| mask.as_slice());
        let unfetched = unfetched.map_err(|_| PyValueError::new_err("an array has gaps"))?;
        lines
            .rows
            .get()
            .read(py, |rows| work(&self.about(rows, unfetched, interrupted)))
    }

    fn about<'a>(
        &'a self,
        rows: Rows<'a>,
        unfetched: &'a [bool],
        interrupted: &'a (dyn Fn() -> bool + Sync),
    ) -> Question<'a> {
        Question {
            rows,
            links: &self.links,
            method: self.method,
            forward: self.forward,
            spans: self.spans.clone(),
            pots: self.pots.clone(),
            until: self.until,
            stops: self.stops.get().stops.clone(),
            unfetched,
            max_hops: self.max_hops,
            min_amount: self.min_amount.clone(),
            interrupted,
        }
    }
}

fn method_named(name: &str) -> PyResult<Method> {
    Ok(match name {
        "fifo" => Method::Fifo,
        "lifo" => Method::Lifo,
        "haircut" => Method::Haircut,
        "dirty-first" => Method::DirtyFirst,
        "tiho" => Method::Tiho,
        "poison" => Method::Poison,
        _ => return Err(PyValueError::new_err(format!("method {name:?} is not known"))),
    })
}

fn span((is_row, seed, at, first, last): SpanOf) -> PyResult<Span> {
    if is_row {
        return Ok(Span::Row {
            seed,
            row: at,
            start: wide(&first)?,
            stop: wide(&last)?,
        });
    }
    let row = |number: BigUint| u32::try_from(number).map_err(|_| PyValueError::new_err("no such row"));
    Ok(Span::Arrivals {
        seed,
        pot: at,
        first: row(first)?,
        last: row(last)?,
    })
}

fn seed_pot((seed, pot, row, cap, rows): PotOf) -> PyResult<SeedPot> {
    let rows = rows
        .iter()
        .map(|(row, amount)| Ok((*row, wide(amount)?)))
        .collect::<PyResult<_>>()?;
    Ok(SeedPot {
        seed,
        pot,
        row,
        cap: cap.as_ref().map(wide).transpose()?,
        rows,
    })
}

fn all_links(links: Vec<LinkOf>, unlined: Vec<(u32, u32)>) -> Links {
    let mut all = Links {
        unlined: unlined.into_iter().collect(),
        ..Links::default()
    };
    for (number, (sources, targets, source_at, target_at, n, m)) in (0u32..).zip(links) {
        all.leaves.extend(sources.iter().map(|&row| (row, number)));
        all.enters.extend(targets.iter().map(|&row| (row, number)));
        all.conversions.push(Conversion {
            sources,
            targets,
            source_at,
            target_at,
            n,
            m,
        });
    }
    all
}

fn wide(amount: &BigUint) -> PyResult<Wide> {
    Wide::try_from_le_slice(&amount.to_bytes_le()).ok_or_else(too_large)
}
