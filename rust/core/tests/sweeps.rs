//! Haircut, dirty-first, TIHO and poison: against whole-ledger sweeps without any cleverness, at every pace, in both
//! widths.

mod ledger;

use chaintrace_core::failure::{Failure, Result};
use chaintrace_core::lines::Lines;
use chaintrace_core::outcome::{Bucket, Outcome};
use chaintrace_core::poison::reach_at;
use chaintrace_core::question::{Conversion, Links, Method, Question, SeedPot, Span, Window};
use chaintrace_core::rows::{Rows, kind, nature};
use chaintrace_core::sweep::sweep_at;
use chaintrace_core::units::{Units, Wide};
use chaintrace_core::walk::Pace;
use ledger::{Columns, Ledger, ledgers};
use num_bigint::BigUint;
use num_traits::Zero;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::{BTreeMap, VecDeque};

/// A ledger and what is asked about it.
#[derive(Debug, Clone)]
struct Case {
    ledger: Ledger,
    kind: Vec<u8>,
    nature: Vec<u8>,
    links: Links,
    spans: Vec<Span>,
    pots: Vec<SeedPot>,
    until: u32,
    stops: Vec<(u32, Window)>,
    unfetched: Vec<bool>,
    max_hops: Option<u32>,
    min_amount: Vec<Wide>,
    opening: bool,
}

/// What a test compares, in order: moves, rests, planted, crossings.
type Said = (
    Vec<(u32, u32, BigUint, i32)>,
    Vec<(u8, i32, u32, i32, u32, BigUint)>,
    Vec<(u32, u32, BigUint)>,
    Vec<(u32, u32, BigUint)>,
);

fn said<U: Units>(outcome: Outcome<U>) -> Said {
    let (moves, rests) = (outcome.moves, outcome.rests);
    assert!(moves.start.is_empty() && moves.parent.is_empty());
    assert_eq!(moves.row.len(), moves.seed.len());
    assert_eq!(rests.mv, vec![-1; rests.row.len()]);
    let amount = |i: usize| moves.amount.get(i).map_or(BigUint::ZERO, |units| units.to_big());
    let big = |rows: Vec<(u32, u32, U)>| rows.into_iter().map(|(a, b, units)| (a, b, units.to_big())).collect();
    (
        (0..moves.row.len())
            .map(|i| (moves.row[i], moves.seed[i], amount(i), moves.hops[i]))
            .collect(),
        (0..rests.row.len())
            .map(|i| {
                let units = rests.amount[i].to_big();
                (
                    rests.bucket[i],
                    rests.category[i],
                    rests.pot[i],
                    rests.row[i],
                    rests.seed[i],
                    units,
                )
            })
            .collect(),
        big(outcome.planted),
        big(outcome.crossings),
    )
}

impl Case {
    fn columns(&self) -> Columns {
        let mut columns = self.ledger.columns();
        columns.kind = self.kind.clone();
        columns
    }

    fn question<'a>(&'a self, rows: Rows<'a>, method: Method, forward: bool) -> Question<'a> {
        let mut stops = rustc_hash::FxHashMap::default();
        for &(pot, window) in &self.stops {
            stops.entry(pot).or_insert_with(Vec::new).push(window);
        }
        Question {
            rows: Rows {
                nature: &self.nature,
                ..rows
            },
            links: &self.links,
            method,
            forward,
            spans: self.spans.clone(),
            pots: self.pots.clone(),
            until: self.until,
            stops: stops.into(),
            unfetched: &self.unfetched,
            max_hops: self.max_hops,
            min_amount: self.min_amount.clone(),
            interrupted: &|| false,
        }
    }

    fn answer<U: Units>(&self, method: Method, forward: bool, pace: Pace) -> Result<Said> {
        let columns = self.columns();
        let lines = Lines::draw(&columns.rows(), self.opening)?;
        let question = self.question(columns.rows(), method, forward);
        match method {
            Method::Poison => reach_at::<U>(&question, &lines, pace).map(said),
            _ => sweep_at::<U>(&question, &lines, pace).map(said),
        }
    }
}

