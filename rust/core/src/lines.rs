//! In-lines and out-lines: for each pot, every unit that came in and every unit that went out, in order.
//!
//! Prefix sums of one set of rows, in base units. Zero amounts and transfers from a pot to itself move nothing and are
//! on neither line. Numbers of rows and pots are the caller's: one that does not exist is an empty line, or zero.

use crate::draft::{self, Slots};
use crate::failure::Result;
use crate::rows::Rows;
use crate::units::Units;

const UNEXPLAINED: u32 = 1 << 31;
const HEAD: u32 = u32::MAX;

/// One stretch of an in-line: a row that arrived, or units that entered unexplained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Lot(u32);

impl Lot {
    /// Units put at the head of a pot's in-line.
    pub const HEAD: Lot = Lot(HEAD);

    /// A row that arrived; `row` is less than 2^31 - 1, as all rows are.
    pub fn of_row(row: u32) -> Lot {
        Lot(row & !UNEXPLAINED)
    }

    /// Units that entered unexplained just before the row that spent them.
    pub fn before_row(row: u32) -> Lot {
        Lot(row | UNEXPLAINED)
    }

    /// The row that arrived.
    pub fn row(self) -> Option<u32> {
        (self.0 < UNEXPLAINED).then_some(self.0)
    }

    /// The row just before which the units entered unexplained.
    pub fn unexplained_before(self) -> Option<u32> {
        (self.0 >= UNEXPLAINED && self.0 != HEAD).then_some(self.0 & !UNEXPLAINED)
    }

    /// Whether the units stood in the pot before the first row.
    pub fn is_head(self) -> bool {
        self.0 == HEAD
    }

    /// The row at which the lot entered its pot; -1 for the head.
    pub fn arrived(self) -> i64 {
        if self.is_head() {
            -1
        } else {
            i64::from(self.0 & !UNEXPLAINED)
        }
    }
}

/// The lines of all pots. What stands where is kept by row; the lines name the rows.
#[derive(Debug, Default)]
pub struct Lines {
    pub(crate) outs: Side<u32>,
    pub(crate) ins: Side<Lot>,
    /// By row: where it begins on its sender's out-line.
    pub(crate) out_start: Slots,
    /// By row: where it begins on its receiver's in-line.
    pub(crate) in_start: Slots,
    /// By row: what its sender is known to have just before it; what it lacks enters unexplained.
    pub(crate) known: Slots,
    /// By asset and by pot; empty where nothing is wide.
    pub(crate) wide_assets: Vec<bool>,
    pub(crate) wide_pots: Vec<bool>,
}

/// One side of all pots: what stands on its lines, pot after pot.
#[derive(Debug, Default)]
pub(crate) struct Side<T> {
    /// Where each pot's line begins, and the end of the last.
    pub first: Vec<u32>,
    pub items: Vec<T>,
}

impl<T> Side<T> {
    fn items(&self, pot: u32) -> &[T] {
        let pot = pot as usize;
        match (self.first.get(pot), self.first.get(pot + 1)) {
            (Some(&first), Some(&last)) => &self.items[first as usize..last as usize],
            _ => &[],
        }
    }
}

impl Lines {
    /// The lines of rows in position order. What is missing enters immediately before the row that spends it, or, with
    /// `opening`, stands at the head of its pot. `OutOfRange` for a pot that is not there and for 2^31 rows.
    pub fn draw(rows: &Rows, opening: bool) -> Result<Lines> {
        draft::draw(rows, opening)
    }

    /// Whether sums of the pot's asset may need more than 128 bits.
    pub fn is_wide(&self, pot: u32) -> bool {
        self.wide_pots.get(pot as usize).copied().unwrap_or(false)
    }

    /// Whether sums of the asset may need more than 128 bits.
    pub fn asset_is_wide(&self, asset: u32) -> bool {
        self.wide_assets.get(asset as usize).copied().unwrap_or(false)
    }

    /// The rows that leave the pot, ascending.
    pub fn out_rows(&self, pot: u32) -> &[u32] {
        self.outs.items(pot)
    }

    /// Where row `out_rows(pot)[i]` begins on the out-line; zero where there is none.
    pub fn out_at<U: Units>(&self, pot: u32, i: usize) -> U {
        let row = self.out_rows(pot).get(i);
        row.map_or(U::default(), |&row| self.out_start.get(row, self.is_wide(pot)))
    }

    /// The lots that enter the pot, in order of arrival.
    pub fn lots(&self, pot: u32) -> &[Lot] {
        self.ins.items(pot)
    }

    /// Where lot `lots(pot)[i]` begins on the in-line; zero where there is none.
    pub fn lot_at<U: Units>(&self, pot: u32, i: usize) -> U {
        self.lots(pot).get(i).map_or(U::default(), |&lot| self.start(pot, lot))
    }

    /// Where a lot of the pot begins on its in-line.
    pub fn start<U: Units>(&self, pot: u32, lot: Lot) -> U {
        let wide = self.is_wide(pot);
        match (lot.row(), lot.unexplained_before()) {
            (Some(row), _) => self.in_start.get(row, wide),
            (_, Some(row)) => self.out_start.get::<U>(row, wide) + self.known.get(row, wide),
            _ => U::default(),
        }
    }

