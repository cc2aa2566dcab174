//! The choice of the width and of the method.

use crate::failure::Result;
use crate::fifo::Fifo;
use crate::lifo::Lifo;
use crate::lines::Lines;
use crate::lots::follow;
use crate::outcome::{Moves, Outcome};
use crate::poison::{reach, search_at, settled};
use crate::question::{Method, Question, Span};
use crate::sweep::sweep;
use crate::units::{Units, Wide};
use crate::walk::Pace;

/// What a question is answered with, in the width that it needs.
#[derive(Debug, Clone)]
pub enum Answer {
    /// No sum can need more than 128 bits.
    Narrow(Outcome<u128>),
    /// An asset that the seeds or the links touch is wide.
    Wide(Outcome<Wide>),
}

/// Follows the question's seeds. `OutOfRange` for rows and pots that are not there, `Interrupted` when asked to stop,
/// `NotPerTransaction` where TIHO meets an account, `OutOfMemory`.
pub fn answer(question: &Question, lines: &Lines) -> Result<Answer> {
    if is_wide(question, lines) {
        return Ok(Answer::Wide(by_method(question, lines)?));
    }
    Ok(Answer::Narrow(by_method(question, lines)?))
}

impl Answer {
    /// Whether rests are still to be added: what the pots that poison reached hold in the end.
    pub fn is_settled(&self) -> bool {
        match self {
            Answer::Narrow(outcome) => outcome.reached.is_empty(),
            Answer::Wide(outcome) => outcome.reached.is_empty(),
        }
    }

    /// Whether the hops of moves are told.
    pub fn has_hops(&self) -> bool {
        match self {
            Answer::Narrow(outcome) => outcome.moves.hops.len() == outcome.moves.row.len(),
            Answer::Wide(outcome) => outcome.moves.hops.len() == outcome.moves.row.len(),
        }
    }

    /// The answer again, with the hops of its moves.
    pub fn with_hops(&self, question: &Question, lines: &Lines) -> Result<Answer> {
        Ok(match self {
            Answer::Narrow(_) => Answer::Narrow(reach(question, lines)?),
            Answer::Wide(_) => Answer::Wide(reach(question, lines)?),
        })
    }

    /// The rests of the answer, all of them; its moves are left out.
    pub fn settled(&self, question: &Question, lines: &Lines) -> Result<Answer> {
        Ok(match self {
            Answer::Narrow(outcome) => Answer::Narrow(settled(question, lines, without_moves(outcome))?),
            Answer::Wide(outcome) => Answer::Wide(settled(question, lines, without_moves(outcome))?),
        })
    }
}

fn without_moves<U: Units>(outcome: &Outcome<U>) -> Outcome<U> {
    Outcome {
        moves: Moves::default(),
        rests: outcome.rests.clone(),
        planted: vec![],
        crossings: vec![],
        reached: outcome.reached.clone(),
    }
}

fn by_method<U: Units>(question: &Question, lines: &Lines) -> Result<Outcome<U>> {
    match question.method {
        Method::Fifo => follow(
            question,
            lines,
            Fifo {
                rows: question.rows,
                lines,
            },
        ),
        Method::Lifo => follow(question, lines, Lifo::new(question.rows, lines, question.forward)),
        Method::Haircut | Method::DirtyFirst | Method::Tiho => sweep(question, lines),
        Method::Poison => search_at(question, lines, Pace::Adaptive),
    }
}

/// The answer without lines, where it can be had: poison from rows, found by one look at every row. For who asks once.
pub fn answer_at_once(question: &Question) -> Option<Result<Answer>> {
    let rows_only = question.pots.is_empty() && question.spans.iter().all(|span| matches!(span, Span::Row { .. }));
    if question.method != Method::Poison || !rows_only {
        return None;
    }
    let undrawn = Lines::default();
    Some(if question.rows.wide.rows.is_empty() {
        search_at(question, &undrawn, Pace::Scan).map(Answer::Narrow)
    } else {
        search_at(question, &undrawn, Pace::Scan).map(Answer::Wide)
    })
}

/// Whether a seed's asset or that of a linked row is wide: units go nowhere else.
fn is_wide(question: &Question, lines: &Lines) -> bool {
    let row = |row: u32| lines.is_wide(question.near(row, true));
    let spans = question.spans.iter().any(|span| match *span {
        Span::Row { row: at, .. } => row(at),
        Span::Arrivals { pot, .. } => lines.is_wide(pot),
    });
    let pots = question.pots.iter().any(|seed| lines.is_wide(seed.pot));
    let links = question.links.conversions.iter();
    spans
        || pots
        || links
            .flat_map(|link| link.sources.iter().chain(&link.targets))
            .any(|&at| row(at))
}
