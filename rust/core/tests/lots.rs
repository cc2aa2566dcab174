//! FIFO and LIFO against a queue and a stack of units, and the laws of DESIGN §4.

mod ledger;

use chaintrace_core::fifo::Fifo;
use chaintrace_core::lifo::Lifo;
use chaintrace_core::lines::Lines;
use chaintrace_core::lots::follow;
use chaintrace_core::outcome::{Bucket, Outcome};
use chaintrace_core::question::{Conversion, Links, Method, Question, SeedPot, Span, Window};
use chaintrace_core::rows::{Rows, kind};
use chaintrace_core::stretch::Stretch;
use chaintrace_core::units::{Units, Wide};
use ledger::{Columns, Ledger, ledgers};
use num_bigint::BigUint;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What is asked, before it is placed on a ledger: numbers are taken modulo what there is.
#[derive(Debug, Clone)]
struct Asked {
    lifo: bool,
    opening: bool,
    spans: Vec<(usize, u64, u64)>,
    pots: Vec<(usize, usize)>,
    until: usize,
}

prop_compose! {
    fn asked()(
        lifo: bool,
        opening: bool,
        spans in vec((0usize..64, 0u64..4, 0u64..4), 0..4),
        pots in vec((0usize..64, 0usize..64), 0..3),
        until in 0usize..64,
    ) -> Asked {
        Asked { lifo, opening, spans, pots, until }
    }
}

fn question<'a>(rows: Rows<'a>, links: &'a Links, asked: &Asked, forward: bool) -> Question<'a> {
    let mut spans = Vec::new();
    for (seed, &(row, start, cut)) in asked.spans.iter().enumerate() {
        if rows.is_empty() {
            continue;
        }
        let row = row % rows.len();
        let units: Wide = rows.amount(row);
        let (start, stop) = (Wide::from(start).min(units), units.saturating_sub(Wide::from(cut)));
        if rows.sender[row] != rows.receiver[row] && start < stop {
            spans.push(Span::Row {
                seed: seed as u32,
                row: row as u32,
                start,
                stop,
            });
        }
    }
    let until = if asked.until < 32 {
        asked.until.min(rows.len())
    } else {
        rows.len()
    };
    let pots = asked.pots.iter().enumerate().map(|(seed, &(pot, row))| SeedPot {
        seed: (spans.len() + seed) as u32,
        pot: (pot % rows.pots()) as u32,
        row: (row % (until + 1)) as u32,
        cap: None,
        rows: vec![],
    });
    let pots = pots.collect();
    Question {
        rows,
        links,
        method: if asked.lifo { Method::Lifo } else { Method::Fifo },
        forward,
        spans,
        pots,
        until: until as u32,
        stops: Default::default(),
        unfetched: &[],
        max_hops: None,
        min_amount: vec![],
        interrupted: &|| false,
    }
}

fn run<U: Units>(question: &Question, lines: &Lines) -> Outcome<U> {
    match question.method {
        Method::Fifo => follow(
            question,
            lines,
            Fifo {
                rows: question.rows,
                lines,
            },
        )
        .unwrap(),
        _ => follow(question, lines, Lifo::new(question.rows, lines, question.forward)).unwrap(),
    }
}

/// Units in a pot or on a row, and whose they are.
type Chunks = Vec<(Option<u32>, Wide)>;

/// Tainted stretches of rows by row, and what is left by pot or gone by row.
#[derive(Debug, Default, PartialEq)]
struct Found {
    on: BTreeMap<(u32, Wide), (u32, Wide)>,
    left: BTreeMap<(bool, u32, u32), Wide>,
    planted: BTreeMap<u32, Wide>,
}

impl Found {
    fn add(&mut self, row: u32, start: Wide, stop: Wide, seed: u32) {
        let before = self
            .on
            .range(..(row, start))
            .next_back()
            .map(|(&key, &value)| (key, value));
        match before {
            Some((key, (other, end))) if key.0 == row && end == start && other == seed => {
                self.on.insert(key, (seed, stop));
            }
            _ => {
                self.on.insert((row, start), (seed, stop));
            }
        }
    }
}