    /// How many units lot `lots(pot)[i]` has; zero where there is none.
    pub fn lot_size<U: Units>(&self, rows: &Rows, pot: u32, i: usize) -> U {
        self.lots(pot)
            .get(i)
            .map_or(U::default(), |&lot| self.size(rows, pot, lot))
    }

    /// How many units a lot of the pot has.
    pub fn size<U: Units>(&self, rows: &Rows, pot: u32, lot: Lot) -> U {
        match (lot.row(), lot.unexplained_before()) {
            (Some(row), _) => rows.amount(row as usize),
            (_, Some(row)) => self.missing(rows, row),
            _ => self.head(rows, pot),
        }
    }

    /// The units at the head of the pot: up to where the next lot begins, or all that it ever sends.
    fn head<U: Units>(&self, rows: &Rows, pot: u32) -> U {
        match self.lots(pot).get(1) {
            Some(&next) => self.start(pot, next),
            None => self.sent(rows, pot, self.out_rows(pot).len()),
        }
    }

    /// Units on the first `count` rows that leave the pot.
    fn sent<U: Units>(&self, rows: &Rows, pot: u32, count: usize) -> U {
        let last = count.checked_sub(1).and_then(|last| self.out_rows(pot).get(last));
        last.map_or(U::default(), |&row| {
            self.out_start.get::<U>(row, self.is_wide(pot)) + rows.amount(row as usize)
        })
    }

    /// Units of the first `count` lots that enter the pot.
    fn received<U: Units>(&self, rows: &Rows, pot: u32, count: usize) -> U {
        let last = count.checked_sub(1).and_then(|last| self.lots(pot).get(last));
        last.map_or(U::default(), |&lot| {
            self.start::<U>(pot, lot) + self.size(rows, pot, lot)
        })
    }

    /// Where the row begins on its sender's out-line; zero where it is on none.
    pub fn out_start<U: Units>(&self, rows: &Rows, row: u32) -> U {
        self.out_start.get(row, self.is_wide_at(rows.sender, row))
    }

    /// Where the row begins on its receiver's in-line; zero where it is on none.
    pub fn in_start<U: Units>(&self, rows: &Rows, row: u32) -> U {
        self.in_start.get(row, self.is_wide_at(rows.receiver, row))
    }

    /// The balance of the row's sender just before it, unexplained units included; zero where it leaves no line.
    pub fn before<U: Units>(&self, rows: &Rows, row: u32) -> U {
        if !leaves(rows, row) {
            return U::default();
        }
        self.known
            .get::<U>(row, self.is_wide_at(rows.sender, row))
            .max(rows.amount(row as usize))
    }

    /// The balance of the row's receiver just after it; zero where it enters no line.
    pub fn after<U: Units>(&self, rows: &Rows, row: u32) -> U {
        let Some(pot) = pot_of(rows.receiver, row).filter(|_| moves(rows, row)) else {
            return U::default();
        };
        let units = rows.amount::<U>(row as usize);
        if units.is_zero() {
            return units;
        }
        let left = self.out_rows(pot).partition_point(|&out| out < row);
        self.in_start::<U>(rows, row) + units - self.sent(rows, pot, left)
    }

    /// Units that had entered and left the pot just before `row`.
    pub fn totals<U: Units>(&self, rows: &Rows, pot: u32, row: u32) -> (U, U) {
        let entered = self.lots(pot).partition_point(|lot| lot.arrived() < i64::from(row));
        let left = self.out_rows(pot).partition_point(|&out| out < row);
        (self.received(rows, pot, entered), self.sent(rows, pot, left))
    }

    /// Units that entered unexplained just before the row that spends them; zero if none.
    pub fn missing<U: Units>(&self, rows: &Rows, row: u32) -> U {
        if !leaves(rows, row) {
            return U::default();
        }
        let units = rows.amount::<U>(row as usize);
        let known = self.known.get::<U>(row, self.is_wide_at(rows.sender, row));
        units - known.min(units)
    }

    /// How much memory the lines hold.
    pub fn bytes(&self) -> usize {
        let firsts = (self.outs.first.capacity() + self.ins.first.capacity()) * size_of::<u32>();
        let items = (self.outs.items.capacity() + self.ins.items.capacity()) * size_of::<u32>();
        let flags = self.wide_assets.capacity() + self.wide_pots.capacity();
        firsts + items + flags + self.out_start.bytes() + self.in_start.bytes() + self.known.bytes()
    }

    fn is_wide_at(&self, ends: &[i32], row: u32) -> bool {
        !self.wide_pots.is_empty() && pot_of(ends, row).is_some_and(|pot| self.is_wide(pot))
    }
}

/// The pot at one end of a row.
fn pot_of(ends: &[i32], row: u32) -> Option<u32> {
    ends.get(row as usize).and_then(|&pot| u32::try_from(pot).ok())
}

/// Whether a row, which is there, is on any line. A row of nothing is the same everywhere.
fn moves(rows: &Rows, row: u32) -> bool {
    rows.sender.get(row as usize) != rows.receiver.get(row as usize)
}

/// Whether a row is on its sender's out-line, if it moves anything.
fn leaves(rows: &Rows, row: u32) -> bool {
    moves(rows, row) && pot_of(rows.sender, row).is_some()
}
