//! The walk of the methods that sweep: rows in position order, backwards in reverse, only those that matter.
//!
//! It goes from event to event while few rows matter, and row by row where many do. Both visit the same rows in the same
//! order: rows that it passes in a scan and that no tainted pot is near would have been visits that do nothing.

use crate::events::Events;
use crate::failure::{Failure, Result, push, room};
use crate::lines::Lines;
use crate::marks::Marks;
use crate::question::{Question, Span};
use crate::units::{Units, Wide};

/// How a walk finds the rows that matter. The outcome does not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// From event to event, row by row where many rows matter.
    #[default]
    Adaptive,
    /// From event to event only.
    Events,
    /// Row by row only.
    Scan,
    /// Taking turns every few rows: for tests.
    Turns,
}

/// Units seeded on a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plant<U> {
    pub row: u32,
    pub seed: u32,
    pub units: U,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Everything that reaches this row is known.
    Row(u32),
    /// `question.pots[i]` is seeded now.
    Pot(usize),
    /// Rows `first` to `last` (excluded), in order, backwards from the last; nothing else happens among them.
    Scan(u32, u32),
    /// Too few rows matter now: schedule the next row of every tainted pot.
    Reschedule,
    /// Nothing is left.
    Done,
}

const STRETCH: u64 = 256;
const DENSE: u64 = 12;
const SPARSE: u64 = 64;
const WINDOW: u32 = 1 << 18;
const CHUNK: u32 = 1 << 16;

/// The agenda of one walk.
pub(crate) struct Walk<'a, U> {
    question: &'a Question<'a>,
    lines: &'a Lines,
    rows: Events,
    pots: Vec<usize>,
    next_pot: usize,
    plants: Vec<Plant<U>>,
    next_plant: usize,
    pace: Pace,
    scanning: bool,
    /// Forwards the next row to visit, backwards the row after it.
    at: u32,
    /// Whether a row was scheduled during a scan.
    disturbed: bool,
    visits: u64,
    mark: (u64, u32),
}

impl<'a, U: Units> Walk<'a, U> {
    /// Everything that the question seeds, in order. `OutOfRange` for rows and pots that are not there.
    pub fn new(question: &'a Question<'a>, lines: &'a Lines, pace: Pace) -> Result<Self> {
        let mut rows = Events::new(question.rows.len(), question.forward)?;
        let plants = plants(question, lines)?;
        for plant in &plants {
            rows.push(plant.row as usize)?;
        }
        let at = if question.forward {
            0
        } else {
            question.rows.len() as u32
        };
        let pots = moments(question)?;
        let mark = (0, at);
        let (next_pot, next_plant, visits) = (0, 0, 0);
        let disturbed = false;
        let scanning = pace == Pace::Scan;
        Ok(Walk {
            question,
            lines,
            rows,
            pots,
            next_pot,
            plants,
            next_plant,
            pace,
            scanning,
            at,
            disturbed,
            visits,
            mark,
        })
    }

    /// Takes what is seeded on the row, which is being visited, in seed order.
    pub fn planted(&mut self, row: u32) -> std::ops::Range<usize> {
        let begin = self.next_plant;
        while self.plants.get(self.next_plant).is_some_and(|plant| plant.row == row) {
            self.next_plant += 1;
        }
        begin..self.next_plant
    }

    /// Units seeded on a row, by their place in `planted`.
    pub fn plant(&self, i: usize) -> Plant<U> {
        self.plants[i]
    }

    /// The row will be visited.
    pub fn schedule(&mut self, row: u32) -> Result<()> {
        self.disturbed = true;
        self.rows.push(row as usize)
    }

    /// Forwards the first row from `row` on that leaves the pot, backwards the last before `row` that enters it will be
    /// visited.
    pub fn schedule_next(&mut self, pot: u32, row: u32) -> Result<()> {
        if self.scanning {
            return Ok(());
        }
        let next = if self.question.forward {
            self.next_out(pot, row)
        } else {
            self.next_lot(pot, row)
        };
        next.map_or(Ok(()), |row| self.schedule(row))
    }

