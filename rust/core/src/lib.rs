//! The kernel of chaintrace: following money through transfers, exactly, to the unit.
//!
//! It knows numbers only: rows in position order, pots by number, amounts in base units. Names, files and Python are
//! outside. The readable reference of every method is the pure-Python kernel, `chaintrace.taint.reference`; this crate
//! gives the same outcome, line by line in the same order.
#![forbid(unsafe_code)]

pub mod answer;
pub mod columns;
mod crossing;
pub mod digits;
mod draft;
pub mod duplicates;
pub mod events;
pub mod failure;
pub mod fifo;
pub mod hash;
mod held;
pub mod hex;
pub mod ingest;
pub mod intern;
pub mod lifo;
pub mod lines;
pub mod link;
pub mod lots;
mod marks;
pub mod order;
pub mod outcome;
pub mod place;
pub mod poison;
mod pools;
pub mod pots;
pub mod question;
pub mod rows;
pub mod slots;
pub mod stretch;
pub mod sums;
pub mod sweep;
mod trail;
pub mod units;
pub mod walk;
