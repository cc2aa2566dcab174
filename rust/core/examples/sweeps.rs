//! Times the sweeps on random rows in which few accounts have most of the transfers.
//!
//!     cargo run --release --example sweeps -- [wide] [narrow] [back] [320] [paces]

use chaintrace_core::lines::Lines;
use chaintrace_core::outcome::Outcome;
use chaintrace_core::poison::reach_at;
use chaintrace_core::question::{Links, Method, Question, Span};
use chaintrace_core::rows::{Rows, WideAmounts};
use chaintrace_core::sweep::sweep_at;
use chaintrace_core::units::{Units, Wide};
use chaintrace_core::walk::Pace;
use std::hint::black_box;
use std::time::{Duration, Instant};

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// An account, most often one of few: account 0 has most transfers.
    fn account(&mut self, accounts: usize) -> usize {
        (accounts as f64 * self.unit().powi(3)) as usize % accounts
    }

    /// 10^15 to 10^21 wei.
    fn amount(&mut self) -> u128 {
        let size = 10f64.powf(15.0 + 6.0 * self.unit());
        size as u128 + u128::from(self.next() % 1000)
    }
}

/// Pots numbered by first appearance, as those of a graph are.
struct Numbers {
    known: Vec<i32>,
    next: i32,
}

impl Numbers {
    fn of(&mut self, account: usize) -> i32 {
        if self.known[account] < 0 {
            self.known[account] = self.next;
            self.next += 1;
        }
        self.known[account]
    }
}

/// Rows of one asset.
struct Ledger {
    sender: Vec<i32>,
    receiver: Vec<i32>,
    amount: Vec<[u64; 2]>,
    wide: WideAmounts,
    kind: Vec<u8>,
    asset: Vec<u32>,
}

impl Ledger {
    fn random(rows: usize, pots: usize) -> Ledger {
        let mut random = Random(7);
        let mut ledger = Ledger {
            sender: vec![],
            receiver: vec![],
            amount: vec![],
            wide: WideAmounts::default(),
            kind: vec![0; rows],
            asset: vec![0; pots],
        };
        let mut numbers = Numbers {
            known: vec![-1; pots],
            next: 0,
        };
        for _ in 0..rows {
            ledger.sender.push(numbers.of(random.account(pots)));
            ledger.receiver.push(numbers.of(random.account(pots)));
            let amount = random.amount();
            ledger.amount.push([amount as u64, (amount >> 64) as u64]);
        }
        ledger
    }

    /// Widens all sums beyond 128 bits: the first row has an amount of its own that is too large.
    fn widen(&mut self) {
        self.wide = WideAmounts {
            rows: vec![0],
            values: vec![Wide::from(1) << 200],
        };
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

fn question<'a>(ledger: &'a Ledger, links: &'a Links, method: Method, forward: bool, seed: Span) -> Question<'a> {
    Question {
        rows: ledger.rows(),
        links,
        method,
        forward,
        spans: vec![seed],
        pots: vec![],
        until: ledger.amount.len() as u32,
        stops: Default::default(),
        unfetched: &[],
        max_hops: None,
        min_amount: vec![],
        interrupted: &|| false,
    }
}

/// What this thread has spent on a processor: the time that a busy machine does not change.
fn spent() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn time<U: Units>(name: &str, question: &Question, lines: &Lines, pace: Pace) {
    let (mut wall, mut best, mut counts) = (Duration::MAX, Duration::MAX, (0, 0));
    for _ in 0..5 {
        let (begin, before) = (Instant::now(), spent());
        let outcome: Outcome<U> = match question.method {
            Method::Poison => reach_at(question, lines, pace),
            _ => sweep_at(question, lines, pace),
        }
        .expect("an answer");
        (wall, best) = (wall.min(begin.elapsed()), best.min(spent() - before));
        let outcome = black_box(outcome);
        counts = (outcome.moves.row.len(), outcome.rests.bucket.len());
    }
    let (method, (moves, rests)) = (question.method, counts);
    println!("{name} {method:?} {pace:?}: {wall:.1?}, on a processor {best:.1?}; {moves} moves, {rests} rests");
}

/// All that the busiest account receives from `first` to `last`.
fn arrivals(ledger: &Ledger, first: usize, last: usize) -> Span {
    let mut counts = vec![0u32; ledger.asset.len()];
    for &pot in &ledger.receiver {
        counts[pot as usize] += 1;
    }
    let pot = (0..counts.len()).max_by_key(|&pot| counts[pot]).expect("a pot") as u32;
    Span::Arrivals {
        seed: 0,
        pot,
        first: first as u32,
        last: last as u32,
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let asked = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    let (rows, pots) = (10_000_000, 2_500_000);
    let mut ledger = Ledger::random(rows, pots);
    let links = Links::default();
    let begin = Instant::now();
    let lines = Lines::draw(&ledger.rows(), false).expect("lines");
    println!("draw {:.1?}, {} bytes", begin.elapsed(), lines.bytes());
    let wide = arrivals(&ledger, rows / 100, 3 * rows / 100);
    let narrow = arrivals(&ledger, rows - rows / 100, rows - rows / 100 + 2000);
    let back = arrivals(&ledger, rows - 3 * rows / 100, rows - rows / 100);
    for (name, seed, forward) in [("wide", &wide, true), ("narrow", &narrow, true), ("back", &back, false)] {
        for method in [Method::Haircut, Method::Poison].into_iter().filter(|_| asked(name)) {
            let question = question(&ledger, &links, method, forward, seed.clone());
            time::<u128>(name, &question, &lines, Pace::Adaptive);
            if words.iter().any(|word| word == "paces") {
                time::<u128>(name, &question, &lines, Pace::Events);
                time::<u128>(name, &question, &lines, Pace::Scan);
            }
        }
    }
    if asked("320") {
        ledger.widen();
        let lines = Lines::draw(&ledger.rows(), false).expect("lines");
        for method in [Method::Haircut, Method::Poison] {
            let question = question(&ledger, &links, method, true, wide.clone());
            time::<Wide>("320 bits", &question, &lines, Pace::Adaptive);
        }
    }
}
