//! Small ledgers of amounts where representations end.

use chaintrace_core::rows::{Rows, WideAmounts};
use chaintrace_core::units::Wide;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Rows (sender, receiver, amount) between pots of `asset`.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub asset: Vec<u32>,
    pub rows: Vec<(i32, i32, Wide)>,
}

/// The columns of a ledger.
pub struct Columns {
    sender: Vec<i32>,
    receiver: Vec<i32>,
    amount: Vec<[u64; 2]>,
    wide: WideAmounts,
    pub kind: Vec<u8>,
    asset: Vec<u32>,
}

impl Columns {
    pub fn rows(&self) -> Rows<'_> {
        Rows {
            sender: &self.sender,
            receiver: &self.receiver,
            amount: &self.amount,
            wide: &self.wide,
            kind: &self.kind,
            asset: &self.asset,
            nature: &[],
        }
    }
}

#[allow(dead_code)]
impl Ledger {
    pub fn columns(&self) -> Columns {
        let mut wide = WideAmounts::default();
        let mut amount = Vec::new();
        for (row, (_, _, units)) in self.rows.iter().enumerate() {
            let is_wide = units.bit_len() > 128;
            if is_wide {
                wide.rows.push(row as u32);
                wide.values.push(*units);
            }
            let [low, high, ..] = *units.as_limbs();
            amount.push(if is_wide { [u64::MAX, 0] } else { [low, high] });
        }
        Columns {
            sender: self.rows.iter().map(|row| row.0).collect(),
            receiver: self.rows.iter().map(|row| row.1).collect(),
            amount,
            wide,
            kind: vec![0; self.rows.len()],
            asset: self.asset.clone(),
        }
    }

    /// The same with only the lowest 120 bits of each amount.
    pub fn narrow(&self) -> Ledger {
        let low = (Wide::from(1) << 120) - Wide::from(1);
        let rows = self
            .rows
            .iter()
            .map(|&(source, target, units)| (source, target, units & low));
        Ledger {
            asset: self.asset.clone(),
            rows: rows.collect(),
        }
    }

    /// Whether twice the sum of the asset's amounts needs more than 128 bits.
    pub fn is_wide(&self, asset: u32) -> bool {
        let of = |pot: i32| usize::try_from(pot).is_ok_and(|pot| self.asset[pot] == asset);
        let rows = self
            .rows
            .iter()
            .filter(|row| row.0 != row.1 && (of(row.0) || of(row.1)));
        let sum: Wide = rows.map(|row| row.2).fold(Wide::ZERO, |sum, units| sum + units);
        (sum + sum).bit_len() > 128
    }
}

/// Amounts at which a representation ends, and ordinary ones.
pub fn amounts() -> impl Strategy<Value = Wide> {
    let one = Wide::from(1);
    let mut ends = vec![Wide::ZERO, one, (one << 256) - one];
    for bits in [53, 63, 64, 128] {
        ends.extend([(one << bits) - one, one << bits, (one << bits) + one]);
    }
    prop_oneof![4 => (1u64..20).prop_map(Wide::from), 1 => select(ends)]
}

/// Ledgers of up to 30 rows, in which one asset in two has only ordinary amounts.
pub fn ledgers() -> impl Strategy<Value = Ledger> {
    let asset = vec(0u32..3, 1..6);
    let rows = |asset: Vec<u32>| {
        let pots = asset.len() as i32;
        let row = (-1..pots, -1..pots, amounts(), 1u64..20);
        vec(row, 0..30).prop_map(move |rows| Ledger {
            rows: clean(&asset, rows),
            asset: asset.clone(),
        })
    };
    asset.prop_flat_map(rows)
}

/// Rows between pots of one asset; the first asset's amounts are ordinary.
fn clean(asset: &[u32], rows: Vec<(i32, i32, Wide, u64)>) -> Vec<(i32, i32, Wide)> {
    let of = |pot: i32| usize::try_from(pot).ok().map(|pot| asset[pot]);
    let made = rows.into_iter().map(|(source, target, units, small)| {
        let target = if of(source).is_some() && of(target).is_some_and(|one| Some(one) != of(source)) {
            -1
        } else {
            target
        };
        let is_first = of(source).or(of(target)) == Some(0);
        (source, target, if is_first { Wide::from(small) } else { units })
    });
    made.collect()
}