    fn next_out(&self, pot: u32, row: u32) -> Option<u32> {
        let rows = self.lines.out_rows(pot);
        let next = *rows.get(rows.partition_point(|&out| out < row))?;
        (next < self.question.until).then_some(next)
    }

    fn next_lot(&self, pot: u32, row: u32) -> Option<u32> {
        let lots = self.lines.lots(pot);
        let before = lots.partition_point(|lot| lot.arrived() < i64::from(row));
        lots[..before].iter().rev().find_map(|lot| lot.row())
    }

    /// Forwards the next row to visit, backwards the row after it.
    pub fn at(&self) -> u32 {
        self.at
    }

    /// Whether a scan has to end after `row`, because another was scheduled that may lie in what is left of it.
    #[inline]
    pub fn ends_after(&mut self, row: u32) -> bool {
        if self.disturbed {
            self.at = if self.question.forward { row + 1 } else { row };
        }
        self.disturbed
    }

    /// What comes next; `tainted` pots are known so far.
    pub fn step(&mut self, tainted: usize) -> Result<Step> {
        if self.scanning && self.is_sparse(tainted) {
            self.turn(false);
            return Ok(Step::Reschedule);
        }
        if self.scanning
            && let Some((first, last)) = self.gap()
        {
            self.at = if self.question.forward { last } else { first };
            self.disturbed = false;
            self.ask()?;
            return Ok(Step::Scan(first, last));
        }
        self.event()
    }

    fn ask(&self) -> Result<()> {
        if (self.question.interrupted)() {
            Err(Failure::Interrupted)
        } else {
            Ok(())
        }
    }

    /// Rows to scan before the next event.
    fn gap(&self) -> Option<(u32, u32)> {
        let moment = self.pots.get(self.next_pot).map(|&i| self.question.pots[i].row);
        let row = self.rows.peek().map(|row| row as u32);
        let chunk = if self.pace == Pace::Turns { 3 } else { CHUNK };
        let (first, last) = if self.question.forward {
            let end = self.question.until.min(self.question.rows.len() as u32);
            let last = end.min(row.unwrap_or(end)).min(moment.unwrap_or(end));
            (self.at, last.min(self.at.saturating_add(chunk)))
        } else {
            let first = row.map_or(0, |row| row + 1).max(moment.unwrap_or(0));
            (first.max(self.at.saturating_sub(chunk)), self.at)
        };
        (first < last).then_some((first, last))
    }

    fn event(&mut self) -> Result<Step> {
        let forward = self.question.forward;
        let row = self.rows.peek().map(|row| row as u32);
        let moment = self.pots.get(self.next_pot).map(|&i| (i, self.question.pots[i].row));
        if let Some((i, at)) = moment
            && row.is_none_or(|row| if forward { at <= row } else { at > row })
        {
            self.next_pot += 1;
            self.at = if forward { self.at.max(at) } else { self.at.min(at) };
            return Ok(Step::Pot(i));
        }
        let Some(row) = row else { return Ok(Step::Done) };
        self.rows.pop();
        self.at = if forward { row + 1 } else { row };
        self.count(1)?;
        Ok(Step::Row(row))
    }

    /// Counts visits; while events are followed, looks now and then whether most rows are visits.
    pub fn count(&mut self, visits: u64) -> Result<()> {
        let before = self.visits;
        self.visits += visits;
        if self.scanning {
            return Ok(());
        }
        if before / u64::from(CHUNK) != self.visits / u64::from(CHUNK) {
            self.ask()?;
        }
        let stretch = if self.pace == Pace::Turns { 3 } else { STRETCH };
        if self.visits - self.mark.0 >= stretch {
            let passed = u64::from(self.at.abs_diff(self.mark.1));
            let dense = passed < stretch * DENSE && self.visits >= u64::from(self.ahead()) / 1024;
            self.mark = (self.visits, self.at);
            if self.pace == Pace::Turns || dense && self.pace == Pace::Adaptive {
                self.turn(true);
                self.keep_seeded()?;
            }
        }
        Ok(())
    }

    /// How many rows are still to come.
    fn ahead(&self) -> u32 {
        if self.question.forward {
            (self.question.rows.len() as u32).saturating_sub(self.at)
        } else {
            self.at
        }
    }

