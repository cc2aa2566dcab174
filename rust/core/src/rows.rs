//! Transfers as arrays: what every other part reads.

use crate::units::{Units, Wide};

/// Kinds of rows, numbered as `chaintrace.model.transfer.KINDS` lists them; a leg of a link comes after the last.
pub mod kind {
    /// A fee, which leaves its pot for nobody.
    pub const FEE: u8 = 3;
    /// What an account is said to have had before the first row.
    pub const OPENING: u8 = 8;
    /// From a coin into a UTXO transaction.
    pub const INPUT: u8 = 9;
    /// From a UTXO transaction into a coin.
    pub const OUTPUT: u8 = 10;
}

/// Nobody, in `sender` and `receiver`.
pub const NONE: i32 = -1;

/// The amounts of 2^128 and more: `values[i]` is the amount of row `rows[i]`; `rows` ascend.
#[derive(Debug, Clone, Default)]
pub struct WideAmounts {
    /// Row numbers, ascending.
    pub rows: Vec<u32>,
    /// Their amounts.
    pub values: Vec<Wide>,
}

/// Rows in position order. All slices but `asset` and `nature` have one entry a row.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The pot that a row leaves, or `NONE`.
    pub sender: &'a [i32],
    /// The pot that a row enters, or `NONE`.
    pub receiver: &'a [i32],
    /// Low and high half of the amount, in base units; what `wide` holds is not to be read here.
    pub amount: &'a [[u64; 2]],
    /// Amounts that do not fit.
    pub wide: &'a WideAmounts,
    /// See `kind`.
    pub kind: &'a [u8],
    /// The asset of each pot.
    pub asset: &'a [u32],
    /// What each pot is, see `Nature`; empty where all are accounts.
    pub nature: &'a [u8],
}

/// What a pot is.
pub mod nature {
    /// What an account holds of an asset.
    pub const ACCOUNT: u8 = 0;
    /// One output of a UTXO transaction.
    pub const COIN: u8 = 1;
    /// A UTXO transaction in passing.
    pub const TRANSACTION: u8 = 2;
}

impl<'a> Rows<'a> {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.amount.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.amount.is_empty()
    }

    /// How many pots there are.
    pub fn pots(&self) -> usize {
        self.asset.len()
    }

    /// The amount of a row.
    pub fn amount<U: Units>(&self, row: usize) -> U {
        if U::WIDE
            && let Ok(i) = self.wide.rows.binary_search(&(row as u32))
        {
            return U::from_wide(self.wide.values[i]);
        }
        let [low, high] = self.amount[row];
        U::from_narrow(u128::from(low) | u128::from(high) << 64)
    }

    /// What the pot is.
    pub fn nature(&self, pot: usize) -> u8 {
        self.nature.get(pot).copied().unwrap_or(nature::ACCOUNT)
    }
}
