//! What the kernel answers, as columns: `chaintrace.taint.question.Outcome`, in the same order.

/// Buckets of the ledger, numbered as `chaintrace.taint.question.BUCKETS` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Bucket {
    Held,
    Exit,
    Fees,
    Burnt,
    BelowThreshold,
    CutHops,
    NotFetched,
    LinkedOut,
    Issued,
    Opening,
    Unexplained,
    Touched,
}

/// No move, no row, no category.
pub const NO: i32 = -1;

/// Tainted units on rows. `start` and `parent` are of the methods of lots and stay empty otherwise.
#[derive(Debug, Clone, Default)]
pub struct Moves<U> {
    pub row: Vec<u32>,
    pub seed: Vec<u32>,
    /// Empty for poison: the amounts are those of the rows.
    pub amount: Vec<U>,
    /// May be -1 or 0 as in the reference.
    pub hops: Vec<i32>,
    pub start: Vec<U>,
    pub parent: Vec<i32>,
}

/// Where tainted units ended. `category` is a number of the question's, or `NO`; `mv` the move that brought them.
#[derive(Debug, Clone, Default)]
pub struct Rests<U> {
    pub bucket: Vec<u8>,
    pub category: Vec<i32>,
    pub pot: Vec<u32>,
    pub row: Vec<i32>,
    pub seed: Vec<u32>,
    pub amount: Vec<U>,
    pub mv: Vec<i32>,
}

/// (pot, seed, amount) newly seeded, and (row, seed, amount) brought by links.
#[derive(Debug, Clone)]
pub struct Outcome<U> {
    pub moves: Moves<U>,
    pub rests: Rests<U>,
    pub planted: Vec<(u32, u32, U)>,
    pub crossings: Vec<(u32, u32, U)>,
}
