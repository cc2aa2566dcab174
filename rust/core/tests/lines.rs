//! The lines against the drawing that DESIGN §4 describes, on sums of any size.

mod ledger;

use chaintrace_core::failure::Failure;
use chaintrace_core::lines::{Lines, Lot};
use chaintrace_core::units::{Units, Wide};
use ledger::{Ledger, ledgers};
use num_bigint::BigUint;
use proptest::prelude::*;

/// What is known of each line, in numbers without bounds.
#[derive(Default)]
struct Naive {
    outs: Vec<Vec<(u32, BigUint)>>,
    lots: Vec<Vec<(Lot, BigUint, BigUint)>>,
    before: Vec<BigUint>,
    after: Vec<BigUint>,
}

fn naive(ledger: &Ledger, head: &[BigUint]) -> (Naive, Vec<BigUint>) {
    let (rows, pots) = (ledger.rows.len(), ledger.asset.len());
    let zeros = |length: usize| vec![BigUint::default(); length];
    let mut lines = Naive {
        outs: vec![vec![]; pots],
        lots: vec![vec![]; pots],
        before: zeros(rows),
        after: zeros(rows),
    };
    let (mut received, mut sent, mut missing) = (zeros(pots), zeros(pots), zeros(pots));
    for (pot, units) in head
        .iter()
        .enumerate()
        .filter(|(_, units)| **units > BigUint::default())
    {
        lines.lots[pot].push((Lot::HEAD, BigUint::default(), units.clone()));
        received[pot] += units;
    }
    for (row, (source, target, units)) in ledger.rows.iter().enumerate() {
        let units = BigUint::from_bytes_le(&units.to_le_bytes_vec());
        if units == BigUint::default() || source == target {
            continue;
        }
        if let Ok(pot) = usize::try_from(*source) {
            let needed = &sent[pot] + &units;
            if needed > received[pot] {
                let short = &needed - &received[pot];
                lines.lots[pot].push((Lot::before_row(row as u32), received[pot].clone(), short.clone()));
                missing[pot] += &short;
                received[pot] += short;
            }
            lines.before[row] = &received[pot] - &sent[pot];
            lines.outs[pot].push((row as u32, sent[pot].clone()));
            sent[pot] = needed;
        }
        if let Ok(pot) = usize::try_from(*target) {
            lines.lots[pot].push((Lot::of_row(row as u32), received[pot].clone(), units.clone()));
            received[pot] += &units;
            lines.after[row] = &received[pot] - &sent[pot];
        }
    }
    (lines, missing)
}

fn compare<U: Units>(ledger: &Ledger, lines: &Lines, naive: &Naive, pot: u32) {
    let columns = ledger.columns();
    let rows = columns.rows();
    let big = |units: U| units.to_big();
    let outs: Vec<_> = lines
        .out_rows(pot)
        .iter()
        .enumerate()
        .map(|(i, &row)| (row, big(lines.out_at(pot, i))))
        .collect();
    assert_eq!(outs, naive.outs[pot as usize]);
    let sized = |i| (big(lines.lot_at(pot, i)), big(lines.lot_size(&rows, pot, i)));
    let lots: Vec<_> = lines
        .lots(pot)
        .iter()
        .enumerate()
        .map(|(i, &lot)| (lot, sized(i).0, sized(i).1))
        .collect();
    assert_eq!(lots, naive.lots[pot as usize]);
    for row in 0..ledger.rows.len() as u32 + 1 {
        compare_totals::<U>(lines, naive, &rows, pot, row);
        let Some(&(source, target, _)) = ledger.rows.get(row as usize) else {
            continue;
        };
        if source == pot as i32 {
            assert_eq!(big(lines.before(&rows, row)), naive.before[row as usize]);
            let missing = naive.lots[pot as usize]
                .iter()
                .find(|lot| lot.0 == Lot::before_row(row));
            assert_eq!(
                big(lines.missing(&rows, row)),
                missing.map_or(BigUint::default(), |lot| lot.2.clone())
            );
            let start = naive.outs[pot as usize].iter().find(|out| out.0 == row);
            assert_eq!(
                big(lines.out_start(&rows, row)),
                start.map_or(BigUint::default(), |out| out.1.clone())
            );
        }
        if target == pot as i32 {
            assert_eq!(big(lines.after(&rows, row)), naive.after[row as usize]);
            let start = naive.lots[pot as usize].iter().find(|lot| lot.0 == Lot::of_row(row));
            assert_eq!(
                big(lines.in_start(&rows, row)),
                start.map_or(BigUint::default(), |lot| lot.1.clone())
            );
        }
    }
}

fn compare_totals<U: Units>(lines: &Lines, naive: &Naive, rows: &chaintrace_core::rows::Rows, pot: u32, row: u32) {
    let (received, sent) = lines.totals::<U>(rows, pot, row);
    let mut entered = naive.lots[pot as usize]
        .iter()
        .filter(|lot| lot.0.arrived() < i64::from(row));
    let left = naive.outs[pot as usize].iter().filter(|out| out.0 < row).count();
    assert_eq!(
        received.to_big(),
        entered.next_back().map_or(BigUint::default(), |lot| &lot.1 + &lot.2)
    );
    let end =
        |out: &(u32, BigUint)| &out.1 + BigUint::from_bytes_le(&rows.amount::<Wide>(out.0 as usize).to_le_bytes_vec());
    assert_eq!(
        sent.to_big(),
        naive.outs[pot as usize][..left].last().map_or(BigUint::default(), end)
    );
}

proptest! {
    #[test]
    fn lines_are_those_of_the_definition(ledger in ledgers(), opening: bool) {
        let columns = ledger.columns();
        let lines = Lines::draw(&columns.rows(), opening).unwrap();
        let (mut expected, missing) = naive(&ledger, &[]);
        if opening {
            expected = naive(&ledger, &missing).0;
        }
        for pot in 0..ledger.asset.len() as u32 {
            prop_assert_eq!(lines.is_wide(pot), lines.asset_is_wide(ledger.asset[pot as usize]));
            prop_assert_eq!(lines.is_wide(pot), ledger.is_wide(ledger.asset[pot as usize]));
            compare::<Wide>(&ledger, &lines, &expected, pot);
            if !lines.is_wide(pot) {
                compare::<u128>(&ledger, &lines, &expected, pot);
            }
        }
    }
}

#[test]
fn what_is_not_there_is_an_empty_line() {
    let ledger = Ledger {
        asset: vec![0],
        rows: vec![(-1, 0, Wide::from(5))],
    };
    let columns = ledger.columns();
    let lines = Lines::draw(&columns.rows(), false).unwrap();
    assert!(lines.out_rows(7).is_empty() && lines.lots(u32::MAX).is_empty());
    assert_eq!(lines.totals::<u128>(&columns.rows(), 9, 0), (0, 0));
    assert_eq!(lines.before::<u128>(&columns.rows(), 9), 0);
    assert_eq!(lines.lot_size::<u128>(&columns.rows(), 0, 3), 0);
    assert!(lines.bytes() > 0);
}

#[test]
fn a_pot_that_is_not_there_is_refused() {
    let ledger = Ledger {
        asset: vec![0],
        rows: vec![(-1, 1, Wide::from(5))],
    };
    let columns = ledger.columns();
    assert!(matches!(
        Lines::draw(&columns.rows(), false),
        Err(Failure::OutOfRange(_))
    ));
}
