//! What the kernel answers, as columns: `chaintrace.taint.question.Outcome`, in the same order.

/// Buckets of the ledger, numbered as `chaintrace.taint.question.BUCKETS` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Bucket {
    /// In a pot at the end.
    Held,
    /// At a stop.
    Exit,
    /// Paid as a fee.
    Fees,
    /// Gone to nobody.
    Burnt,
    /// In a piece too small to follow.
    BelowThreshold,
    /// Farther away than asked.
    CutHops,
    /// In a pot whose history is not there.
    NotFetched,
    /// Taken by a link.
    LinkedOut,
    /// Backwards: from nobody.
    Issued,
    /// Backwards: there before the first row.
    Opening,
    /// Backwards: come in no row that is known.
    Unexplained,
    /// Reached by poison.
    Touched,
}

/// No move, no row, no category.
pub const NO: i32 = -1;

/// Tainted units on rows. `start` and `parent` are of the methods of lots and stay empty otherwise.
#[derive(Debug, Clone, Default)]
pub struct Moves<U> {
    /// The row that they moved on.
    pub row: Vec<u32>,
    /// The seed whose they are.
    pub seed: Vec<u32>,
    /// Empty for poison: the amounts are those of the rows.
    pub amount: Vec<U>,
    /// May be -1 or 0 as in the reference.
    pub hops: Vec<i32>,
    /// The first of them among the row's units.
    pub start: Vec<U>,
    /// The move that brought them, or `NO`.
    pub parent: Vec<i32>,
}

/// Where tainted units ended. `category` is a number of the question's, or `NO`; `mv` the move that brought them.
#[derive(Debug, Clone, Default)]
pub struct Rests<U> {
    /// A `Bucket`.
    pub bucket: Vec<u8>,
    /// A category of the question's stops, or `NO`.
    pub category: Vec<i32>,
    /// The pot where they are, or the last they were in.
    pub pot: Vec<u32>,
    /// The row on which they got there, or would have gone on; `NO` where they are held.
    pub row: Vec<i32>,
    /// The seed whose they are.
    pub seed: Vec<u32>,
    /// How many they are.
    pub amount: Vec<U>,
    /// The move that brought them, or `NO`.
    pub mv: Vec<i32>,
}

/// (pot, seed, amount) newly seeded, and (row, seed, amount) brought by links.
#[derive(Debug, Clone)]
pub struct Outcome<U> {
    /// By row, backwards from the last.
    pub moves: Moves<U>,
    /// In the order of the walk.
    pub rests: Rests<U>,
    /// Pot, seed and units newly seeded.
    pub planted: Vec<(u32, u32, U)>,
    /// Row, seed and units brought by links.
    pub crossings: Vec<(u32, u32, U)>,
    /// Pots that poison reached, whose rests are still to be added: see `poison::settled`.
    pub reached: Vec<u32>,
}
