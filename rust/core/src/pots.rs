//! Pots by number, in order of first appearance: rows in position order, the sender before the receiver.

use crate::failure::{Failure, Result, filled, push};
use crate::hash::Seed;
use crate::slots::{NONE, Slots};

/// Rows whose loads overlap.
const BATCH: usize = 32;

/// Who takes part in the rows, in position order. `NONE` is nobody.
#[derive(Debug, Clone, Default)]
pub struct Parties {
    /// By row, the account that pays.
    pub sender: Vec<u32>,
    /// By row, the account that is paid.
    pub receiver: Vec<u32>,
    /// By row, the asset; empty where there is only one, number 0.
    pub asset: Vec<u32>,
    /// By row, the coin that the sender spends, or `NONE`; empty where there are no coins.
    pub spent: Vec<u32>,
    /// By row, the coin that the receiver is given, or `NONE`; empty where there are no coins.
    pub made: Vec<u32>,
}

/// The rows between pots, and what each pot is.
#[derive(Debug, Clone, Default)]
pub struct Pots {
    /// By row, the pot that it leaves, or -1.
    pub sender: Vec<i32>,
    /// By row, the pot that it enters, or -1.
    pub receiver: Vec<i32>,
    /// By pot, its account: of a coin, the one it was first seen with.
    pub account: Vec<u32>,
    /// By pot, its asset; empty where there is only one, number 0.
    pub asset: Vec<u32>,
    /// By pot, its coin, or `NONE`; empty where there are no coins.
    pub coin: Vec<u32>,
}

/// The pots of the rows. A pot is a coin of an asset where there is one, else an account's holding of an asset.
/// `OutOfRange` where columns differ in length or there are more pots than an i32 counts.
pub fn number(parties: Parties) -> Result<Pots> {
    let rows = parties.sender.len();
    let others = [&parties.asset, &parties.spent, &parties.made];
    let bad = others
        .into_iter()
        .find(|column| !column.is_empty() && column.len() != rows);
    if let Some(column) = bad.or(Some(&parties.receiver).filter(|column| column.len() != rows)) {
        return Err(Failure::OutOfRange(format!(
            "a column of {} entries for {rows} rows",
            column.len()
        )));
    }
    let asset = parties.asset.first().copied().unwrap_or(0);
    let without_coins = parties.spent.iter().chain(&parties.made).all(|coin| *coin == NONE);
    let most = most(&parties.sender).max(most(&parties.receiver)) as usize;
    let dense = most <= rows.saturating_mul(8).saturating_add(1024);
    if without_coins && dense && parties.asset.iter().all(|other| *other == asset) {
        return of_one_asset(parties, asset, most);
    }
    of_many(parties)
}

/// The greatest account, or 0.
fn most(accounts: &[u32]) -> u32 {
    accounts
        .iter()
        .map(|account| if *account == NONE { 0 } else { *account })
        .max()
        .unwrap_or(0)
}

fn of_one_asset(parties: Parties, asset: u32, most: usize) -> Result<Pots> {
    const UNSEEN: u32 = NONE - 1;
    let Parties {
        mut sender,
        mut receiver,
        asset: assets,
        spent,
        made,
    } = parties;
    let nobody = most.saturating_add(1);
    let mut pot_of = filled(UNSEEN, nobody.saturating_add(1))?;
    pot_of[nobody] = NONE;
    let mut account = Vec::new();
    let mut pot = |party: &mut u32| {
        let at = &mut pot_of[nobody.min(*party as usize)];
        if *at == UNSEEN {
            *at = account.len() as u32;
            push(&mut account, *party)?;
        }
        *party = *at;
        Ok(())
    };
    for (sender, receiver) in sender.iter_mut().zip(&mut receiver) {
        pot(sender)?;
        pot(receiver)?;
    }
    let asset = if assets.is_empty() {
        Vec::new()
    } else {
        filled(asset, account.len())?
    };
    let coin = if spent.is_empty() && made.is_empty() {
        Vec::new()
    } else {
        filled(NONE, account.len())?
    };
    signed(sender, receiver, account, asset, coin)
}