/// A queue, or a stack, of units in every pot.
fn simulate(question: &Question, lines: &Lines) -> Found {
    let rows = &question.rows;
    let mut pots: Vec<Chunks> = (0..rows.pots() as u32).map(|pot| head(rows, lines, pot)).collect();
    let mut found = Found::default();
    for row in 0..=question.until {
        for seed in question.pots.iter().filter(|seed| seed.row == row) {
            let units = paint(&mut pots[seed.pot as usize], seed.seed, Wide::ZERO, Wide::MAX);
            *found.planted.entry(seed.seed).or_default() += units;
        }
        if row == question.until {
            break;
        }
        let (source, target) = (rows.sender[row as usize], rows.receiver[row as usize]);
        let units: Wide = rows.amount(row as usize);
        if source == target || units.is_zero() {
            continue;
        }
        let mut slice = match usize::try_from(source) {
            Ok(pot) => take(&mut pots[pot], units, question.method == Method::Lifo),
            Err(_) => vec![(None, units)],
        };
        for span in &question.spans {
            if let Span::Row {
                seed,
                row: at,
                start,
                stop,
            } = *span
                && at == row
            {
                *found.planted.entry(seed).or_default() += paint(&mut slice, seed, start, stop);
            }
        }
        let mut at = Wide::ZERO;
        for &(seed, size) in &slice {
            if let Some(seed) = seed {
                found.add(row, at, at + size, seed);
            }
            at += size;
        }
        match usize::try_from(target) {
            Ok(pot) => pots[pot].extend(slice),
            Err(_) => leave(&mut found, true, row, &slice),
        }
    }
    for (pot, chunks) in pots.iter().enumerate() {
        leave(&mut found, false, pot as u32, chunks);
    }
    found.planted.retain(|_, units| !units.is_zero());
    found
}

fn head(rows: &Rows, lines: &Lines, pot: u32) -> Chunks {
    let is_head = lines.lots(pot).first().is_some_and(|lot| lot.is_head());
    if is_head {
        vec![(None, lines.lot_size(rows, pot, 0))]
    } else {
        vec![]
    }
}

fn leave(found: &mut Found, gone: bool, place: u32, chunks: &Chunks) {
    for &(seed, size) in chunks {
        if let Some(seed) = seed {
            *found.left.entry((gone, place, seed)).or_default() += size;
        }
    }
}

/// Gives clean units from `start` to `stop` to the seed; how many there were.
fn paint(chunks: &mut Chunks, seed: u32, start: Wide, stop: Wide) -> Wide {
    let (mut painted, mut at, mut units) = (Chunks::new(), Wide::ZERO, Wide::ZERO);
    for (whose, size) in std::mem::take(chunks) {
        let end = at + size;
        let (low, high) = (start.clamp(at, end), stop.clamp(at, end).max(start.clamp(at, end)));
        let own = whose.or(Some(seed));
        units += if whose.is_none() { high - low } else { Wide::ZERO };
        painted.extend([(whose, low - at), (own, high - low), (whose, end - high)]);
        at = end;
    }
    painted.retain(|chunk| !chunk.1.is_zero());
    *chunks = painted;
    units
}

/// Takes units from a pot, from the front or from the back, in their order; what is missing enters first.
fn take(chunks: &mut Chunks, units: Wide, from_back: bool) -> Chunks {
    let there = chunks.iter().fold(Wide::ZERO, |sum, chunk| sum + chunk.1);
    if there < units {
        chunks.push((None, units - there));
    }
    let first = if from_back {
        there.max(units) - units
    } else {
        Wide::ZERO
    };
    let (mut taken, mut kept, mut at) = (Chunks::new(), Chunks::new(), Wide::ZERO);
    for (whose, size) in std::mem::take(chunks) {
        let end = at + size;
        let (low, high) = (first.clamp(at, end), (first + units).clamp(at, end));
        taken.push((whose, high - low));
        kept.extend([(whose, low - at), (whose, end - high)]);
        at = end;
    }
    taken.retain(|chunk| !chunk.1.is_zero());
    kept.retain(|chunk| !chunk.1.is_zero());
    *chunks = kept;
    taken
}

/// An outcome in the words of the simulation.
fn found<U: Units>(outcome: &Outcome<U>) -> Found {
    let mut found = Found::default();
    let moves = &outcome.moves;
    let mut order: Vec<usize> = (0..moves.row.len()).collect();
    order.sort_by_key(|&i| (moves.row[i], moves.start[i]));
    for i in order {
        let start = moves.start[i].to_wide();
        found.add(moves.row[i], start, start + moves.amount[i].to_wide(), moves.seed[i]);
    }
    let rests = &outcome.rests;
    for i in 0..rests.row.len() {
        let gone = rests.bucket[i] != Bucket::Held as u8;
        let place = if gone { rests.row[i] as u32 } else { rests.pot[i] };
        *found.left.entry((gone, place, rests.seed[i])).or_default() += rests.amount[i].to_wide();
    }
    for &(_, seed, units) in &outcome.planted {
        *found.planted.entry(seed).or_default() += units.to_wide();
    }
    found
}