/// Seed, pot, row, cap and shown rows.
type DraftPot = (u32, Index, Index, Option<Wide>, Vec<(Index, Wide)>);

#[derive(Debug, Clone)]
struct Draft {
    ledger: Ledger,
    kinds: Vec<u8>,
    natures: Vec<u8>,
    links: Vec<(Index, Index, bool)>,
    spans: Vec<(u32, Index, Wide, Wide, bool)>,
    pots: Vec<DraftPot>,
    until: Option<Index>,
    stops: Vec<(Index, Index, Index, u32)>,
    unfetched: Vec<bool>,
    limits: (Option<u32>, Option<Wide>),
    opening: bool,
}

fn cases(linked: bool) -> impl Strategy<Value = Case> {
    let kinds = select(vec![0, kind::FEE, kind::OPENING, kind::INPUT, kind::OUTPUT]);
    let units = || ledger::amounts();
    let seeds = || 0u32..3;
    let link = (any::<Index>(), any::<Index>(), any::<bool>());
    let shown = vec((any::<Index>(), units()), 0..3);
    let most = option::weighted(0.3, units().prop_map(|units| units.min(Wide::from(15))));
    (
        (
            ledgers(),
            vec(kinds, 30),
            vec(select(vec![nature::COIN, nature::TRANSACTION]), 6),
        ),
        vec(link, if linked { 1..3 } else { 0..1 }),
        vec((seeds(), any::<Index>(), units(), units(), any::<bool>()), 0..4),
        vec(
            (seeds(), any::<Index>(), any::<Index>(), option::of(units()), shown),
            0..3,
        ),
        option::weighted(0.3, any::<Index>()),
        vec((any::<Index>(), any::<Index>(), any::<Index>(), 0u32..3), 0..3),
        vec(any::<bool>(), 6),
        (option::weighted(0.3, 0u32..4), most),
        any::<bool>(),
    )
        .prop_map(
            |((ledger, kinds, natures), links, spans, pots, until, stops, unfetched, limits, opening)| Draft {
                ledger,
                kinds,
                natures,
                links,
                spans,
                pots,
                until,
                stops,
                unfetched,
                limits,
                opening,
            },
        )
        .prop_map(Draft::case)
}

impl Draft {
    fn case(self) -> Case {
        let (count, pots) = (self.ledger.rows.len(), self.ledger.asset.len());
        let mut case = Case {
            kind: self.kinds[..count].to_vec(),
            nature: self.natures[..pots].to_vec(),
            links: Links::default(),
            spans: vec![],
            pots: vec![],
            until: self.until.map_or(count, |at| at.index(count + 1)) as u32,
            stops: vec![],
            unfetched: self.unfetched[..pots].to_vec(),
            max_hops: self.limits.0,
            min_amount: self.limits.1.map_or(vec![], |least| vec![least, Wide::ZERO, least]),
            opening: self.opening,
            ledger: self.ledger,
        };
        for (source, target, double) in self.links {
            case.link(source.index(count.max(1)), target.index(count.max(1)), double);
        }
        for (seed, row, start, size, arrivals) in self.spans {
            case.span(seed, row.index(count.max(1)), start, size, arrivals);
        }
        for (seed, pot, row, cap, shown) in self.pots {
            let row = row.index(case.until as usize + 1) as u32;
            let rows = shown
                .into_iter()
                .filter(|_| row > 0)
                .map(|(at, units)| (at.index(row as usize) as u32, units));
            case.pots.push(SeedPot {
                seed,
                pot: pot.index(pots) as u32,
                row,
                cap,
                rows: rows.collect(),
            });
        }
        for (pot, first, last, category) in self.stops {
            let (first, last) = (first.index(count + 1) as u32, last.index(count + 1) as u32);
            case.stops.push((
                pot.index(pots) as u32,
                Window {
                    first: first.min(last),
                    last: first.max(last),
                    category,
                },
            ));
        }
        case
    }
}

impl Case {
    fn moves(&self, row: usize) -> bool {
        self.ledger
            .rows
            .get(row)
            .is_some_and(|row| row.0 != row.1 && !row.2.is_zero())
    }

