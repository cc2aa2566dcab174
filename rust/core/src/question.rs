//! What the kernel is asked: `chaintrace.taint.question.Question` in numbers.

use crate::rows::Rows;
use crate::units::Wide;
use num_bigint::BigUint;
use rustc_hash::FxHashMap;
use std::sync::Arc;

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
    /// Units of one row.
    Row {
        /// The seed's number.
        seed: u32,
        /// The row.
        row: u32,
        /// The first unit.
        start: Wide,
        /// The unit after the last.
        stop: Wide,
    },
    /// Rows that enter a pot, whole, in position order.
    Arrivals {
        /// The seed's number.
        seed: u32,
        /// The pot.
        pot: u32,
        /// The first row that may be among them.
        first: u32,
        /// The first row that is not any more.
        last: u32,
    },
}

/// What `pot` holds just before `row`: all of it, or the last `cap` units to come, with the rows that show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedPot {
    /// The seed's number.
    pub seed: u32,
    /// The pot.
    pub pot: u32,
    /// Just before which.
    pub row: u32,
    /// No more than so many.
    pub cap: Option<Wide>,
    /// Rows on which they came, and how many on each.
    pub rows: Vec<(u32, Wide)>,
}

/// A pot's account is a stop of `category` for rows `first` to `last` (excluded).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first row.
    pub first: u32,
    /// The row after the last.
    pub last: u32,
    /// The number of the category.
    pub category: u32,
}

/// By pot, in the order in which they were given: the first that holds counts. Many questions share it.
pub type Stops = Arc<FxHashMap<u32, Vec<Window>>>;

/// One link on coordinates: `n` units of `sources` together become `m` units of `targets` together (`Conversion`).
#[derive(Debug, Clone)]
pub struct Conversion {
    /// Rows that the link takes, ascending.
    pub sources: Vec<u32>,
    /// Rows that the link brings, ascending.
    pub targets: Vec<u32>,
    /// Where each source begins.
    pub source_at: Vec<BigUint>,
    /// Where each target begins.
    pub target_at: Vec<BigUint>,
    /// Units of all sources.
    pub n: BigUint,
    /// Units of all targets.
    pub m: BigUint,
}

/// The links of a book: conversions, and by row the number of the conversion that takes its units, or brings them.
/// `unlined` names a pot of rows of which links have taken both ends.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// In the order in which they were given.
    pub conversions: Vec<Conversion>,
    /// By source row.
    pub leaves: FxHashMap<u32, u32>,
    /// By target row.
    pub enters: FxHashMap<u32, u32>,
    /// By row.
    pub unlined: FxHashMap<u32, u32>,
}

/// One trace, ready for the kernel.
pub struct Question<'a> {
    /// What is traced through.
    pub rows: Rows<'a>,
    /// Links among the rows.
    pub links: &'a Links,
    /// How units travel.
    pub method: Method,
    /// Where they went, or else where they came from.
    pub forward: bool,
    /// Seeds on rows, in seed order.
    pub spans: Vec<Span>,
    /// Seeds in pots, in seed order.
    pub pots: Vec<SeedPot>,
    /// Rows from this one on have not happened.
    pub until: u32,
    /// Where following ends.
    pub stops: Stops,
    /// One entry a pot, or empty where every history was fetched.
    pub unfetched: &'a [bool],
    /// Units that would come farther stay.
    pub max_hops: Option<u32>,
    /// By asset number; empty where there is no threshold.
    pub min_amount: Vec<Wide>,
    /// Asked now and then during long walks.
    pub interrupted: &'a (dyn Fn() -> bool + Sync),
}
