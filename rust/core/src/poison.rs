//! Poison: anything after the first tainted unit. Reach, not accounting.
//!
//! Forwards an earliest-arrival search: a pot is poisoned from the first poisoned row that enters it and stays so, even
//! emptied; every later row that leaves it is poisoned whole. Backwards a latest-departure search: every row that
//! entered a pot before the last row that matters left it may have contributed.

use crate::failure::{Failure, Result, push};
use crate::held::held_by_many;
use crate::lines::Lines;
use crate::marks::{BLOCK, Marks, beyond, blocks, first, same};
use crate::outcome::{Bucket, NO, Outcome};
use crate::pools::Places;
use crate::question::{Question, SeedPot};
use crate::sweep::minus;
use crate::trail::Trail;
use crate::units::Units;
use crate::walk::{Pace, Step, Walk, stops};
use rustc_hash::{FxHashMap, FxHashSet};

/// Every row the seeds reach. Amounts of moves are those of the rows and are left out; all seeds are number 0.
pub fn reach<U: Units>(question: &Question, lines: &Lines) -> Result<Outcome<U>> {
    reach_at(question, lines, Pace::Adaptive)
}

/// `reach` at a given pace, with the same outcome.
pub fn reach_at<U: Units>(question: &Question, lines: &Lines, pace: Pace) -> Result<Outcome<U>> {
    let found = Reach::<U>::new(question, lines, pace, true)?.run()?;
    settled(question, lines, found)
}

/// `reach_at`, but for what the pots in `Outcome::reached` hold in the end, and without hops (`moves.hops` is empty)
/// where they decide nothing and a scan was made: most who ask want the rows. At the pace of a scan lines are read only
/// for seeds of pots.
pub fn search_at<U: Units>(question: &Question, lines: &Lines, pace: Pace) -> Result<Outcome<U>> {
    Reach::<U>::new(question, lines, pace, false)?.run()
}

/// The outcome of a `search_at` with what the reached pots hold in the end, in the order in which they were poisoned.
pub fn settled<U: Units>(question: &Question, lines: &Lines, found: Outcome<U>) -> Result<Outcome<U>> {
    let mut trail = Trail::again(question.forward, found);
    let pots = std::mem::take(&mut trail.out.reached);
    let (rows, until) = (&question.rows, question.until);
    if pots.len() < rows.pots() / 8 {
        let held = |pot| {
            let (received, sent) = lines.totals::<U>(rows, pot, until);
            minus(received, sent)
        };
        trail.rest_of_all(Bucket::Touched, &pots, held)?;
    } else {
        let mut reached = Marks::new(rows.pots())?;
        pots.iter().for_each(|&pot| reached.set(pot));
        let held = held_by_many::<U>(question, lines, |pot| reached.has(pot as i32))?;
        trail.rest_of_all(Bucket::Touched, &pots, |pot| held[pot as usize])?;
    }
    trail.finish()
}

struct Reach<'a, U> {
    q: &'a Question<'a>,
    lines: &'a Lines,
    near: &'a [i32],
    far: &'a [i32],
    walk: Walk<'a, U>,
    /// By pot its fewest hops, plus 2.
    hops: Places,
    /// Poisoned pots, in the order in which they were.
    pots: Vec<u32>,
    crossed: FxHashMap<u32, i32>,
    shown: FxHashSet<u32>,
    trail: Trail<U>,
    stops: Marks,
    /// The first `marked` pots as a set.
    marks: Marks,
    marked: usize,
    limited: bool,
    /// Whether hops are to be told. They decide nothing where there is no limit, and cost more than the search.
    hopping: bool,
    /// Whether hops are given up: which pots are poisoned stands in `marks` alone.
    lean: bool,
}

/// Hops are -1 or more, and 0 says that a pot is clean.
fn to_place(hops: i32) -> u32 {
    (hops as u32).wrapping_add(2)
}

fn to_hops(place: u32) -> i32 {
    place.wrapping_sub(2) as i32
}

impl<'a, U: Units> Reach<'a, U> {
    fn new(q: &'a Question<'a>, lines: &'a Lines, pace: Pace, hopping: bool) -> Result<Self> {
        let (near, far) = q.ways();
        let limited = q.max_hops.is_some() || !q.min_amount.is_empty();
        Ok(Reach {
            q,
            lines,
            near,
            far,
            walk: Walk::new(q, lines, pace)?,
            hops: Places::default(),
            pots: vec![],
            crossed: FxHashMap::default(),
            shown: FxHashSet::default(),
            trail: Trail::new(q.forward, Some(0), false),
            stops: stops(q)?,
            marks: Marks::default(),
            marked: 0,
            limited,
            hopping: hopping || limited,
            lean: false,
        })
    }

