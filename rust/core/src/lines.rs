//! In-lines and out-lines: for each pot, every unit that came in and every unit that went out, in order.
//!
//! Prefix sums of one set of rows, in base units. Zero amounts and transfers from a pot to itself move nothing and are
//! on neither line. Numbers of rows and pots are the caller's: one that does not exist is an empty line, or zero.

use crate::draft::{self, Slots};
use crate::failure::Result;
use crate::rows::Rows;
use crate::units::{Units, Wide};

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

/// The lines of all pots.
#[derive(Debug, Default)]
pub struct Lines {
    pub(crate) outs: Side<u32>,
    pub(crate) ins: Side<Lot>,
    /// By row: the balance of its sender just before it, unexplained units included.
    pub(crate) before: Slots,
    /// By asset and by pot; empty where nothing is wide.
    pub(crate) wide_assets: Vec<bool>,
    pub(crate) wide_pots: Vec<bool>,
}

/// One side of all pots: what stands on its lines, pot after pot, and where each begins.
#[derive(Debug, Default)]
pub(crate) struct Side<T> {
    /// Where each pot's line begins, and the end of the last.
    pub first: Vec<u32>,
    pub items: Vec<T>,
    pub at: Slots,
}

impl<T> Side<T> {
    fn range(&self, pot: u32) -> std::ops::Range<usize> {
        let pot = pot as usize;
        match (self.first.get(pot), self.first.get(pot + 1)) {
            (Some(&first), Some(&last)) => first as usize..last as usize,
            _ => 0..0,
        }
    }

    fn items(&self, pot: u32) -> &[T] {
        &self.items[self.range(pot)]
    }
}