/// Every parent is an earlier move, and the moves are in the order of the walk.
fn check_moves<U: Units>(outcome: &Outcome<U>, forward: bool) {
    let moves = &outcome.moves;
    for (i, &parent) in moves.parent.iter().enumerate() {
        assert!((-1..i as i32).contains(&parent));
        if let Ok(parent) = usize::try_from(parent) {
            assert_eq!(moves.row[parent] < moves.row[i], forward);
            assert_eq!(moves.seed[parent], moves.seed[i]);
        }
    }
    assert!(
        moves
            .row
            .is_sorted_by(|one, other| if forward { one <= other } else { one >= other })
    );
}

fn whole(columns: &Columns, row: usize) -> Vec<Span> {
    vec![Span::Row {
        seed: 0,
        row: row as u32,
        start: Wide::ZERO,
        stop: columns.rows().amount(row),
    }]
}

fn on(outcome: &Outcome<Wide>, row: usize) -> Wide {
    let moves = outcome
        .moves
        .row
        .iter()
        .zip(&outcome.moves.amount)
        .filter(|&(&at, _)| at as usize == row);
    moves.fold(Wide::ZERO, |sum, (_, &units)| sum + units)
}

/// A copy that can be compared.
fn columns_of<U: Units>(outcome: &Outcome<U>) -> String {
    let wide = |units: &[U]| units.iter().map(|units| units.to_wide()).collect::<Vec<_>>();
    let (moves, rests) = (&outcome.moves, &outcome.rests);
    let moved = (
        &moves.row,
        &moves.seed,
        wide(&moves.amount),
        &moves.hops,
        wide(&moves.start),
        &moves.parent,
    );
    let rested = (
        &rests.bucket,
        &rests.category,
        &rests.pot,
        &rests.row,
        &rests.seed,
        wide(&rests.amount),
        &rests.mv,
    );
    let pairs = |list: &[(u32, u32, U)]| {
        list.iter()
            .map(|one| (one.0, one.1, one.2.to_wide()))
            .collect::<Vec<_>>()
    };
    format!(
        "{moved:?} {rested:?} {:?} {:?}",
        pairs(&outcome.planted),
        pairs(&outcome.crossings)
    )
}

