//! Following lots: the engine of FIFO and LIFO, forwards and backwards.
//!
//! A piece is a stretch of one row with the road that brought it there. Rows are visited in position order (backwards in
//! reverse), so that everything which reaches a row is there when the row is visited; a unit belongs to the first seed
//! that touches it, and every unit has exactly one road.

use crate::events::Events;
use crate::failure::{Failure, Result, push};
use crate::lines::{Lines, Lot};
use crate::outcome::{Bucket, Moves, NO, Outcome, Rests};
use crate::question::{Question, SeedPot, Span};
use crate::stretch::{Part, Stretch};
use crate::units::Units;
use rustc_hash::{FxHashMap, FxHashSet};

/// Which unit of a pot's in-line leaves as which unit of its out-line. What is found is appended.
pub trait Matching<U> {
    /// The rows on which units of one of the pot's lots leave it, in order; what is missing is still held.
    fn onward(&mut self, pot: u32, part: Part<U>, found: &mut Vec<Stretch<U>>) -> Result<()>;

    /// The lots from which units of a row that leaves the pot came, in order.
    fn origin(&mut self, pot: u32, from: Stretch<U>, found: &mut Vec<Part<U>>) -> Result<()>;

    /// The lots, or parts of them, that the pot holds just before `row`, the longest held first.
    fn held(&mut self, pot: u32, row: u32, found: &mut Vec<Part<U>>) -> Result<()>;
}

/// Every piece of the seeds to where it ends.
pub fn follow<U: Units>(question: &Question, lines: &Lines, matching: impl Matching<U>) -> Result<Outcome<U>> {
    Follower::new(question, lines, matching)?.run()
}

/// Visits between two questions whether to stop.
const PATIENCE: u32 = 1 << 16;

/// Units `start` to `stop` of a row.
#[derive(Debug, Clone, Copy)]
struct Piece<U> {
    start: U,
    stop: U,
    seed: u32,
    hops: i32,
    /// The move that brought it.
    parent: i32,
    /// Whether a link brought it.
    crossed: bool,
}

/// Pieces on their way to rows, of each row in the order in which they were sent.
struct Arriving<U> {
    /// Each with the number of the next to the same row.
    pieces: Vec<(Piece<U>, u32)>,
    /// By row, its first and last piece.
    ends: FxHashMap<u32, (u32, u32)>,
    /// Numbers to use again: the first of a chain.
    free: u32,
}

const END: u32 = u32::MAX;

impl<U: Units> Arriving<U> {
    fn send(&mut self, row: u32, piece: Piece<U>) -> Result<()> {
        let number = self.number(piece)?;
        self.ends
            .try_reserve(1)
            .map_err(|_| Failure::OutOfMemory(size_of::<(u32, (u32, u32))>()))?;
        let ends = self.ends.entry(row).or_insert((number, number));
        if ends.1 != number {
            self.pieces[ends.1 as usize].1 = number;
            ends.1 = number;
        }
        Ok(())
    }

    fn number(&mut self, piece: Piece<U>) -> Result<u32> {
        if self.free != END {
            let number = self.free;
            self.free = self.pieces[number as usize].1;
            self.pieces[number as usize] = (piece, END);
            return Ok(number);
        }
        let number = u32::try_from(self.pieces.len()).ok().filter(|&number| number != END);
        push(&mut self.pieces, (piece, END))?;
        number.ok_or_else(|| Failure::OutOfRange("more pieces than can be numbered".to_owned()))
    }

    fn of(&self, row: u32) -> impl Iterator<Item = &Piece<U>> {
        let mut next = self.ends.get(&row).map_or(END, |ends| ends.0);
        std::iter::from_fn(move || {
            let (piece, after) = self.pieces.get(next as usize)?;
            next = *after;
            Some(piece)
        })
    }

    /// Appends what has reached the row and forgets it.
    fn take(&mut self, row: u32, pieces: &mut Vec<Piece<U>>) -> Result<()> {
        for piece in self.of(row) {
            push(pieces, *piece)?;
        }
        if let Some((first, last)) = self.ends.remove(&row) {
            self.pieces[last as usize].1 = self.free;
            self.free = first;
        }
        Ok(())
    }
}