    fn run(mut self) -> Result<Outcome<U>> {
        loop {
            match self.walk.step(self.pots.len())? {
                Step::Row(row) => self.visit(row)?,
                Step::Pot(i) => self.plant_pot(&self.q.pots[i])?,
                Step::Scan(first, last) => self.scan(first, last)?,
                Step::Reschedule => self.reschedule()?,
                Step::Done => break,
            }
        }
        if self.q.forward {
            self.trail.out.reached = self.pots;
        }
        let mut found = self.trail.finish()?;
        if self.lean {
            found.moves.hops = vec![];
        }
        Ok(found)
    }

    fn reschedule(&mut self) -> Result<()> {
        let at = self.walk.at();
        self.pots.iter().try_for_each(|&pot| self.walk.schedule_next(pot, at))
    }

    fn visit(&mut self, row: u32) -> Result<()> {
        let mut hops = self.arriving(row)?;
        let amount = self.q.rows.amount::<U>(row as usize);
        if self.limited
            && let Some(reached) = hops
            && let Some(bucket) = self.q.cut(row, amount, reached)
        {
            self.trail.rest((bucket, NO), self.q.side(row), row as i32, 0, amount)?;
            hops = None;
        }
        let most = self.walk.planted(row).map(|i| self.walk.plant(i).units).max();
        if let Some(units) = most {
            if hops.is_none() {
                push(&mut self.trail.out.planted, (self.q.side(row), 0, units))?;
            }
            hops = Some(0);
        }
        hops.map_or(Ok(()), |hops| self.move_on(row, hops))
    }

    /// The fewest hops by which poison reaches `row`; none if it does not.
    fn arriving(&mut self, row: u32) -> Result<Option<i32>> {
        if let Some(&hops) = self.crossed.get(&row) {
            push(
                &mut self.trail.out.crossings,
                (row, 0, self.q.rows.amount(row as usize)),
            )?;
            return Ok(Some(hops));
        }
        let Ok(pot) = u32::try_from(self.near[row as usize]) else {
            return Ok(None);
        };
        let place = self.place(pot);
        if place == 0 {
            return Ok(None);
        }
        self.walk.schedule_next(pot, self.past(row))?;
        Ok(Some(self.hops_on(row, place)))
    }

    #[inline]
    fn hops_on(&self, row: u32, place: u32) -> i32 {
        to_hops(place).saturating_add(self.q.step(row)).max(0)
    }

    /// A poisoned pot's fewest hops, plus 2, or any other number than 0 where they are given up.
    #[inline]
    fn place(&self, pot: u32) -> u32 {
        if self.lean {
            u32::from(self.marks.has(pot as i32))
        } else {
            self.hops.get(pot)
        }
    }

    /// The bound for `schedule_next` after a visit.
    fn past(&self, row: u32) -> u32 {
        if self.q.forward { row.saturating_add(1) } else { row }
    }

    fn move_on(&mut self, row: u32, hops: i32) -> Result<()> {
        self.trail.mv(row, 0, U::default(), hops)?;
        self.go_on(row, hops)
    }

    fn go_on(&mut self, row: u32, hops: i32) -> Result<()> {
        let Some(end) = self.q.end(row) else {
            let far = u32::try_from(self.far[row as usize]);
            return far.map_or(Ok(()), |pot| self.poison(pot, hops, self.past(row)));
        };
        self.trail
            .rest(end, self.q.far(row), row as i32, 0, self.q.rows.amount(row as usize))?;
        if end.0 == Bucket::LinkedOut {
            self.cross(row, hops)
        } else {
            Ok(())
        }
    }

    fn cross(&mut self, row: u32, hops: i32) -> Result<()> {
        let links = self.q.links;
        let taken = if self.q.forward { &links.leaves } else { &links.enters };
        let Some(link) = taken
            .get(&row)
            .and_then(|&number| links.conversions.get(number as usize))
        else {
            return Err(Failure::OutOfRange(format!("the link of row {row}")));
        };
        for other in link.touched(row, self.q.forward) {
            self.crossed
                .try_reserve(1)
                .map_err(|_| Failure::OutOfMemory(size_of::<(u32, i32)>()))?;
            self.crossed
                .entry(other)
                .and_modify(|fewest| *fewest = hops.min(*fewest))
                .or_insert(hops);
            self.walk.schedule(other)?;
        }
        Ok(())
    }

