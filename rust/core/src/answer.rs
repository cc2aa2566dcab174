//! The choice of the width and of the method.

use crate::failure::Result;
use crate::fifo::Fifo;
use crate::lifo::Lifo;
use crate::lines::Lines;
use crate::lots::follow;
use crate::outcome::Outcome;
use crate::poison::reach;
use crate::question::{Method, Question, Span};
use crate::sweep::sweep;
use crate::units::{Units, Wide};

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
        Method::Poison => reach(question, lines),
    }
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