    fn span(&mut self, seed: u32, row: usize, start: Wide, size: Wide, arrivals: bool) {
        if !self.moves(row) {
            return;
        }
        let amount = self.ledger.rows[row].2;
        let span = match u32::try_from(self.ledger.rows[row].1) {
            Ok(pot) if arrivals => Span::Arrivals {
                seed,
                pot,
                first: row as u32,
                last: self.until,
            },
            _ => {
                let start = start.min(amount);
                Span::Row {
                    seed,
                    row: row as u32,
                    start,
                    stop: (start + size).min(amount),
                }
            }
        };
        self.spans.push(span);
    }

    fn link(&mut self, source: usize, target: usize, double: bool) {
        let is_free =
            |case: &Case, row: usize| case.moves(row) && case.ledger.rows[row].0 >= 0 && case.ledger.rows[row].1 >= 0;
        let mut sources = vec![source];
        if double {
            sources.push(source + 1);
        }
        if sources.iter().any(|&row| row >= target || !is_free(self, row)) || !is_free(self, target) {
            return;
        }
        let number = self.links.conversions.len() as u32;
        let (mut n, mut at) = (BigUint::zero(), vec![]);
        for &row in &sources {
            at.push(n.clone());
            n += self.ledger.rows[row].2.to_big();
            self.ledger.rows[row].1 = -1;
            self.links.leaves.insert(row as u32, number);
        }
        self.ledger.rows[target].0 = -1;
        self.links.enters.insert(target as u32, number);
        self.links.conversions.push(Conversion {
            sources: sources.iter().map(|&row| row as u32).collect(),
            targets: vec![target as u32],
            source_at: at,
            target_at: vec![BigUint::zero()],
            n,
            m: self.ledger.rows[target].2.to_big(),
        });
    }
}

/// The taint of one pot, by whatever method.
#[derive(Default, Clone)]
struct Held {
    by_seed: BTreeMap<u32, BigUint>,
    queue: VecDeque<(u32, BigUint)>,
    fewest: i32,
}

/// A sweep over all rows, one after another.
struct Naive<'a> {
    q: Question<'a>,
    held: BTreeMap<u32, Held>,
    order: Vec<u32>,
    before: Vec<BigUint>,
    after: Vec<BigUint>,
    missing: Vec<BigUint>,
    said: Said,
}

impl<'a> Naive<'a> {
    fn run(case: &'a Case, q: Question<'a>) -> Said {
        let (mut balance, mut lacking) = (vec![BigUint::ZERO; q.rows.pots()], vec![BigUint::ZERO; q.rows.pots()]);
        let count = q.rows.len();
        let zeros = vec![BigUint::ZERO; count];
        let said = (vec![], vec![], vec![], vec![]);
        let (before, after, missing) = (zeros.clone(), zeros.clone(), zeros);
        let mut naive = Naive {
            q,
            held: BTreeMap::new(),
            order: vec![],
            before,
            after,
            missing,
            said,
        };
        if case.opening {
            naive.settle(&mut balance.clone(), &mut lacking);
            balance = lacking.clone();
            naive.missing.fill(BigUint::ZERO);
        }
        let mut moments = vec![];
        for row in 0..=count {
            moments.push(balance.clone());
            if row < count {
                naive.settle_row(row, &mut balance, &mut lacking);
            }
        }
        let steps: Vec<usize> = if naive.q.forward {
            (0..=count).collect()
        } else {
            (0..=count).rev().collect()
        };
        for row in steps {
            let visited = row < count && (!naive.q.forward || row < naive.q.until as usize);
            if !naive.q.forward && visited {
                naive.visit(row);
            }
            for seed in naive.q.pots.clone().iter().filter(|seed| seed.row as usize == row) {
                naive.plant(seed, &moments[row][seed.pot as usize]);
            }
            if naive.q.forward && visited {
                naive.visit(row);
            }
        }
        naive.finish(&moments)
    }

    fn settle(&mut self, balance: &mut [BigUint], lacking: &mut [BigUint]) {
        for row in 0..self.q.rows.len() {
            self.settle_row(row, balance, lacking);
        }
    }

