//! Columns of accounts and amounts, batch by batch, until they are rows between pots.

use crate::columns::{self, Cells, Fixed};
use crate::digits::{self, Amount};
use crate::failure::{Failure, Result, push, room};
use crate::intern::{Accounts, ODD};
use crate::pots::{self, Parties, Pots};
use crate::slots::NONE;
use ruint::aliases::U256;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// The most rows that can be numbered.
pub const MOST_ROWS: usize = i32::MAX as usize;

/// Stands for an amount that `special` knows, if it does know it.
const MARK: [u64; 2] = [u64::MAX; 2];

/// The two columns of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Who pays.
    Sender,
    /// Who is paid.
    Receiver,
}

/// What has been read so far.
#[derive(Debug)]
pub struct Ingest {
    accounts: Accounts,
    /// By side and row, an account, `NONE` or `ODD`.
    codes: [Vec<u32>; 2],
    amount: Vec<[u64; 2]>,
    /// Amounts of 2^128 and more, and None where the amount is not known yet.
    special: FxHashMap<u32, Option<U256>>,
    numbered: bool,
    finished: bool,
}

/// What is said about the rows besides, each empty or with one entry a row in the order in which they were read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Besides<'a> {
    /// Row numbers in position order; empty for the order in which they were read.
    pub order: Option<&'a [u32]>,
    /// Rows to leave out, where not 0.
    pub drop: Option<&'a [u8]>,
    /// Asset numbers.
    pub asset: Option<&'a [u32]>,
    /// The coin that the row spends, or `NONE`.
    pub spent: Option<&'a [u32]>,
    /// The coin that the row makes, or `NONE`.
    pub made: Option<&'a [u32]>,
}

/// Rows in position order.
#[derive(Debug, Default)]
pub struct Finished {
    /// The pots, and between which of them each row moves.
    pub pots: Pots,
    /// Low and high half; all ones where `wide_rows` has the row.
    pub amount: Vec<[u64; 2]>,
    /// Rows of 2^128 and more, ascending.
    pub wide_rows: Vec<u32>,
    /// Their amounts, lowest word first.
    pub wide_values: Vec<[u64; 4]>,
}

impl Ingest {
    /// Nothing read yet, with room for `rows`; more may come. No answer depends on the seed.
    pub fn new(rows: usize, seed: u64) -> Result<Self> {
        Ok(Self {
            accounts: Accounts::new(seed),
            codes: [room(rows)?, room(rows)?],
            amount: room(rows)?,
            special: FxHashMap::default(),
            numbered: false,
            finished: false,
        })
    }

    /// The accounts seen so far.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// How many rows each column has: sender, receiver, amount.
    pub fn rows(&self) -> [usize; 3] {
        let [sender, receiver] = &self.codes;
        [sender.len(), receiver.len(), self.amount.len()]
    }

    /// Memory in use.
    pub fn bytes(&self) -> usize {
        let codes = self.codes.iter().map(|codes| 4 * codes.capacity()).sum::<usize>();
        codes + 16 * self.amount.capacity() + 80 * self.special.capacity() + self.accounts.bytes()
    }

    /// Appends EVM addresses in hexadecimal to a side; the rows of this batch that are something else.
    pub fn hex(&mut self, side: Side, cells: &impl Cells) -> Result<Vec<u32>> {
        self.texts(side, cells.rows(), |accounts, codes, odd| {
            accounts.read_hex(cells, codes, odd)
        })
    }

    /// Appends EVM addresses of 20 bytes; the rows that are null.
    pub fn binary(&mut self, side: Side, cells: &Fixed<20>) -> Result<Vec<u32>> {
        self.texts(side, cells.rows(), |accounts, codes, odd| {
            accounts.read_binary(cells, codes, odd)
        })
    }

    /// Appends accounts by their canonical texts; the rows that are null or no UTF-8.
    pub fn any(&mut self, side: Side, cells: &impl Cells) -> Result<Vec<u32>> {
        self.texts(side, cells.rows(), |accounts, codes, odd| {
            accounts.read_any(cells, codes, odd)
        })
    }