proptest! {
    #[test]
    fn lots_are_units_in_a_queue_or_a_stack(ledger in ledgers(), asked in asked()) {
        let (columns, links) = (ledger.columns(), Links::default());
        let lines = Lines::draw(&columns.rows(), asked.opening).unwrap();
        let question = question(columns.rows(), &links, &asked, true);
        let outcome = run::<Wide>(&question, &lines);
        check_moves(&outcome, true);
        prop_assert_eq!(found(&outcome), simulate(&question, &lines));
    }

    #[test]
    fn backwards_is_the_same_map_read_the_other_way(ledger in ledgers(), asked in asked(), from: usize, to: usize) {
        let (columns, links) = (ledger.columns(), Links::default());
        let moving = moving(&ledger);
        if moving.is_empty() {
            return Ok(());
        }
        let (from, to) = (moving[from % moving.len()], moving[to % moving.len()]);
        let lines = Lines::draw(&columns.rows(), asked.opening).unwrap();
        let asked = Asked { spans: vec![], pots: vec![], until: 64, ..asked };
        let mut forward = question(columns.rows(), &links, &asked, true);
        forward.spans = whole(&columns, from);
        let mut backward = question(columns.rows(), &links, &asked, false);
        backward.spans = whole(&columns, to);
        prop_assert_eq!(on(&run(&forward, &lines), to), on(&run(&backward, &lines), from));
    }

    #[test]
    fn both_widths_answer_alike(ledger in ledgers(), asked in asked(), forward: bool) {
        let ledger = ledger.narrow();
        let (columns, links) = (ledger.columns(), Links::default());
        let lines = Lines::draw(&columns.rows(), asked.opening).unwrap();
        prop_assert!((0..ledger.asset.len() as u32).all(|pot| !lines.is_wide(pot)));
        let question = question(columns.rows(), &links, &asked, forward);
        prop_assert_eq!(columns_of(&run::<u128>(&question, &lines)), columns_of(&run::<Wide>(&question, &lines)));
    }

    #[test]
    fn how_a_stack_is_read_does_not_matter(ledger in ledgers(), asked in asked(), forward: bool) {
        let (columns, links) = (ledger.columns(), Links::default());
        let lines = Lines::draw(&columns.rows(), asked.opening).unwrap();
        let question = question(columns.rows(), &links, &Asked { lifo: true, ..asked }, forward);
        let at = |turns| Lifo::new(question.rows, &lines, forward).with_patience(turns);
        let answers = [0, 1, usize::MAX].map(|turns| follow::<Wide>(&question, &lines, at(turns)).unwrap());
        prop_assert_eq!(columns_of(&answers[0]), columns_of(&answers[1]));
        prop_assert_eq!(columns_of(&answers[0]), columns_of(&answers[2]));
    }

    #[test]
    fn nothing_is_lost(
        ledger in ledgers(),
        asked in asked(),
        forward: bool,
        stops in vec((0u32..6, 0u32..20, 0u32..30), 0..3),
        linked in option::of((0usize..64, 0usize..64)),
        max_hops in option::of(0u32..4),
        least in 0u64..8,
        unfetched in vec(any::<bool>(), 6),
    ) {
        let (columns, links) = link(&ledger, linked);
        let lines = Lines::draw(&columns.rows(), asked.opening).unwrap();
        let mut question = question(columns.rows(), &links, &asked, forward);
        question.until = columns.rows().len() as u32;
        for (pot, first, last) in stops {
            let stops = std::sync::Arc::make_mut(&mut question.stops);
            stops.entry(pot).or_default().push(Window { first, last, category: 3 });
        }
        question.max_hops = max_hops;
        question.min_amount = vec![Wide::from(least); 3];
        question.unfetched = &unfetched;
        let outcome = run::<Wide>(&question, &lines);
        check_moves(&outcome, forward);
        let mut sums: BTreeMap<u32, (Wide, Wide)> = BTreeMap::new();
        let asset = |pot: u32| columns.rows().asset[pot as usize];
        for &(pot, _, units) in &outcome.planted {
            sums.entry(asset(pot)).or_default().0 += units;
        }
        for &(row, _, units) in &outcome.crossings {
            sums.entry(asset(question.near(row, true))).or_default().0 += units;
        }
        for (&pot, &units) in outcome.rests.pot.iter().zip(&outcome.rests.amount) {
            sums.entry(asset(pot)).or_default().1 += units;
        }
        prop_assert!(sums.values().all(|(seeded, rested)| seeded == rested), "{:?}", sums);
    }

    #[test]
    fn links_map_units_by_floors(sources in vec(1u64..7, 1..4), targets in vec(1u64..7, 1..4)) {
        let conversion = conversion(&sources, &targets);
        let (n, m) = (sources.iter().sum::<u64>(), targets.iter().sum::<u64>());
        let (source_of, target_of) = (units(&sources), units(&targets));
        for x in 0..n {
            let (row, at) = source_of[x as usize];
            let image: Vec<_> = (x * m / n..(x + 1) * m / n).map(|y| target_of[y as usize]).collect();
            let found = conversion.onward(Stretch { row, start: u128::from(at), stop: u128::from(at) + 1 });
            prop_assert_eq!(single(&found), shift(&image, 100));
        }
        for y in 0..m {
            let (row, at) = target_of[y as usize];
            let x = (0..n).find(|x| (x + 1) * m / n > y).unwrap();
            let from = Stretch { row: row + 100, start: u128::from(at), stop: u128::from(at) + 1 };
            prop_assert_eq!(single(&conversion.origin(from)), shift(&[source_of[x as usize]], 0));
        }
        for forward in [true, false] {
            for i in 0..if forward { sources.len() } else { targets.len() } {
                let row = i as u32 + if forward { 0 } else { 100 };
                prop_assert_eq!(conversion.touched(row, forward), touched(&sources, &targets, i, forward));
            }
        }
    }
}

fn touched(sources: &[u64], targets: &[u64], i: usize, forward: bool) -> Vec<u32> {
    let (here, there, base) = if forward {
        (sources, targets, 100)
    } else {
        (targets, sources, 0)
    };
    let (n, m) = (here.iter().sum::<u64>(), there.iter().sum::<u64>());
    let ends = |side: &[u64], i: usize| (side[..i].iter().sum::<u64>(), side[..=i].iter().sum::<u64>());
    let (first, last) = ends(here, i);
    let meets = |&j: &usize| first * m < ends(there, j).1 * n && last * m > ends(there, j).0 * n;
    (0..there.len()).filter(meets).map(|j| j as u32 + base).collect()
}

fn units(sizes: &[u64]) -> Vec<(u32, u64)> {
    sizes
        .iter()
        .enumerate()
        .flat_map(|(i, &size)| (0..size).map(move |at| (i as u32, at)))
        .collect()
}

