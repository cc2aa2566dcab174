//! The kernel of chaintrace: following money through transfers, exactly, to the unit.
//!
//! It knows numbers only: rows in position order, pots by number, amounts in base units. Names, files and Python are
//! outside. The readable reference of every method is the pure-Python kernel, `chaintrace.taint.reference`; this crate
//! gives the same outcome, line by line in the same order.
#![forbid(unsafe_code)]

mod draft;
pub mod events;
pub mod failure;
pub mod lines;
pub mod outcome;
pub mod question;
pub mod rows;
pub mod units;