/// Units seeded on a row.
struct Plant<U> {
    row: u32,
    seed: u32,
    start: U,
    stop: U,
}

struct Follower<'a, U, M> {
    q: &'a Question<'a>,
    matching: M,
    events: Events,
    plants: Vec<Plant<U>>,
    planted: usize,
    /// Numbers of the question's pots in the order of the walk.
    moments: Vec<u32>,
    arriving: Arriving<U>,
    /// Stretches of lots that are some seed's already, where it matters.
    taken: FxHashMap<(u32, Lot), Vec<(U, U)>>,
    watched: FxHashSet<u32>,
    out: Outcome<U>,
    scratch: Scratch<U>,
}

/// Memory that every visit uses again.
struct Scratch<U> {
    reached: Vec<Piece<U>>,
    pieces: Vec<Piece<U>>,
    stretches: Vec<Stretch<U>>,
    parts: Vec<Part<U>>,
}

impl<'a, U: Units, M: Matching<U>> Follower<'a, U, M> {
    fn new(q: &'a Question<'a>, lines: &Lines, matching: M) -> Result<Self> {
        let mut events = Events::new(q.rows.len(), q.forward)?;
        let plants = plants(q, lines)?;
        plants.iter().try_for_each(|plant| events.push(plant.row as usize))?;
        let out = Outcome {
            moves: Moves::default(),
            rests: Rests::default(),
            planted: Vec::new(),
            crossings: Vec::new(),
            reached: Vec::new(),
        };
        Ok(Follower {
            q,
            matching,
            events,
            plants,
            planted: 0,
            moments: moments(q)?,
            arriving: Arriving {
                pieces: Vec::new(),
                ends: FxHashMap::default(),
                free: END,
            },
            taken: FxHashMap::default(),
            watched: q.pots.iter().map(|seed| seed.pot).collect(),
            out,
            scratch: Scratch {
                reached: Vec::new(),
                pieces: Vec::new(),
                stretches: Vec::new(),
                parts: Vec::new(),
            },
        })
    }

    fn run(mut self) -> Result<Outcome<U>> {
        let mut moments = std::mem::take(&mut self.moments).into_iter().peekable();
        let (q, mut visits) = (self.q, 0);
        loop {
            let row = self.events.peek().map(|row| row as u32);
            let is_due = |at: u32| row.is_none_or(|row| if q.forward { at <= row } else { at > row });
            if let Some(i) = moments.next_if(|&i| is_due(q.pots[i as usize].row)) {
                self.plant_pot(&q.pots[i as usize])?;
                continue;
            }
            let Some(row) = row else { return Ok(self.out) };
            self.events.pop();
            visits += 1;
            if visits % PATIENCE == 0 && (q.interrupted)() {
                return Err(Failure::Interrupted);
            }
            self.visit(row)?;
        }
    }

    /// Everything that reaches `row` is known: moves it on.
    fn visit(&mut self, row: u32) -> Result<()> {
        let (mut reached, mut pieces) = (
            std::mem::take(&mut self.scratch.reached),
            std::mem::take(&mut self.scratch.pieces),
        );
        self.arriving.take(row, &mut reached)?;
        for piece in reached.drain(..) {
            if piece.crossed {
                self.arrive_crossed(row, piece, &mut pieces)?;
            } else {
                self.arrive(row, piece, &mut pieces)?;
            }
        }
        self.plant(row, &mut pieces)?;
        for piece in pieces.drain(..) {
            self.step(row, piece)?;
        }
        (self.scratch.reached, self.scratch.pieces) = (reached, pieces);
        Ok(())
    }

    /// What a link brings is new only where nothing is yet.
    fn arrive_crossed(&mut self, row: u32, piece: Piece<U>, pieces: &mut Vec<Piece<U>>) -> Result<()> {
        for (start, stop) in gaps(piece.start, piece.stop, pieces) {
            push(&mut self.out.crossings, (row, piece.seed, stop - start))?;
            self.arrive(row, Piece { start, stop, ..piece }, pieces)?;
        }
        Ok(())
    }

