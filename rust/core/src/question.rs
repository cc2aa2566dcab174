//! What the kernel is asked: `chaintrace.taint.question.Question` in numbers.

use crate::rows::Rows;
use crate::units::Wide;
use num_bigint::BigUint;
use rustc_hash::FxHashMap;

/// How tainted units travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// First in, first out.
    Fifo,
    /// Last in, first out.
    Lifo,
    /// In proportion.
    Haircut,
    /// Tainted units leave first. Forwards only.
    DirtyFirst,
    /// Taint in, highest out. UTXO chains, forwards only.
    Tiho,
    /// Anything after the first tainted unit.
    Poison,
}

/// Seeded units of rows, in seed order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Units `start` to `stop` of one row.
    Row { seed: u32, row: u32, start: Wide, stop: Wide },
    /// Every row from `first` to `last` (excluded) that enters `pot`, whole, in position order.
    Arrivals { seed: u32, pot: u32, first: u32, last: u32 },
}

/// What `pot` holds just before `row`: all of it, or the last `cap` units to come, with the rows that show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedPot {
    pub seed: u32,
    pub pot: u32,
    pub row: u32,
    pub cap: Option<Wide>,
    pub rows: Vec<(u32, Wide)>,
}

/// A pot's account is a stop of `category` for rows `first` to `last` (excluded).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub first: u32,
    pub last: u32,
    pub category: u32,
}

/// One link on coordinates: `n` units of `sources` together become `m` units of `targets` together (`Conversion`).
#[derive(Debug, Clone)]
pub struct Conversion {
    pub sources: Vec<u32>,
    pub targets: Vec<u32>,
    pub source_at: Vec<BigUint>,
    pub target_at: Vec<BigUint>,
    pub n: BigUint,
    pub m: BigUint,
}

/// The links of a book: conversions, and by row the number of the conversion that takes its units, or brings them.
/// `unlined` names a pot of rows of which links have taken both ends.
#[derive(Debug, Clone, Default)]
pub struct Links {
    pub conversions: Vec<Conversion>,
    pub leaves: FxHashMap<u32, u32>,
    pub enters: FxHashMap<u32, u32>,
    pub unlined: FxHashMap<u32, u32>,
}

/// One trace, ready for the kernel.
pub struct Question<'a> {
    pub rows: Rows<'a>,
    pub links: &'a Links,
    pub method: Method,
    pub forward: bool,
    pub spans: Vec<Span>,
    pub pots: Vec<SeedPot>,
    /// Rows from this one on have not happened.
    pub until: u32,
    /// By pot, in the order in which they were given: the first that holds counts.
    pub stops: FxHashMap<u32, Vec<Window>>,
    /// One entry a pot, or empty where every history was fetched.
    pub unfetched: &'a [bool],
    pub max_hops: Option<u32>,
    /// By asset number; empty where there is no threshold.
    pub min_amount: Vec<Wide>,
    /// Asked now and then during long walks.
    pub interrupted: &'a (dyn Fn() -> bool + Sync),
}