    fn turn(&mut self, scanning: bool) {
        self.scanning = scanning;
        self.mark = (self.visits, self.at);
    }

    /// Whether a scan has become a waste: few visits, and few pots to schedule.
    fn is_sparse(&mut self, tainted: usize) -> bool {
        let passed = self.at.abs_diff(self.mark.1);
        match self.pace {
            Pace::Turns => return passed > 7,
            Pace::Adaptive if passed >= WINDOW => {}
            _ => return false,
        }
        let few = (self.visits - self.mark.0) * SPARSE < u64::from(passed) && tainted < self.ahead() as usize / 128;
        self.mark = (self.visits, self.at);
        few
    }

    /// A scan finds rows of tainted pots by itself: what stays scheduled are later rows that are seeded or that links
    /// reach.
    fn keep_seeded(&mut self) -> Result<()> {
        let mut rows = Events::new(self.question.rows.len(), self.question.forward)?;
        for plant in &self.plants[self.next_plant..] {
            if self.question.forward == (plant.row >= self.at) {
                rows.push(plant.row as usize)?;
            }
        }
        let links = self.question.links;
        let brought = if self.question.forward {
            &links.enters
        } else {
            &links.leaves
        };
        if !brought.is_empty() {
            while let Some(row) = self.rows.pop() {
                if brought.contains_key(&(row as u32)) {
                    rows.push(row)?;
                }
            }
        }
        self.rows = rows;
        Ok(())
    }
}

/// Seeded stretches of rows before `until` in the order of the walk; on one row in seed order.
fn plants<U: Units>(question: &Question, lines: &Lines) -> Result<Vec<Plant<U>>> {
    let mut plants = Vec::new();
    for span in &question.spans {
        match *span {
            Span::Row { seed, row, start, stop } => {
                plant(question, &mut plants, seed, row, stop.saturating_sub(start))?
            }
            Span::Arrivals { seed, pot, first, last } => {
                let lots = lines.lots(pot);
                let begin = lots.partition_point(|lot| lot.arrived() < i64::from(first));
                let arrived = lots[begin..].iter().take_while(|lot| lot.arrived() < i64::from(last));
                for row in arrived.filter_map(|lot| lot.row()) {
                    plant(question, &mut plants, seed, row, Wide::MAX)?;
                }
            }
        }
    }
    if question.forward {
        plants.sort_by_key(|plant: &Plant<U>| plant.row);
    } else {
        plants.sort_by_key(|plant: &Plant<U>| std::cmp::Reverse(plant.row));
    }
    Ok(plants)
}

fn plant<U: Units>(question: &Question, plants: &mut Vec<Plant<U>>, seed: u32, row: u32, units: Wide) -> Result<()> {
    if row >= question.until {
        return Ok(());
    }
    if row as usize >= question.rows.len() {
        return Err(Failure::OutOfRange(format!("row {row} of {}", question.rows.len())));
    }
    let units = question.rows.amount::<U>(row as usize).at_most(units);
    push(plants, Plant { row, seed, units })
}

/// Seeds of pots in the order of the walk; at one moment in seed order.
fn moments(question: &Question) -> Result<Vec<usize>> {
    let mut pots = room(question.pots.len())?;
    for (i, seed) in question.pots.iter().enumerate() {
        let rows = seed.rows.iter().map(|shown| shown.0);
        if seed.pot as usize >= question.rows.pots() || rows.into_iter().any(|row| row as usize >= question.rows.len())
        {
            return Err(Failure::OutOfRange(format!(
                "pot {} of {}",
                seed.pot,
                question.rows.pots()
            )));
        }
        pots.push(i);
    }
    if question.forward {
        pots.sort_by_key(|&i| question.pots[i].row);
    } else {
        pots.sort_by_key(|&i| std::cmp::Reverse(question.pots[i].row));
    }
    Ok(pots)
}

/// Pots that are stops at some row: most are none, and the question is asked at every visit.
pub(crate) fn stops(question: &Question) -> Result<Marks> {
    if question.stops.is_empty() {
        return Ok(Marks::default());
    }
    let mut marks = Marks::new(question.rows.pots())?;
    question.stops.keys().for_each(|&pot| marks.set(pot));
    Ok(marks)
}