    /// Appends accounts numbered by the caller; the rows whose number is negative or not below `limit`.
    pub fn ids<T: Copy>(&mut self, side: Side, ids: &[T], limit: u32) -> Result<Vec<u32>>
    where
        u32: TryFrom<T>,
    {
        if !self.accounts.is_empty() {
            return Err(wrong(
                "accounts are given by name already, they cannot be given by number as well",
            ));
        }
        let limit = limit.min(ODD);
        let odd = self.batch(side, ids.len(), |_, codes, odd| {
            for (row, id) in (0..).zip(ids) {
                let code = u32::try_from(*id).ok().filter(|id| *id < limit);
                codes.push(code.unwrap_or(ODD));
                if code.is_none() {
                    push(odd, row)?;
                }
            }
            Ok(())
        })?;
        self.numbered = true;
        Ok(odd)
    }

    /// Appends rows with nobody on that side.
    pub fn nobody(&mut self, side: Side, rows: usize) -> Result<()> {
        self.batch(side, rows, |_, codes, _| {
            codes.resize(codes.len() + rows, NONE);
            Ok(())
        })
        .map(drop)
    }

    /// Appends amounts of `rows` rows; those that are `Amount::Odd`.
    pub fn amounts(&mut self, rows: usize, amount: impl Fn(usize) -> Amount) -> Result<Vec<u32>> {
        let before = self.amount.len();
        self.fits(before, rows)?;
        reserve(&mut self.amount, rows)?;
        let mut odd = Vec::new();
        for row in 0..rows {
            match amount(row) {
                Amount::Narrow(value) => self.amount.push(halves(value)),
                other => self.set_aside(before + row, other, &mut odd, row)?,
            }
        }
        Ok(odd)
    }

    /// As `amounts`, from decimal digits.
    pub fn digits(&mut self, cells: &impl Cells) -> Result<Vec<u32>> {
        self.amounts(cells.rows(), |row| cells.cell(row).map_or(Amount::Odd, digits::amount))
    }

    /// As `amounts`, from two's complement, lowest word first; odd is negative or null.
    pub fn words<const N: usize>(&mut self, words: &[[u64; N]], valid: Option<&[u8]>) -> Result<Vec<u32>> {
        self.each(words, valid, |words| Amount::of_words(words))
    }

    /// As `amounts`, from 32 bytes each, highest first; odd is null.
    pub fn bytes32(&mut self, cells: &Fixed<32>) -> Result<Vec<u32>> {
        self.amounts(cells.rows(), |row| {
            cells
                .array(row)
                .map_or(Amount::Odd, |cell| Amount::of(U256::from_be_bytes(*cell)))
        })
    }

    /// As `amounts`, from numbers that convert or are odd.
    pub fn numbers<T: Copy>(&mut self, numbers: &[T], valid: Option<&[u8]>) -> Result<Vec<u32>>
    where
        u128: TryFrom<T>,
    {
        self.each(numbers, valid, |number| {
            u128::try_from(*number).map_or(Amount::Odd, Amount::Narrow)
        })
    }

    fn each<T>(&mut self, items: &[T], valid: Option<&[u8]>, read: impl Fn(&T) -> Amount) -> Result<Vec<u32>> {
        columns::fits(valid, items.len())?;
        let item = |row: usize| items.get(row).filter(|_| columns::is_valid(valid, row));
        self.amounts(items.len(), |row| item(row).map_or(Amount::Odd, &read))
    }

    /// Gives a row read before the account of that canonical text, or nobody.
    pub fn patch_account(&mut self, side: Side, row: usize, text: Option<&str>) -> Result<()> {
        self.open()?;
        let known = self.codes[side as usize].len();
        if row >= known || (text.is_some() && self.numbered) {
            let why = if row >= known {
                format!("there is no row {row}")
            } else {
                "accounts are numbers".to_owned()
            };
            return Err(Failure::OutOfRange(why));
        }
        self.codes[side as usize][row] = text.map_or(Ok(NONE), |text| self.accounts.intern(text))?;
        Ok(())
    }

