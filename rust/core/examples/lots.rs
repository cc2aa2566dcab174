//! Times the lines and the methods of lots.
//!
//!     cargo run --release --example lots -- [rows]                          random rows, few pots have most of them
//!     cargo run --release --example lots -- <prefix> <wide row> <narrow row>
//!
//! A prefix names three files of native numbers: `-s.bin` and `-r.bin` with the pots of each row (i32) and `-a.bin` with
//! the low and high half of each amount (u64). The seed is a whole row.

use chaintrace_core::fifo::Fifo;
use chaintrace_core::lifo::Lifo;
use chaintrace_core::lines::Lines;
use chaintrace_core::lots::follow;
use chaintrace_core::outcome::Outcome;
use chaintrace_core::question::{Links, Method, Question, Span};
use chaintrace_core::rows::{Rows, WideAmounts};
use chaintrace_core::units::{Units, Wide};
use std::hint::black_box;
use std::time::Instant;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A pot, the first the most often.
    fn pot(&mut self, pots: usize) -> i32 {
        let unit = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (pots as f64 * unit.powi(5)) as i32
    }
}

/// The columns of rows between pots of one asset.
struct Ledger {
    sender: Vec<i32>,
    receiver: Vec<i32>,
    amount: Vec<[u64; 2]>,
    kind: Vec<u8>,
    asset: Vec<u32>,
    wide: WideAmounts,
}

impl Ledger {
    fn random(rows: usize) -> Ledger {
        let (mut dice, pots) = (Dice(7), rows / 4);
        let sender = (0..rows).map(|_| dice.pot(pots)).collect();
        let receiver = (0..rows).map(|_| dice.pot(pots)).collect();
        let amount = (0..rows).map(|_| [dice.next() >> (dice.next() % 60), 0]).collect();
        Ledger::of(sender, receiver, amount)
    }

    fn read(prefix: &str) -> Ledger {
        let bytes = |name: &str| std::fs::read(format!("{prefix}-{name}.bin")).expect("the file is there");
        let pots = |name: &str| {
            bytes(name)
                .as_chunks()
                .0
                .iter()
                .map(|&four| i32::from_ne_bytes(four))
                .collect()
        };
        let half = |eight: &[u8]| u64::from_ne_bytes(eight.try_into().expect("eight bytes"));
        let amounts = bytes("a");
        let amount = amounts
            .as_chunks::<16>()
            .0
            .iter()
            .map(|both| [half(&both[..8]), half(&both[8..])])
            .collect();
        Ledger::of(pots("s"), pots("r"), amount)
    }

    fn of(sender: Vec<i32>, receiver: Vec<i32>, amount: Vec<[u64; 2]>) -> Ledger {
        let pots = sender.iter().chain(&receiver).max().map_or(0, |&pot| pot as usize + 1);
        let (kind, asset) = (vec![0; amount.len()], vec![0; pots]);
        Ledger {
            sender,
            receiver,
            amount,
            kind,
            asset,
            wide: WideAmounts::default(),
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

/// Milliseconds that this thread has had a processor for, where the system says so: others may be at work too.
fn clock() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = text.split(' ').next().and_then(|word| word.parse::<f64>().ok());
    spent.map_or_else(
        || START.with(|start| start.elapsed().as_secs_f64() * 1e3),
        |nanoseconds| nanoseconds / 1e6,
    )
}

thread_local!(static START: Instant = Instant::now());

fn timed<T>(what: &str, run: impl Fn() -> T) -> T {
    let (mut wall, mut own) = (f64::MAX, f64::MAX);
    for _ in 0..7 {
        let (begin, spent) = (Instant::now(), clock());
        let made = black_box(run());
        own = own.min(clock() - spent);
        wall = wall.min(begin.elapsed().as_secs_f64() * 1e3);
        drop(made);
    }
    println!("{what:32} {wall:8.2} ms, {own:8.2} of a processor");
    run()
}

fn ask<U: Units>(what: &str, question: &Question, lines: &Lines) -> Outcome<U> {
    let rows = question.rows;
    let outcome = timed(what, || match question.method {
        Method::Lifo => follow::<U>(question, lines, Lifo::new(rows, lines, question.forward)),
        _ => follow(question, lines, Fifo { rows, lines }),
    });
    let outcome = outcome.expect("an answer");
    println!("{:32} {} pieces", "", outcome.moves.row.len());
    outcome
}

fn time<U: Units>(ledger: &Ledger, seeds: &[(&str, u32)]) {
    let (rows, links) = (ledger.rows(), Links::default());
    let lines = timed("draw", || Lines::draw(&rows, false)).expect("rows are drawn");
    println!("{:32} {:.1} bytes a row", "", lines.bytes() as f64 / rows.len() as f64);
    timed("draw from the opening", || Lines::draw(&rows, true)).expect("rows are drawn");
    for &(width, row) in seeds {
        for (method, forward) in [
            (Method::Fifo, true),
            (Method::Fifo, false),
            (Method::Lifo, true),
            (Method::Lifo, false),
        ] {
            let question = Question {
                rows,
                links: &links,
                method,
                forward,
                spans: vec![Span::Row {
                    seed: 0,
                    row,
                    start: Wide::ZERO,
                    stop: rows.amount(row as usize),
                }],
                pots: vec![],
                until: rows.len() as u32,
                stops: Default::default(),
                unfetched: &[],
                max_hops: None,
                min_amount: vec![],
                interrupted: &|| false,
            };
            ask::<U>(
                &format!("{method:?} {width} {}", if forward { "forwards" } else { "backwards" }),
                &question,
                &lines,
            );
        }
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize| words.get(i).and_then(|word| word.parse::<u32>().ok());
    let mut ledger = match words.first() {
        Some(prefix) if number(0).is_none() => Ledger::read(prefix),
        _ => Ledger::random(number(0).unwrap_or(10_000_000) as usize),
    };
    let count = ledger.amount.len() as u32;
    let seeds = [
        ("wide", number(1).unwrap_or(count / 2)),
        ("narrow", number(2).unwrap_or(count - count / 100)),
    ];
    time::<u128>(&ledger, &seeds);
    println!("the same with one amount of 2^200");
    ledger.wide = WideAmounts {
        rows: vec![0],
        values: vec![Wide::from(1) << 200],
    };
    time::<Wide>(&ledger, &seeds);
}