    #[inline]
    fn poison(&mut self, pot: u32, hops: i32, from: u32) -> Result<()> {
        let place = self.place(pot);
        if place == 0 {
            push(&mut self.pots, pot)?;
            self.walk.schedule_next(pot, from)?;
        }
        if self.lean {
            self.marks.set(pot);
            return Ok(());
        }
        if place == 0 || to_place(hops) < place {
            self.hops.set(pot, to_place(hops))?;
        }
        Ok(())
    }

    fn plant_pot(&mut self, seed: &SeedPot) -> Result<()> {
        let (received, sent) = self.lines.totals::<U>(&self.q.rows, seed.pot, seed.row);
        let held = minus(received, sent);
        let units = seed.cap.map_or(held, |cap| held.at_most(cap));
        if units.is_zero() {
            return Ok(());
        }
        if self.place(seed.pot) == 0 {
            push(&mut self.trail.out.planted, (seed.pot, 0, units))?;
        }
        self.poison(seed.pot, if self.q.forward { 0 } else { -1 }, seed.row)?;
        if self.q.forward { self.show(seed) } else { Ok(()) }
    }

    /// The rows on which the seeded units had come, unless poison had reached them before.
    fn show(&mut self, seed: &SeedPot) -> Result<()> {
        let mut fresh = vec![];
        for &(row, _) in &seed.rows {
            if !self.shown.contains(&row) && !self.trail.has(row) {
                self.trail.show(row, 0, U::default())?;
                push(&mut fresh, row)?;
            }
        }
        self.shown
            .try_reserve(fresh.len())
            .map_err(|_| Failure::OutOfMemory(fresh.len() * size_of::<u32>()))?;
        self.shown.extend(fresh);
        Ok(())
    }

    /// Visits the rows of poisoned pots among `first` to `last`, where nothing is seeded or brought by links.
    fn scan(&mut self, first: u32, last: u32) -> Result<()> {
        self.mark()?;
        let before = self.trail.out.moves.row.len();
        for rows in blocks(first, last, self.q.forward) {
            if self.block(rows)? {
                break;
            }
        }
        self.walk.count((self.trail.out.moves.row.len() - before) as u64)
    }

    fn mark(&mut self) -> Result<()> {
        if self.hopping {
            self.hops.widen(self.q.rows.pots(), &self.pots)?;
        }
        if self.marks.is_empty() {
            self.marks = Marks::new(self.q.rows.pots())?;
        }
        self.lean = !self.hopping;
        self.pots[self.marked..].iter().for_each(|&pot| self.marks.set(pot));
        self.marked = self.pots.len();
        Ok(())
    }

    /// Whether the scan ends within these rows.
    fn block(&mut self, rows: std::ops::Range<usize>) -> Result<bool> {
        let (begin, forward) = (rows.start as u32, self.q.forward);
        let (near, far) = (&self.near[rows.clone()], &self.far[rows]);
        let mut mask = self.marks.mask(near);
        if mask == 0 {
            return Ok(false);
        }
        self.trail.reserve(BLOCK)?;
        if !self.lean {
            self.touch(near, far);
        }
        while mask != 0 {
            let i = first(mask, forward);
            mask &= beyond(i, forward);
            self.pass(begin + i)?;
            if self.marked < self.pots.len() {
                let pot = self.pots[self.marked];
                self.marked += 1;
                self.marks.set(pot);
                mask |= same(near, pot) & beyond(i, forward);
            }
            if self.walk.ends_after(begin + i) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the entries that are needed soon, so that the loads overlap.
    fn touch(&self, near: &[i32], far: &[i32]) {
        let entry = |pot: &i32| self.hops.entries().get(*pot as usize).copied().unwrap_or(0);
        std::hint::black_box(near.iter().chain(far).map(entry).fold(0, |seen, entry| seen ^ entry));
    }

    #[inline]
    fn pass(&mut self, row: u32) -> Result<()> {
        let (pot, to) = (self.near[row as usize], self.far[row as usize]);
        if pot == to || self.q.rows.amount::<U>(row as usize).is_zero() {
            return Ok(());
        }
        if self.limited {
            return self.visit(row);
        }
        let hops = if self.lean {
            0
        } else {
            let place = self.hops.entries().get(pot as usize).copied().unwrap_or(0);
            self.hops_on(row, place)
        };
        self.trail.mv(row, 0, U::default(), hops)?;
        match u32::try_from(to) {
            Ok(to) if !self.stops.has(to as i32) => self.poison(to, hops, row),
            _ => self.go_on(row, hops),
        }
    }
}