    fn arrive(&mut self, row: u32, piece: Piece<U>, pieces: &mut Vec<Piece<U>>) -> Result<()> {
        match self.q.cut(row, piece.stop - piece.start, piece.hops) {
            Some(bucket) => self.rest((bucket, NO), self.q.side(row), row as i32, &piece, piece.parent),
            None => push(pieces, piece),
        }
    }

    fn plant(&mut self, row: u32, pieces: &mut Vec<Piece<U>>) -> Result<()> {
        while let Some(plant) = self.plants.get(self.planted).filter(|plant| plant.row == row) {
            self.planted += 1;
            for (start, stop) in gaps(plant.start, plant.stop, pieces) {
                push(&mut self.out.planted, (self.q.side(row), plant.seed, stop - start))?;
                push(
                    pieces,
                    Piece {
                        start,
                        stop,
                        seed: plant.seed,
                        hops: 0,
                        parent: NO,
                        crossed: false,
                    },
                )?;
            }
        }
        Ok(())
    }

    fn step(&mut self, row: u32, piece: Piece<U>) -> Result<()> {
        let mv = self.moved(row, &piece)?;
        let ends = if self.q.forward {
            self.q.rows.receiver
        } else {
            self.q.rows.sender
        };
        let pot = ends.get(row as usize).and_then(|&pot| u32::try_from(pot).ok());
        if self.q.forward
            && let Some(pot) = pot.filter(|pot| self.watched.contains(pot))
        {
            self.take(
                pot,
                Part {
                    lot: Lot::of_row(row),
                    start: piece.start,
                    stop: piece.stop,
                },
            )?;
        }
        match (self.q.end(row), pot) {
            (Some(end), _) => {
                self.rest(end, self.q.far(row), row as i32, &piece, mv)?;
                if end.0 == Bucket::LinkedOut {
                    self.cross(row, piece, mv)
                } else {
                    Ok(())
                }
            }
            (None, Some(pot)) if self.q.forward => self.onward(pot, row, piece, mv),
            (None, Some(pot)) => self.origin(pot, row, piece, mv),
            (None, None) => Ok(()),
        }
    }

    fn moved(&mut self, row: u32, piece: &Piece<U>) -> Result<i32> {
        let moves = &mut self.out.moves;
        let number = i32::try_from(moves.row.len());
        push(&mut moves.row, row)?;
        push(&mut moves.seed, piece.seed)?;
        push(&mut moves.amount, piece.stop - piece.start)?;
        push(&mut moves.hops, piece.hops)?;
        push(&mut moves.start, piece.start)?;
        push(&mut moves.parent, piece.parent)?;
        number.map_err(|_| Failure::OutOfRange("more moves than can be numbered".to_owned()))
    }

    fn onward(&mut self, pot: u32, row: u32, piece: Piece<U>, mv: i32) -> Result<()> {
        let mut found = std::mem::take(&mut self.scratch.stretches);
        let part = Part {
            lot: Lot::of_row(row),
            start: piece.start,
            stop: piece.stop,
        };
        self.matching.onward(pot, part, &mut found)?;
        let mut held = piece.stop - piece.start;
        for stretch in found.drain(..).filter(|stretch| stretch.row < self.q.until) {
            held -= stretch.stop - stretch.start;
            let hops = piece.hops.saturating_add(self.q.step(stretch.row));
            self.send(stretch, piece.seed, hops, mv, false)?;
        }
        self.scratch.stretches = found;
        if held.is_zero() {
            Ok(())
        } else {
            self.rest_of((self.q.left(pot), NO), pot, NO, piece.seed, held, mv)
        }
    }

    fn origin(&mut self, pot: u32, row: u32, piece: Piece<U>, mv: i32) -> Result<()> {
        let mut found = std::mem::take(&mut self.scratch.parts);
        self.matching.origin(
            pot,
            Stretch {
                row,
                start: piece.start,
                stop: piece.stop,
            },
            &mut found,
        )?;
        for part in found.drain(..) {
            let hops = part
                .lot
                .row()
                .map_or(0, |row| piece.hops.saturating_add(self.q.step(row)));
            self.trace_back(pot, part, piece.seed, hops, mv)?;
        }
        self.scratch.parts = found;
        Ok(())
    }