fn of_many(parties: Parties) -> Result<Pots> {
    let Parties {
        mut sender,
        mut receiver,
        asset,
        spent,
        made,
    } = parties;
    let mut pots = Numbering {
        coins: !spent.is_empty() || !made.is_empty(),
        ..Numbering::default()
    };
    let at = |column: &[u32], row: usize, absent: u32| column.get(row).copied().unwrap_or(absent);
    for start in (0..sender.len()).step_by(BATCH) {
        let mut batch = Batch::default();
        let rows = start..sender.len().min(start + BATCH);
        for row in rows.clone() {
            let asset = at(&asset, row, 0);
            batch.add(Holding {
                account: sender[row],
                asset,
                coin: at(&spent, row, NONE),
            });
            batch.add(Holding {
                account: receiver[row],
                asset,
                coin: at(&made, row, NONE),
            });
        }
        pots.find(&mut batch)?;
        for (row, &[from, to]) in rows.zip(batch.found.as_chunks().0) {
            (sender[row], receiver[row]) = (from, to);
        }
    }
    let assets = if asset.is_empty() { Vec::new() } else { pots.asset };
    signed(sender, receiver, pots.account, assets, pots.coin)
}

/// What an account holds of an asset, or a coin of an asset.
#[derive(Clone, Copy)]
struct Holding {
    account: u32,
    asset: u32,
    coin: u32,
}

const NOTHING: Holding = Holding {
    account: NONE,
    asset: 0,
    coin: NONE,
};

impl Holding {
    fn is(self, other: Self) -> bool {
        let holder = if self.coin == NONE {
            self.account == other.account
        } else {
            true
        };
        holder && self.coin == other.coin && self.asset == other.asset
    }

    fn hash(self) -> u32 {
        let account = if self.coin == NONE { self.account } else { 0 };
        Seed::new(0).words(
            u64::from(self.coin) << 32 | u64::from(account),
            u64::from(self.asset),
            0,
        )
    }
}

struct Batch {
    holdings: [Holding; 2 * BATCH],
    found: [u32; 2 * BATCH],
    count: usize,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            holdings: [NOTHING; 2 * BATCH],
            found: [NONE; 2 * BATCH],
            count: 0,
        }
    }
}

impl Batch {
    fn add(&mut self, holding: Holding) {
        self.holdings[self.count] = holding;
        self.count += 1;
    }
}

#[derive(Default)]
struct Numbering {
    slots: Slots,
    coins: bool,
    account: Vec<u32>,
    asset: Vec<u32>,
    coin: Vec<u32>,
}

impl Numbering {
    fn find(&mut self, batch: &mut Batch) -> Result<()> {
        let hashes = batch.holdings.map(Holding::hash);
        let peeked = hashes.map(|hash| self.slots.peek(hash));
        for ((found, hash), peeked) in batch.found.iter_mut().zip(hashes).zip(peeked) {
            *found = self.slots.candidate(hash, peeked);
        }
        for (found, holding) in batch.found.iter_mut().zip(batch.holdings) {
            let known = holding.account != NONE && self.get(*found).is_some_and(|other| other.is(holding));
            *found = if known { *found } else { NONE };
        }
        for ((found, hash), holding) in batch.found.iter_mut().zip(hashes).zip(batch.holdings).take(batch.count) {
            if *found == NONE && holding.account != NONE {
                *found = self.settle(hash, holding)?;
            }
        }
        Ok(())
    }

    fn settle(&mut self, hash: u32, holding: Holding) -> Result<u32> {
        if let Some(pot) = self
            .slots
            .find(hash, |pot| self.get(pot).is_some_and(|other| other.is(holding)))
        {
            return Ok(pot);
        }
        let pot = self.account.len() as u32;
        push(&mut self.account, holding.account)?;
        push(&mut self.asset, holding.asset)?;
        if self.coins {
            push(&mut self.coin, holding.coin)?;
        }
        self.slots.insert(hash, pot).map(|()| pot)
    }

    #[inline]
    fn get(&self, pot: u32) -> Option<Holding> {
        let pot = pot as usize;
        let account = *self.account.get(pot)?;
        Some(Holding {
            account,
            asset: *self.asset.get(pot)?,
            coin: self.coin.get(pot).copied().unwrap_or(NONE),
        })
    }
}

fn signed(sender: Vec<u32>, receiver: Vec<u32>, account: Vec<u32>, asset: Vec<u32>, coin: Vec<u32>) -> Result<Pots> {
    if i32::try_from(account.len()).is_err() {
        return Err(Failure::OutOfRange(format!(
            "{} pots are more than can be numbered",
            account.len()
        )));
    }
    let [sender, receiver] = [sender, receiver].map(|pots| pots.into_iter().map(|pot| pot as i32).collect());
    Ok(Pots {
        sender,
        receiver,
        account,
        asset,
        coin,
    })
}