    /// Gives a row read before its amount: 32 bytes, highest first.
    pub fn patch_amount(&mut self, row: usize, value: [u8; 32]) -> Result<()> {
        let value = U256::from_be_bytes(value);
        self.open()?;
        let Some(amount) = self.amount.get_mut(row) else {
            return Err(Failure::OutOfRange(format!("there is no row {row}")));
        };
        match Amount::of(value) {
            Amount::Narrow(value) => {
                *amount = halves(value);
                self.special.remove(&(row as u32));
            }
            _ => {
                *amount = MARK;
                remember(&mut self.special, row, Some(value))?;
            }
        }
        Ok(())
    }

    /// The rows between pots; what was read is given away, the accounts stay. `OutOfRange`, and nothing changes, where
    /// columns differ in length, the order names a row that is not there, or a row is still odd and not dropped.
    pub fn finish(&mut self, besides: Besides) -> Result<Finished> {
        self.open()?;
        let kept = self.kept(besides)?;
        self.complete(kept.as_deref())?;
        self.finished = true;
        let wide = self.special.values().any(Option::is_some);
        let [sender, receiver] = std::mem::take(&mut self.codes);
        let given = |column: Option<&[u32]>| column.map_or(Ok(Vec::new()), |column| copied(column, kept.as_deref()));
        let parties = Parties {
            sender: gathered(sender, kept.as_deref())?,
            receiver: gathered(receiver, kept.as_deref())?,
            asset: given(besides.asset)?,
            spent: given(besides.spent)?,
            made: given(besides.made)?,
        };
        let pots = pots::number(parties)?;
        let amount = gathered(std::mem::take(&mut self.amount), kept.as_deref())?;
        let mut done = Finished {
            pots,
            amount,
            ..Finished::default()
        };
        let special = std::mem::take(&mut self.special);
        for row in (0..)
            .zip(&done.amount)
            .filter(|(_, amount)| wide && **amount == MARK)
            .map(|(row, _)| row)
        {
            let read = kept
                .as_deref()
                .map_or(Some(row), |kept| kept.get(row as usize).copied());
            if let Some(Some(value)) = read.and_then(|read| special.get(&read)) {
                push(&mut done.wide_rows, row)?;
                push(&mut done.wide_values, value.into_limbs())?;
            }
        }
        Ok(done)
    }

