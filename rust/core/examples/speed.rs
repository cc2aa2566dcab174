//! Times the kernel on random rows: `cargo run --release --example speed [rows]`.

use chaintrace_core::lines::Lines;
use chaintrace_core::rows::{Rows, WideAmounts};
use std::time::Instant;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A pot, the first the most often.
    fn pot(&mut self, pots: usize) -> i32 {
        ((pots as f64) * self.unit().powi(3)) as i32
    }
}

/// Rows between pots of one asset.
struct Ledger {
    sender: Vec<i32>,
    receiver: Vec<i32>,
    amount: Vec<[u64; 2]>,
    kind: Vec<u8>,
    asset: Vec<u32>,
    wide: WideAmounts,
}

impl Ledger {
    fn random(rows: usize, pots: usize) -> Ledger {
        let mut dice = Dice(7);
        let sender = (0..rows).map(|_| dice.pot(pots)).collect();
        let receiver = (0..rows).map(|_| dice.pot(pots)).collect();
        let amount = (0..rows).map(|_| [dice.next() >> (dice.next() % 60), 0]).collect();
        let wide = WideAmounts::default();
        Ledger {
            sender,
            receiver,
            amount,
            kind: vec![0; rows],
            asset: vec![0; pots],
            wide,
        }
    }

    fn rows(&self) -> Rows<'_> {
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

fn timed<T>(what: &str, run: impl Fn() -> T) -> T {
    let mut best = f64::MAX;
    for _ in 0..4 {
        let begin = Instant::now();
        drop(run());
        best = best.min(begin.elapsed().as_secs_f64());
    }
    println!("{what}: {:.1} ms", best * 1e3);
    run()
}

fn main() {
    let count = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(10_000_000);
    let ledger = Ledger::random(count, count / 4);
    let rows = ledger.rows();
    let lines = timed("draw", || Lines::draw(&rows, false).expect("rows are drawn"));
    println!("{:.1} bytes a row", lines.bytes() as f64 / count as f64);
    timed("draw from the opening", || {
        Lines::draw(&rows, true).expect("rows are drawn")
    });
}