    /// Backwards: units of a lot came on its row, or nobody knows how.
    fn trace_back(&mut self, pot: u32, part: Part<U>, seed: u32, hops: i32, mv: i32) -> Result<()> {
        if let Some(row) = part.lot.row() {
            return self.send(
                Stretch {
                    row,
                    start: part.start,
                    stop: part.stop,
                },
                seed,
                hops,
                mv,
                false,
            );
        }
        self.take(pot, part)?;
        self.rest_of((self.q.unknown(pot), NO), pot, NO, seed, part.stop - part.start, mv)
    }

    fn cross(&mut self, row: u32, piece: Piece<U>, mv: i32) -> Result<()> {
        let links = self.q.links;
        let number = if self.q.forward {
            links.leaves.get(&row)
        } else {
            links.enters.get(&row)
        };
        let Some(link) = number.and_then(|&number| links.conversions.get(number as usize)) else {
            return Ok(());
        };
        let stretch = Stretch {
            row,
            start: piece.start,
            stop: piece.stop,
        };
        let found = if self.q.forward {
            link.onward(stretch)
        } else {
            link.origin(stretch)
        };
        found
            .into_iter()
            .try_for_each(|stretch| self.send(stretch, piece.seed, piece.hops, mv, true))
    }

    fn send(&mut self, to: Stretch<U>, seed: u32, hops: i32, parent: i32, crossed: bool) -> Result<()> {
        self.events.push(to.row as usize)?;
        self.arriving.send(
            to.row,
            Piece {
                start: to.start,
                stop: to.stop,
                seed,
                hops,
                parent,
                crossed,
            },
        )
    }

    /// What a pot holds at a moment: forwards it goes on from there, backwards its lots are where it came from.
    fn plant_pot(&mut self, seed: &SeedPot) -> Result<()> {
        let (mut found, mut held) = (Vec::new(), Vec::new());
        self.matching.held(seed.pot, seed.row, &mut found)?;
        for part in found {
            for (start, stop) in outside(part.start, part.stop, self.touched(seed.pot, part.lot)) {
                push(&mut self.out.planted, (seed.pot, seed.seed, stop - start))?;
                push(
                    &mut held,
                    Part {
                        lot: part.lot,
                        start,
                        stop,
                    },
                )?;
            }
        }
        if self.q.forward {
            return self.release(seed, &held);
        }
        held.into_iter()
            .try_for_each(|part| self.trace_back(seed.pot, part, seed.seed, 0, NO))
    }

    /// The stretches of a lot that are some seed's already; backwards those that will be when the lot is visited.
    fn touched(&self, pot: u32, lot: Lot) -> Vec<(U, U)> {
        let mut touched = self.taken.get(&(pot, lot)).cloned().unwrap_or_default();
        if let Some(row) = lot.row().filter(|_| !self.q.forward) {
            touched.extend(self.arriving.of(row).map(|piece| (piece.start, piece.stop)));
        }
        touched
    }

    /// What a pot held is one holding: units of several lots that leave side by side on one row are one piece.
    fn release(&mut self, seed: &SeedPot, held: &[Part<U>]) -> Result<()> {
        let (mut left, mut onward) = (U::default(), Vec::new());
        for &part in held {
            self.take(seed.pot, part)?;
            self.matching.onward(seed.pot, part, &mut onward)?;
            left += part.stop - part.start;
        }
        onward.retain(|stretch| stretch.row < self.q.until);
        for stretch in joined(onward) {
            left -= stretch.stop - stretch.start;
            self.send(stretch, seed.seed, self.q.step(stretch.row), NO, false)?;
        }
        if left.is_zero() {
            return Ok(());
        }
        self.rest_of((self.q.left(seed.pot), NO), seed.pot, NO, seed.seed, left, NO)
    }

    fn take(&mut self, pot: u32, part: Part<U>) -> Result<()> {
        self.taken
            .try_reserve(1)
            .map_err(|_| Failure::OutOfMemory(size_of::<((u32, Lot), Vec<(U, U)>)>()))?;
        push(self.taken.entry((pot, part.lot)).or_default(), (part.start, part.stop))
    }