fn shift(units: &[(u32, u64)], base: u32) -> Vec<(u32, u128)> {
    units.iter().map(|&(row, at)| (row + base, u128::from(at))).collect()
}

fn single(stretches: &[Stretch<u128>]) -> Vec<(u32, u128)> {
    stretches
        .iter()
        .flat_map(|one| (one.start..one.stop).map(|at| (one.row, at)))
        .collect()
}

fn conversion(sources: &[u64], targets: &[u64]) -> Conversion {
    let at = |sizes: &[u64]| {
        let starts = (0..sizes.len())
            .map(|i| BigUint::from(sizes[..i].iter().sum::<u64>()))
            .collect::<Vec<_>>();
        (starts, BigUint::from(sizes.iter().sum::<u64>()))
    };
    let ((source_at, n), (target_at, m)) = (at(sources), at(targets));
    let targets = (100..100 + targets.len() as u32).collect();
    Conversion {
        sources: (0..sources.len() as u32).collect(),
        targets,
        source_at,
        target_at,
        n,
        m,
    }
}

/// Rows that move something.
fn moving(ledger: &Ledger) -> Vec<usize> {
    let moves = |row: &usize| ledger.rows[*row].0 != ledger.rows[*row].1 && !ledger.rows[*row].2.is_zero();
    (0..ledger.rows.len()).filter(moves).collect()
}

/// The ledger with one row linked to a later one, as a book does it.
fn link(ledger: &Ledger, linked: Option<(usize, usize)>) -> (Columns, Links) {
    let (mut ledger, mut links) = (ledger.clone(), Links::default());
    let moving = moving(&ledger);
    if let Some((one, other)) = linked
        && moving.len() > 1
    {
        let i = one % (moving.len() - 1);
        let j = i + 1 + other % (moving.len() - 1 - i);
        let (source, target) = (moving[i] as u32, moving[j] as u32);
        let big = |row: u32| BigUint::from_bytes_le(&ledger.rows[row as usize].2.to_le_bytes_vec());
        links.conversions.push(Conversion {
            sources: vec![source],
            targets: vec![target],
            source_at: vec![BigUint::ZERO],
            target_at: vec![BigUint::ZERO],
            n: big(source),
            m: big(target),
        });
        links.leaves.insert(source, 0);
        links.enters.insert(target, 0);
        for (row, is_source) in [(source, true), (target, false)] {
            let ends = &mut ledger.rows[row as usize];
            links.unlined.insert(row, ends.0.max(ends.1) as u32);
            *(if is_source { &mut ends.1 } else { &mut ends.0 }) = -1;
        }
    }
    (ledger.columns(), links)
}

#[test]
fn interruption_is_an_error() {
    let rows = (0..70_000).map(|row| (row % 2, 1 - row % 2, Wide::from(5))).collect();
    let ledger = Ledger {
        asset: vec![0, 0],
        rows,
    };
    let (columns, links) = (ledger.columns(), Links::default());
    let lines = Lines::draw(&columns.rows(), false).unwrap();
    let asked = Asked {
        lifo: false,
        opening: false,
        spans: vec![(0, 0, 0)],
        pots: vec![],
        until: 64,
    };
    let mut question = question(columns.rows(), &links, &asked, true);
    question.interrupted = &|| true;
    let answer = follow::<u128>(
        &question,
        &lines,
        Fifo {
            rows: question.rows,
            lines: &lines,
        },
    );
    assert_eq!(answer.err(), Some(chaintrace_core::failure::Failure::Interrupted));
}

#[test]
fn passing_through_a_transaction_is_one_hop_and_a_fee_is_a_fee() {
    let five = Wide::from(5);
    let ledger = Ledger {
        asset: vec![0; 3],
        rows: vec![
            (-1, 0, five),
            (0, 1, five),
            (1, 2, five - Wide::from(1)),
            (1, -1, Wide::from(1)),
        ],
    };
    let mut columns = ledger.columns();
    columns.kind = vec![kind::OUTPUT, kind::INPUT, kind::OUTPUT, kind::FEE];
    let links = Links::default();
    let lines = Lines::draw(&columns.rows(), false).unwrap();
    let asked = Asked {
        lifo: true,
        opening: false,
        spans: vec![(0, 0, 0)],
        pots: vec![],
        until: 64,
    };
    let outcome = run::<u128>(&question(columns.rows(), &links, &asked, true), &lines);
    assert_eq!(outcome.moves.hops, [0, 0, 1, 1]);
    assert_eq!(outcome.rests.bucket, [Bucket::Held as u8, Bucket::Fees as u8]);
}