/// Where the stretches of one line begin.
#[derive(Debug, Clone, Copy)]
pub enum Starts<'a> {
    /// Of a narrow asset.
    Narrow(&'a [u128]),
    /// Of a wide asset.
    Wide(&'a [Wide]),
}

impl Starts<'_> {
    /// Where stretch `i` begins; zero where there is none.
    pub fn at<U: Units>(&self, i: usize) -> U {
        match self {
            Starts::Narrow(at) => at.get(i).copied().map_or(U::default(), U::from_narrow),
            Starts::Wide(at) if U::WIDE => at.get(i).copied().map_or(U::default(), U::from_wide),
            Starts::Wide(_) => U::default(),
        }
    }

    /// The stretch that holds unit `x`, or the last that begins at or before it: 0 where all begin later.
    pub fn holding<U: Units>(&self, x: U) -> usize {
        let after = match self {
            Starts::Narrow(at) => at.partition_point(|&begin| U::from_narrow(begin) <= x),
            Starts::Wide(at) => {
                let x = x.to_wide();
                at.partition_point(|&begin| begin <= x)
            }
        };
        after.saturating_sub(1)
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

    /// Where each of the pot's `out_rows` begins on its out-line.
    pub fn out_starts(&self, pot: u32) -> Starts<'_> {
        self.starts(&self.outs, pot)
    }

    /// Where row `out_rows(pot)[i]` begins on the out-line.
    pub fn out_at<U: Units>(&self, pot: u32, i: usize) -> U {
        self.out_starts(pot).at(i)
    }

    /// The lots that enter the pot, in order of arrival.
    pub fn lots(&self, pot: u32) -> &[Lot] {
        self.ins.items(pot)
    }

    /// Where each of the pot's `lots` begins on its in-line.
    pub fn lot_starts(&self, pot: u32) -> Starts<'_> {
        self.starts(&self.ins, pot)
    }

    /// Where lot `lots(pot)[i]` begins on the in-line.
    pub fn lot_at<U: Units>(&self, pot: u32, i: usize) -> U {
        self.lot_starts(pot).at(i)
    }

    /// How many units lot `lots(pot)[i]` has.
    pub fn lot_size<U: Units>(&self, rows: &Rows, pot: u32, i: usize) -> U {
        self.lot_end::<U>(rows, pot, i) - self.lot_at(pot, i)
    }

    /// Where lot `lots(pot)[i]` ends on the in-line; zero where there is none.
    pub fn lot_end<U: Units>(&self, rows: &Rows, pot: u32, i: usize) -> U {
        let lots = self.lots(pot);
        if i + 1 < lots.len() {
            return self.lot_at(pot, i + 1);
        }
        let Some(lot) = lots.get(i) else { return U::default() };
        match (lot.row(), lot.unexplained_before()) {
            (Some(row), _) => self.lot_at::<U>(pot, i) + rows.amount(row as usize),
            (_, Some(row)) => self.out_start::<U>(rows, row) + rows.amount(row as usize),
            _ => self.sent(rows, pot, self.out_rows(pot).len()),
        }
    }

    /// Where the row that ends stretch `i` of the out-line ends; zero where there is none.
    fn sent<U: Units>(&self, rows: &Rows, pot: u32, count: usize) -> U {
        let outs = self.out_rows(pot);
        match count.checked_sub(1) {
            None => U::default(),
            Some(_) if count < outs.len() => self.out_at(pot, count),
            Some(last) => outs.get(last).map_or(U::default(), |&row| {
                self.out_at::<U>(pot, last) + rows.amount(row as usize)
            }),
        }
    }

    fn received<U: Units>(&self, rows: &Rows, pot: u32, count: usize) -> U {
        count
            .checked_sub(1)
            .map_or(U::default(), |last| self.lot_end(rows, pot, last))
    }

    /// Where the row begins on its sender's out-line; zero where it is on none.
    pub fn out_start<U: Units>(&self, rows: &Rows, row: u32) -> U {
        let found = pot_of(rows.sender, row).and_then(|pot| Some((pot, self.out_rows(pot).binary_search(&row).ok()?)));
        found.map_or(U::default(), |(pot, i)| self.out_at(pot, i))
    }

    /// Where the row begins on its receiver's in-line; zero where it is on none.
    pub fn in_start<U: Units>(&self, rows: &Rows, row: u32) -> U {
        let found = pot_of(rows.receiver, row).and_then(|pot| Some((pot, self.lot_of(pot, row)?)));
        found.map_or(U::default(), |(pot, i)| self.lot_at(pot, i))
    }

    /// Which of the pot's lots the row is.
    pub fn lot_of(&self, pot: u32, row: u32) -> Option<usize> {
        let lots = self.lots(pot);
        let i = lots.partition_point(|lot| lot.arrived() < i64::from(row));
        (lots.get(i)?.row()? == row).then_some(i)
    }

    /// The balance of the row's sender just before it, unexplained units included; zero where it leaves no line.
    pub fn before<U: Units>(&self, rows: &Rows, row: u32) -> U {
        let wide = pot_of(rows.sender, row).is_some_and(|pot| self.is_wide(pot));
        self.before.get(row as usize, wide)
    }

    /// The balance of the row's receiver just after it; zero where it enters no line.
    pub fn after<U: Units>(&self, rows: &Rows, row: u32) -> U {
        let found = pot_of(rows.receiver, row).and_then(|pot| Some((pot, self.lot_of(pot, row)?)));
        found.map_or(U::default(), |(pot, i)| {
            let sent = self.out_rows(pot).partition_point(|&out| out < row);
            self.lot_end::<U>(rows, pot, i) - self.sent(rows, pot, sent)
        })
    }

    /// Units that had entered and left the pot just before `row`.
    pub fn totals<U: Units>(&self, rows: &Rows, pot: u32, row: u32) -> (U, U) {
        let entered = self.lots(pot).partition_point(|lot| lot.arrived() < i64::from(row));
        let left = self.out_rows(pot).partition_point(|&out| out < row);
        (self.received(rows, pot, entered), self.sent(rows, pot, left))
    }

    /// Units that entered unexplained just before the row that spends them; zero if none.
    pub fn missing<U: Units>(&self, rows: &Rows, row: u32) -> U {
        let Some(pot) = pot_of(rows.sender, row) else {
            return U::default();
        };
        let i = self.lots(pot).partition_point(|lot| lot.arrived() < i64::from(row));
        match self.lots(pot).get(i) {
            Some(lot) if lot.unexplained_before() == Some(row) => self.lot_size(rows, pot, i),
            _ => U::default(),
        }
    }

    /// How much memory the lines hold.
    pub fn bytes(&self) -> usize {
        let firsts = (self.outs.first.capacity() + self.ins.first.capacity()) * size_of::<u32>();
        let items = (self.outs.items.capacity() + self.ins.items.capacity()) * size_of::<u32>();
        let flags = self.wide_assets.capacity() + self.wide_pots.capacity();
        firsts + items + flags + self.outs.at.bytes() + self.ins.at.bytes() + self.before.bytes()
    }

    fn starts<'a, T>(&'a self, side: &'a Side<T>, pot: u32) -> Starts<'a> {
        side.at.line(side.range(pot), self.is_wide(pot))
    }
}

/// The pot at one end of a row.
fn pot_of(ends: &[i32], row: u32) -> Option<u32> {
    ends.get(row as usize).and_then(|&pot| u32::try_from(pot).ok())
}