    /// Which rows, in which order; None for all as they were read.
    fn kept<'a>(&self, besides: Besides<'a>) -> Result<Option<Cow<'a, [u32]>>> {
        let [rows, receivers, amounts] = self.rows();
        let Besides {
            order,
            drop,
            asset,
            spent,
            made,
        } = besides;
        let columns = [asset, spent, made].map(|column| column.map_or(rows, <[u32]>::len));
        let dropped = drop.map_or(rows, <[u8]>::len);
        if [receivers, amounts, dropped]
            .iter()
            .chain(&columns)
            .any(|length| *length != rows)
        {
            return Err(Failure::OutOfRange(format!(
                "columns differ in length: {rows} senders, {receivers} receivers, {amounts} amounts, {dropped} marks \
                 to drop, {columns:?} assets and coins"
            )));
        }
        if let Some(row) = order.and_then(|order| order.iter().find(|row| **row as usize >= rows)) {
            return Err(Failure::OutOfRange(format!("order: there is no row {row}")));
        }
        let Some(drop) = drop else {
            return Ok(order.map(Cow::Borrowed));
        };
        let mut kept = room(order.map_or(rows, <[u32]>::len))?;
        let stays = |row: &u32| drop[*row as usize] == 0;
        match order {
            Some(order) => kept.extend(order.iter().copied().filter(stays)),
            None => kept.extend((0..rows as u32).filter(stays)),
        }
        Ok(Some(Cow::Owned(kept)))
    }

    /// That no row to be kept is odd.
    fn complete(&self, kept: Option<&[u32]>) -> Result<()> {
        let all = 0..self.amount.len() as u32;
        let is_odd = |row: u32| {
            let account = self.codes.iter().any(|codes| codes[row as usize] == ODD);
            account || self.amount[row as usize] == MARK && self.special.get(&row) == Some(&None)
        };
        match kept.map_or_else(
            || all.clone().find(|row| is_odd(*row)),
            |kept| kept.iter().copied().find(|row| is_odd(*row)),
        ) {
            Some(row) => Err(Failure::OutOfRange(format!(
                "row {row} is odd, it was neither patched nor dropped"
            ))),
            None => Ok(()),
        }
    }

    fn texts(
        &mut self,
        side: Side,
        rows: usize,
        read: impl FnOnce(&mut Accounts, &mut Vec<u32>, &mut Vec<u32>) -> Result<()>,
    ) -> Result<Vec<u32>> {
        if self.numbered {
            return Err(wrong(
                "accounts are given by number already, they cannot be given by name as well",
            ));
        }
        self.batch(side, rows, read)
    }

    /// Appends `rows` codes to a side, or none.
    fn batch(
        &mut self,
        side: Side,
        rows: usize,
        read: impl FnOnce(&mut Accounts, &mut Vec<u32>, &mut Vec<u32>) -> Result<()>,
    ) -> Result<Vec<u32>> {
        let before = self.codes[side as usize].len();
        self.fits(before, rows)?;
        let codes = &mut self.codes[side as usize];
        reserve(codes, rows)?;
        let mut odd = Vec::new();
        let done = read(&mut self.accounts, codes, &mut odd);
        if done.is_err() {
            codes.truncate(before);
        }
        done.map(|()| odd)
    }

    #[cold]
    fn set_aside(&mut self, row: usize, amount: Amount, odd: &mut Vec<u32>, in_batch: usize) -> Result<()> {
        let value = if let Amount::Wide(value) = amount {
            Some(value)
        } else {
            None
        };
        let done = remember(&mut self.special, row, value);
        let done = if value.is_none() {
            done.and_then(|()| push(odd, in_batch as u32))
        } else {
            done
        };
        self.amount.push(MARK);
        if done.is_err() {
            self.amount.truncate(row - in_batch);
        }
        done
    }

    fn fits(&self, before: usize, more: usize) -> Result<()> {
        self.open()?;
        match before.checked_add(more) {
            Some(rows) if rows <= MOST_ROWS => Ok(()),
            _ => Err(Failure::OutOfRange(format!(
                "more than {MOST_ROWS} rows: {before} and {more} more"
            ))),
        }
    }

    fn open(&self) -> Result<()> {
        if self.finished {
            Err(wrong("the rows are finished, no more can be read or changed"))
        } else {
            Ok(())
        }
    }
}

/// The items of the rows in that order.
fn gathered<T: Copy>(items: Vec<T>, rows: Option<&[u32]>) -> Result<Vec<T>> {
    if rows.is_none() {
        Ok(items)
    } else {
        copied(&items, rows)
    }
}

fn copied<T: Copy>(items: &[T], rows: Option<&[u32]>) -> Result<Vec<T>> {
    let mut found = room(rows.map_or(items.len(), <[u32]>::len))?;
    match rows {
        Some(rows) => found.extend(rows.iter().map(|row| items[*row as usize])),
        None => found.extend_from_slice(items),
    }
    Ok(found)
}

fn remember(special: &mut FxHashMap<u32, Option<U256>>, row: usize, value: Option<U256>) -> Result<()> {
    special
        .try_reserve(1)
        .map_err(|_| Failure::OutOfMemory(special.capacity().saturating_mul(80)))?;
    special.insert(row as u32, value);
    Ok(())
}

fn reserve<T>(items: &mut Vec<T>, more: usize) -> Result<()> {
    items
        .try_reserve(more)
        .map_err(|_| Failure::OutOfMemory(more.saturating_mul(size_of::<T>())))
}

#[inline]
fn halves(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

fn wrong(message: &str) -> Failure {
    Failure::OutOfRange(message.to_owned())
}
