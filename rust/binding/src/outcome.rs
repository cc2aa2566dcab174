//! The outcome, as NumPy's columns.

use crate::failure::{Signals, error};
use crate::question::PyQuestion;
use crate::rows::PyLines;
use chaintrace_core::answer::{self, Answer};
use chaintrace_core::failure::Result;
use chaintrace_core::lines::Lines;
use chaintrace_core::question::Question;
use chaintrace_core::sums;
use chaintrace_core::units::Units;
use num_bigint::BigUint;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use std::sync::OnceLock;

type Numbers<'py> = Bound<'py, PyArray1<u32>>;
type Signed<'py> = Bound<'py, PyArray1<i32>>;
/// Little-endian 64-bit words, one line an amount: two words, or five where an asset is wide.
type Amounts<'py> = Bound<'py, PyArray2<u64>>;

/// What the kernel answers; columns are made when asked for.
#[pyclass(frozen, name = "Outcome")]
pub struct PyOutcome {
    answer: Answer,
    settled: OnceLock<Answer>,
    hopped: OnceLock<Answer>,
    question: Py<PyQuestion>,
    lines: Py<PyLines>,
}

macro_rules! either {
    ($answer:expr, $outcome:ident => $do:expr) => {
        match $answer {
            Answer::Narrow($outcome) => $do,
            Answer::Wide($outcome) => $do,
        }
    };
}

/// Answers a question. Lines are drawn for it, unless it is the first and can be answered by one look at every row.
#[pyfunction]
pub fn ask(py: Python<'_>, question: Py<PyQuestion>, lines: Py<PyLines>) -> PyResult<PyOutcome> {
    let signals = Signals::default();
    let (asked, about) = (question.get(), lines.get());
    let at_once = match about.is_fresh() {
        true => asked.ask(py, about, &|| signals.came(), answer::answer_at_once)?,
        false => None,
    };
    let answer = match at_once {
        Some(answer) => answer,
        None => {
            let drawn = about.drawn(py)?;
            asked.ask(py, about, &|| signals.came(), |asked| answer::answer(asked, drawn))?
        }
    };
    let answer = answer.map_err(|failure| signals.error(failure))?;
    let (settled, hopped) = (OnceLock::new(), OnceLock::new());
    Ok(PyOutcome {
        answer,
        settled,
        hopped,
        question,
        lines,
    })
}

#[pymethods]
impl PyOutcome {
    fn __len__(&self) -> usize {
        either!(&self.answer, outcome => outcome.moves.row.len())
    }

    /// row, seed, amount (None: whole rows), hops, start (None but for lots), parent (None but for lots)
    fn moves<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(
        Numbers<'py>,
        Numbers<'py>,
        Option<Amounts<'py>>,
        Signed<'py>,
        Option<Amounts<'py>>,
        Option<Signed<'py>>,
    )> {
        either!(self.hopped(py)?, outcome => {
            let moves = &outcome.moves;
            let lots = moves.parent.len() == moves.row.len();
            Ok((
                moves.row.clone().into_pyarray(py),
                moves.seed.clone().into_pyarray(py),
                (moves.amount.len() == moves.row.len()).then(|| words(py, &moves.amount)).transpose()?,
                moves.hops.clone().into_pyarray(py),
                lots.then(|| words(py, &moves.start)).transpose()?,
                lots.then(|| moves.parent.clone().into_pyarray(py)),
            ))
        })
    }

    /// bucket, category, pot, row, seed, amount, move
    fn rests<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(
        Bound<'py, PyArray1<u8>>,
        Signed<'py>,
        Numbers<'py>,
        Signed<'py>,
        Numbers<'py>,
        Amounts<'py>,
        Signed<'py>,
    )> {
        either!(self.settled(py)?, outcome => {
            let rests = &outcome.rests;
            Ok((
                rests.bucket.clone().into_pyarray(py),
                rests.category.clone().into_pyarray(py),
                rests.pot.clone().into_pyarray(py),
                rests.row.clone().into_pyarray(py),
                rests.seed.clone().into_pyarray(py),
                words(py, &rests.amount)?,
                rests.mv.clone().into_pyarray(py),
            ))
        })
    }

    /// (pot, seed, amount) in the order of planting
    fn planted(&self) -> Vec<(u32, u32, BigUint)> {
        either!(&self.answer, outcome => listed(&outcome.planted))
    }

    /// (row, seed, amount) in the order of crossing
    fn crossings(&self) -> Vec<(u32, u32, BigUint)> {
        either!(&self.answer, outcome => listed(&outcome.crossings))
    }

    /// Sums by (asset, bucket, category) of the rests, and by asset of what was planted and of what crossed.
    fn sums(
        &self,
        py: Python<'_>,
    ) -> PyResult<(Vec<(u32, u8, i32, BigUint)>, Vec<(u32, BigUint)>, Vec<(u32, BigUint)>)> {
        self.about(py, |question, answer| {
            either!(answer, outcome => (
                sums::rests(outcome, &question.rows),
                sums::planted(outcome, &question.rows),
                sums::crossings(outcome, question),
            ))
        })
    }

    /// Sums of the rows moved on, by asset: whole rows where the method says no amounts.
    fn moved(&self, py: Python<'_>) -> PyResult<Vec<(u32, BigUint)>> {
        self.about(
            py,
            |question, answer| either!(answer, outcome => sums::moved(outcome, question)),
        )
    }
}

impl PyOutcome {
    /// The answer with all its rests.
    fn settled(&self, py: Python<'_>) -> PyResult<&Answer> {
        if self.answer.is_settled() {
            return Ok(&self.answer);
        }
        self.later(py, &self.settled, Answer::settled)
    }

    /// The answer with the hops of its moves.
    fn hopped(&self, py: Python<'_>) -> PyResult<&Answer> {
        if self.answer.has_hops() {
            return Ok(&self.answer);
        }
        self.later(py, &self.hopped, Answer::with_hops)
    }

    fn later<'a>(
        &'a self,
        py: Python<'_>,
        kept: &'a OnceLock<Answer>,
        work: fn(&Answer, &Question<'_>, &Lines) -> Result<Answer>,
    ) -> PyResult<&'a Answer> {
        if kept.get().is_none() {
            let drawn = self.lines.get().drawn(py)?;
            let found = self.about(py, |question, answer| work(answer, question, drawn))?;
            let _ = kept.set(found.map_err(error)?);
        }
        Ok(kept.get().unwrap_or(&self.answer))
    }

    fn about<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&Question<'_>, &Answer) -> T + Send) -> PyResult<T> {
        self.question
            .get()
            .ask(py, self.lines.get(), &|| false, |question| work(question, &self.answer))
    }
}

fn listed<U: Units>(entries: &[(u32, u32, U)]) -> Vec<(u32, u32, BigUint)> {
    entries
        .iter()
        .map(|&(at, seed, amount)| (at, seed, amount.to_big()))
        .collect()
}

fn words<'py, U: Units>(py: Python<'py>, amounts: &[U]) -> PyResult<Amounts<'py>> {
    let width = if U::WIDE { 5 } else { 2 };
    let mut words = Vec::with_capacity(amounts.len() * width);
    for amount in amounts {
        words.extend_from_slice(&amount.to_wide().as_limbs()[..width]);
    }
    words.into_pyarray(py).reshape([amounts.len(), width])
}