    fn settle_row(&mut self, row: usize, balance: &mut [BigUint], lacking: &mut [BigUint]) {
        let (from, to, units) = (self.q.rows.sender[row], self.q.rows.receiver[row], self.amount(row));
        if from == to || units.is_zero() {
            return;
        }
        if let Ok(from) = usize::try_from(from) {
            if balance[from] < units {
                self.missing[row] = &units - &balance[from];
                lacking[from] += &self.missing[row];
                balance[from] = units.clone();
            }
            self.before[row] = balance[from].clone();
            balance[from] -= &units;
        }
        if let Ok(to) = usize::try_from(to) {
            balance[to] += &units;
            self.after[row] = balance[to].clone();
        }
    }

    fn amount(&self, row: usize) -> BigUint {
        self.q.rows.amount::<Wide>(row).to_big()
    }

    fn near(&self, row: usize) -> i32 {
        if self.q.forward {
            self.q.rows.sender[row]
        } else {
            self.q.rows.receiver[row]
        }
    }

    fn far(&self, row: usize) -> i32 {
        if self.q.forward {
            self.q.rows.receiver[row]
        } else {
            self.q.rows.sender[row]
        }
    }

    fn is_poison(&self) -> bool {
        self.q.method == Method::Poison
    }

    /// Seeded units of a row, in seed order.
    fn planted(&self, row: usize) -> Vec<(u32, BigUint)> {
        let at = row as u32;
        let amount = self.amount(row);
        let spans = self.q.spans.iter().filter_map(|span| match *span {
            Span::Row { seed, row, start, stop } if row == at => Some((seed, (stop - start).to_big())),
            Span::Arrivals { seed, pot, first, last }
                if (first..last).contains(&at)
                    && self.q.rows.receiver[row] == pot as i32
                    && self.q.rows.sender[row] != pot as i32
                    && !amount.is_zero() =>
            {
                Some((seed, amount.clone()))
            }
            _ => None,
        });
        spans.filter(|_| at < self.q.until).collect()
    }

    fn take(&mut self, pot: u32, units: &BigUint, balance: &BigUint) -> Vec<(u32, BigUint)> {
        let Some(held) = self.held.get_mut(&pot) else {
            return vec![];
        };
        let total: BigUint = held.by_seed.values().sum();
        if total.is_zero() {
            return vec![];
        }
        let mut parts = vec![];
        if self.q.method == Method::DirtyFirst {
            let mut left = units.clone();
            while let Some((seed, front)) = held.queue.pop_front() {
                let part = front.clone().min(left.clone());
                left -= &part;
                if part < front {
                    held.queue.push_front((seed, front - &part));
                }
                if !part.is_zero() {
                    parts.push((seed, part));
                }
                if left.is_zero() {
                    break;
                }
            }
        } else {
            let leaves = &total * units / balance;
            let (mut given, mut weighed) = (BigUint::ZERO, BigUint::ZERO);
            for (&seed, weight) in &held.by_seed {
                weighed += weight;
                let upto = &leaves * &weighed / &total;
                if upto > given {
                    parts.push((seed, &upto - &given));
                }
                given = upto;
            }
        }
        for (seed, part) in &parts {
            *held.by_seed.get_mut(seed).unwrap() -= part;
        }
        parts
    }