    fn rest(&mut self, end: (Bucket, i32), pot: u32, row: i32, piece: &Piece<U>, mv: i32) -> Result<()> {
        self.rest_of(end, pot, row, piece.seed, piece.stop - piece.start, mv)
    }

    fn rest_of(&mut self, end: (Bucket, i32), pot: u32, row: i32, seed: u32, amount: U, mv: i32) -> Result<()> {
        let rests = &mut self.out.rests;
        push(&mut rests.bucket, end.0 as u8)?;
        push(&mut rests.category, end.1)?;
        push(&mut rests.pot, pot)?;
        push(&mut rests.row, row)?;
        push(&mut rests.seed, seed)?;
        push(&mut rests.amount, amount)?;
        push(&mut rests.mv, mv)
    }
}

/// Seeded stretches of rows before `until` in the order of the walk; on one row in seed order.
fn plants<U: Units>(q: &Question, lines: &Lines) -> Result<Vec<Plant<U>>> {
    let mut plants = Vec::new();
    for span in &q.spans {
        match *span {
            Span::Row { seed, row, start, stop } if row < q.until => {
                if row as usize >= q.rows.len() {
                    return Err(Failure::OutOfRange(format!("row {row} of {}", q.rows.len())));
                }
                let units = q.rows.amount::<U>(row as usize);
                let within = |at| if at < units.to_wide() { U::from_wide(at) } else { units };
                push(
                    &mut plants,
                    Plant {
                        row,
                        seed,
                        start: within(start),
                        stop: within(stop),
                    },
                )?;
            }
            Span::Row { .. } => {}
            Span::Arrivals { seed, pot, first, last } => {
                let lots = lines.lots(pot);
                let begin = lots.partition_point(|lot| lot.arrived() < i64::from(first));
                let end = i64::from(last.min(q.until));
                let arrived = lots[begin..].iter().take_while(|lot| lot.arrived() < end);
                for row in arrived.filter_map(|lot| lot.row()) {
                    let stop = q.rows.amount(row as usize);
                    push(
                        &mut plants,
                        Plant {
                            row,
                            seed,
                            start: U::default(),
                            stop,
                        },
                    )?;
                }
            }
        }
    }
    if q.forward {
        plants.sort_by_key(|plant| plant.row);
    } else {
        plants.sort_by_key(|plant| std::cmp::Reverse(plant.row));
    }
    Ok(plants)
}

/// Seeds of pots in the order of the walk; at one moment in seed order.
fn moments(q: &Question) -> Result<Vec<u32>> {
    let mut moments = Vec::new();
    for i in 0..q.pots.len() as u32 {
        push(&mut moments, i)?;
    }
    if q.forward {
        moments.sort_by_key(|&i| q.pots[i as usize].row);
    } else {
        moments.sort_by_key(|&i| std::cmp::Reverse(q.pots[i as usize].row));
    }
    Ok(moments)
}

/// Stretches in row order, those that touch made one.
fn joined<U: Units>(mut stretches: Vec<Stretch<U>>) -> Vec<Stretch<U>> {
    stretches.sort_unstable();
    stretches.dedup_by(|next, last| {
        let touch = last.row == next.row && last.stop == next.start;
        if touch {
            last.stop = next.stop;
        }
        touch
    });
    stretches
}

fn gaps<U: Units>(start: U, stop: U, pieces: &[Piece<U>]) -> Vec<(U, U)> {
    outside(
        start,
        stop,
        pieces.iter().map(|piece| (piece.start, piece.stop)).collect(),
    )
}

/// The parts of `start` to `stop` that no interval of `taken` (disjoint, any order) covers.
fn outside<U: Units>(mut start: U, stop: U, mut taken: Vec<(U, U)>) -> Vec<(U, U)> {
    taken.sort_unstable();
    let mut gaps = Vec::new();
    for (low, high) in taken {
        if high <= start || low >= stop {
            continue;
        }
        if low > start {
            gaps.push((start, low));
        }
        start = high;
    }
    if start < stop {
        gaps.push((start, stop));
    }
    gaps
}
