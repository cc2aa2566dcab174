//! What a sweep leaves behind: the columns of an `Outcome`, filled in the order of the walk.

use crate::failure::{Failure, Result, filled, push, zeroed};
use crate::outcome::{Bucket, Moves, NO, Outcome, Rests};
use crate::question::{Question, Span};
use crate::units::Units;

/// A move that shows where seeded units of a pot had come from, said when the pot was seeded.
#[derive(Debug, Clone, Copy)]
struct Shown<U> {
    row: u32,
    seed: u32,
    amount: U,
    /// How many moves were known then.
    after: usize,
}

/// Moves and rests so far.
pub(crate) struct Trail<U> {
    forward: bool,
    /// The only seed there is: its columns are filled at the end.
    only: Option<u32>,
    amounts: bool,
    /// `planted` and `crossings` are complete at any time.
    pub out: Outcome<U>,
    shown: Vec<Shown<U>>,
}

impl<U: Units> Trail<U> {
    /// An empty trail; `only` seed, if there are no others; with or without the amounts of moves.
    pub fn new(forward: bool, only: Option<u32>, amounts: bool) -> Self {
        let out = Outcome {
            moves: Moves::default(),
            rests: Rests::default(),
            planted: vec![],
            crossings: vec![],
            reached: vec![],
        };
        Trail {
            forward,
            only,
            amounts,
            out,
            shown: vec![],
        }
    }

    /// A finished trail of one seed without amounts, to be added to.
    pub fn again(forward: bool, out: Outcome<U>) -> Self {
        Trail {
            forward,
            only: Some(0),
            amounts: false,
            out,
            shown: vec![],
        }
    }

    /// Makes room for so many more moves.
    #[inline]
    pub fn reserve(&mut self, moves: usize) -> Result<()> {
        let columns = &mut self.out.moves;
        reserve(&mut columns.row, moves)?;
        reserve(&mut columns.hops, moves)?;
        if self.amounts {
            reserve(&mut columns.amount, moves)?;
        }
        Ok(())
    }

    /// Units moved on a row.
    #[inline]
    pub fn mv(&mut self, row: u32, seed: u32, amount: U, hops: i32) -> Result<()> {
        let moves = &mut self.out.moves;
        push(&mut moves.row, row)?;
        push(&mut moves.hops, hops)?;
        if self.amounts {
            push(&mut moves.amount, amount)?;
        }
        if self.only.is_none() {
            push(&mut moves.seed, seed)?;
        }
        Ok(())
    }

    /// Units that a pot held when it was seeded had come on this row.
    pub fn show(&mut self, row: u32, seed: u32, amount: U) -> Result<()> {
        let after = self.out.moves.row.len();
        push(
            &mut self.shown,
            Shown {
                row,
                seed,
                amount,
                after,
            },
        )
    }

    /// Whether a move on the row is known.
    pub fn has(&self, row: u32) -> bool {
        let order = |at: &u32| if self.forward { at.cmp(&row) } else { row.cmp(at) };
        self.out.moves.row.binary_search_by(order).is_ok()
    }

    /// Makes room for so many more rests.
    pub fn reserve_rests(&mut self, count: usize) -> Result<()> {
        let rests = &mut self.out.rests;
        reserve(&mut rests.bucket, count)?;
        reserve(&mut rests.category, count)?;
        reserve(&mut rests.pot, count)?;
        reserve(&mut rests.row, count)?;
        reserve(&mut rests.amount, count)
    }

    /// Units that ended.
    #[inline]
    pub fn rest(&mut self, end: (Bucket, i32), pot: u32, row: i32, seed: u32, amount: U) -> Result<()> {
        let rests = &mut self.out.rests;
        push(&mut rests.bucket, end.0 as u8)?;
        push(&mut rests.category, end.1)?;
        push(&mut rests.pot, pot)?;
        push(&mut rests.row, row)?;
        push(&mut rests.amount, amount)?;
        if self.only.is_none() {
            push(&mut rests.seed, seed)?;
        }
        Ok(())
    }

    /// What many pots had, of the only seed; it ended there.
    pub fn rest_of_all(&mut self, bucket: Bucket, pots: &[u32], held: impl Fn(u32) -> U) -> Result<()> {
        self.reserve_rests(pots.len())?;
        let rests = &mut self.out.rests;
        let length = rests.bucket.len() + pots.len();
        rests.bucket.resize(length, bucket as u8);
        rests.category.resize(length, NO);
        rests.row.resize(length, NO);
        rests.pot.extend_from_slice(pots);
        rests.amount.extend(pots.iter().map(|&pot| held(pot)));
        Ok(())
    }

    /// All of it.
    pub fn finish(mut self) -> Result<Outcome<U>> {
        if let Some(seed) = self.only {
            self.out.moves.seed = column(seed, self.out.moves.row.len())?;
            self.out.rests.seed = column(seed, self.out.rests.bucket.len())?;
        }
        self.out.rests.mv = filled(NO, self.out.rests.bucket.len())?;
        if !self.shown.is_empty() {
            self.lay_in()?;
        }
        Ok(self.out)
    }

    /// Lays the shown moves among the others: by row, on one row in the order in which they were said.
    fn lay_in(&mut self) -> Result<()> {
        let forward = self.forward;
        let place = |row: u32| if forward { row } else { !row };
        self.shown.sort_by_key(|shown| place(shown.row));
        let known = std::mem::take(&mut self.out.moves);
        let (only, seeds) = (self.only.take(), known.seed);
        let mut next = 0;
        for shown in std::mem::take(&mut self.shown) {
            let (row, after) = (place(shown.row), shown.after);
            while next < known.row.len() && (place(known.row[next]), next) < (row, after) {
                self.mv(
                    known.row[next],
                    seeds[next],
                    amount(&known.amount, next),
                    known.hops[next],
                )?;
                next += 1;
            }
            self.mv(shown.row, shown.seed, shown.amount, 0)?;
        }
        for (i, &seed) in seeds.iter().enumerate().skip(next) {
            self.mv(known.row[i], seed, amount(&known.amount, i), known.hops[i])?;
        }
        self.only = only;
        Ok(())
    }
}

fn amount<U: Units>(amounts: &[U], i: usize) -> U {
    amounts.get(i).copied().unwrap_or_default()
}

fn column(value: u32, length: usize) -> Result<Vec<u32>> {
    if value == 0 {
        zeroed(length)
    } else {
        filled(value, length)
    }
}

/// Room for `more` items, growing by doubling.
fn reserve<T>(items: &mut Vec<T>, more: usize) -> Result<()> {
    items
        .try_reserve(more)
        .map_err(|_| Failure::OutOfMemory(more.saturating_mul(size_of::<T>())))
}

/// The seed of everything, if there is only one.
pub(crate) fn only_seed(question: &Question) -> Option<u32> {
    let spans = question.spans.iter().map(|span| match *span {
        Span::Row { seed, .. } | Span::Arrivals { seed, .. } => seed,
    });
    let mut seeds = spans.chain(question.pots.iter().map(|seed| seed.seed));
    let first = seeds.next().unwrap_or(0);
    seeds.all(|seed| seed == first).then_some(first)
}