    fn visit(&mut self, row: usize) {
        let pot = self.near(row);
        let moves = self.q.rows.sender[row] != self.q.rows.receiver[row] && !self.amount(row).is_zero();
        let mut reached = moves && pot >= 0 && self.held.contains_key(&(pot as u32));
        let (units, balance) = (
            self.amount(row),
            if self.q.forward { &self.before } else { &self.after }[row].clone(),
        );
        let mut parts = match reached {
            true if self.is_poison() => vec![(0, units.clone())],
            true => self.take(pot as u32, &units, &balance),
            false => vec![],
        };
        reached &= !parts.is_empty();
        let mut hops = if reached {
            (self.held[&(pot as u32)].fewest + self.q.step(row as u32)).max(0)
        } else {
            0
        };
        let amount: BigUint = parts.iter().map(|part| &part.1).sum();
        if reached && let Some(bucket) = self.q.cut(row as u32, Wide::from_big(&amount), hops) {
            self.rest(bucket as u8, -1, self.q.side(row as u32), row as i32, &parts);
            parts.clear();
        }
        let seeds = self.planted(row);
        if self.is_poison() && !seeds.is_empty() {
            if parts.is_empty() {
                let most = seeds.into_iter().map(|seed| seed.1).max().unwrap();
                self.said.2.push((self.q.side(row as u32), 0, most));
            }
            (hops, parts) = (0, vec![(0, units)]);
        } else {
            for (seed, size) in seeds {
                let there: BigUint = parts.iter().map(|part| &part.1).sum();
                let fresh = size.min(&units - there);
                if !fresh.is_zero() {
                    self.said.2.push((self.q.side(row as u32), seed, fresh.clone()));
                    parts.push((seed, fresh));
                    hops = 0;
                }
            }
        }
        if !parts.is_empty() {
            self.go(row, parts, hops);
        }
    }

    fn go(&mut self, row: usize, parts: Vec<(u32, BigUint)>, hops: i32) {
        for (seed, units) in by_seed(&parts) {
            let units = if self.is_poison() { BigUint::ZERO } else { units };
            self.said.0.push((row as u32, seed, units, hops));
        }
        if let Some((bucket, category)) = self.q.end(row as u32) {
            return self.rest(bucket as u8, category, self.q.far(row as u32), row as i32, &parts);
        }
        let pot = self.far(row) as u32;
        self.enter(pot, &parts, hops);
        if !self.q.forward && !self.is_poison() && !self.missing[row].is_zero() {
            let (missing, before) = (self.missing[row].clone(), self.before[row].clone());
            let units = self.take(pot, &missing, &before);
            self.rest(self.q.unknown(pot) as u8, -1, pot, -1, &units);
        }
    }

    fn enter(&mut self, pot: u32, parts: &[(u32, BigUint)], hops: i32) {
        if !self.held.contains_key(&pot) {
            self.order.push(pot);
            self.held.insert(
                pot,
                Held {
                    fewest: hops,
                    ..Held::default()
                },
            );
        }
        let held = self.held.get_mut(&pot).unwrap();
        held.fewest = held.fewest.min(hops);
        for (seed, units) in parts {
            *held.by_seed.entry(*seed).or_default() += units;
            held.queue.push_back((*seed, units.clone()));
        }
    }

    fn plant(&mut self, seed: &SeedPot, balance: &BigUint) {
        let held = self.held.get(&seed.pot);
        let tainted: BigUint = held
            .filter(|_| !self.is_poison())
            .map_or(BigUint::ZERO, |held| held.by_seed.values().sum());
        let cap = seed.cap.map_or(balance.clone(), |cap| cap.to_big());
        let mut units = cap.min(balance - tainted);
        if units.is_zero() {
            return;
        }
        let number = if self.is_poison() { 0 } else { seed.seed };
        if !self.is_poison() || held.is_none() {
            self.said.2.push((seed.pot, number, units.clone()));
        }
        self.enter(
            seed.pot,
            &[(number, units.clone())],
            if self.q.forward { 0 } else { -1 },
        );
        if !self.q.forward {
            return;
        }
        let known: Vec<u32> = self.said.0.iter().map(|known| known.0).collect();
        let shown: Vec<_> = if self.is_poison() {
            seed.rows.clone()
        } else {
            seed.rows.iter().rev().copied().collect()
        };
        for (row, part) in shown {
            let part = part.to_big().min(units.clone());
            if self.is_poison() && !known.contains(&row) {
                self.said.0.push((row, 0, BigUint::ZERO, 0));
            }
            if !self.is_poison() && !part.is_zero() {
                units -= &part;
                self.said.0.push((row, number, part, 0));
            }
        }
    }

    fn rest(&mut self, bucket: u8, category: i32, pot: u32, row: i32, parts: &[(u32, BigUint)]) {
        for (seed, units) in by_seed(parts) {
            self.said.1.push((bucket, category, pot, row, seed, units));
        }
    }

    fn finish(mut self, moments: &[Vec<BigUint>]) -> Said {
        for pot in self.order.clone() {
            if self.is_poison() && self.q.forward {
                let units = moments[self.q.until as usize][pot as usize].clone();
                self.said.1.push((Bucket::Touched as u8, -1, pot, -1, 0, units));
            } else if !self.is_poison() {
                let bucket = if self.q.forward {
                    self.q.left(pot)
                } else {
                    self.q.unknown(pot)
                };
                let parts: Vec<_> = self.held[&pot].by_seed.clone().into_iter().collect();
                self.rest(bucket as u8, -1, pot, -1, &parts);
            }
        }
        if self.q.forward {
            self.said.0.sort_by_key(|known| known.0);
        } else {
            self.said.0.sort_by_key(|known| std::cmp::Reverse(known.0));
        }
        self.said
    }
}

fn by_seed(parts: &[(u32, BigUint)]) -> Vec<(u32, BigUint)> {
    let mut sums = BTreeMap::<u32, BigUint>::new();
    for (seed, units) in parts {
        *sums.entry(*seed).or_default() += units;
    }
    sums.into_iter().filter(|part| !part.1.is_zero()).collect()
}

fn ways() -> impl Strategy<Value = (Method, bool)> {
    let forward = [Method::Haircut, Method::DirtyFirst, Method::Poison].map(|method| (method, true));
    let backward = [Method::Haircut, Method::Poison].map(|method| (method, false));
    select([&forward[..], &backward[..]].concat())
}

const PACES: [Pace; 4] = [Pace::Adaptive, Pace::Events, Pace::Scan, Pace::Turns];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn sweeps_are_those_of_the_whole_ledger(case in cases(false), (method, forward) in ways()) {
        let columns = case.columns();
        let expected = Naive::run(&case, case.question(columns.rows(), method, forward));
        for pace in PACES {
            prop_assert_eq!(&case.answer::<Wide>(method, forward, pace).unwrap(), &expected, "{:?}", pace);
        }
    }

    #[test]
    fn every_pace_gives_the_same(case in cases(true), (method, forward) in ways()) {
        let expected = case.answer::<Wide>(method, forward, Pace::Events);
        for pace in PACES {
            prop_assert_eq!(&case.answer::<Wide>(method, forward, pace), &expected, "{:?}", pace);
        }
    }

    #[test]
    fn every_pace_of_tiho_gives_the_same(case in cases(true)) {
        let expected = case.answer::<Wide>(Method::Tiho, true, Pace::Events);
        for pace in PACES {
            prop_assert_eq!(&case.answer::<Wide>(Method::Tiho, true, pace), &expected, "{:?}", pace);
        }
    }

    #[test]
    fn both_widths_give_the_same(case in cases(true), (method, forward) in ways()) {
        let linked = Case { ledger: case.ledger.narrow(), ..case };
        prop_assume!(linked.links.conversions.is_empty() && (0..3).all(|asset| !linked.ledger.is_wide(asset)));
        for pace in PACES {
            let narrow = linked.answer::<u128>(method, forward, pace);
            prop_assert_eq!(narrow, linked.answer::<Wide>(method, forward, pace));
        }
    }
}

#[test]
fn tiho_is_for_transactions() {
    let ledger = Ledger {
        asset: vec![0, 0],
        rows: vec![(0, 1, Wide::from(5))],
    };
    let span = Span::Row {
        seed: 0,
        row: 0,
        start: Wide::ZERO,
        stop: Wide::from(5),
    };
    let case = Case {
        ledger,
        kind: vec![0],
        nature: vec![],
        links: Links::default(),
        spans: vec![span],
        pots: vec![],
        until: 1,
        stops: vec![],
        unfetched: vec![],
        max_hops: None,
        min_amount: vec![],
        opening: false,
    };
    assert_eq!(
        case.answer::<u128>(Method::Tiho, true, Pace::Adaptive),
        Err(Failure::NotPerTransaction)
    );
}
