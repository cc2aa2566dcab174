//! What can go wrong inside the kernel.

/// Why there is no answer. Nothing of a failed call is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// This many bytes could not be had.
    OutOfMemory(usize),
    /// Whoever asked has asked to stop.
    Interrupted,
    /// TIHO met a pot that is neither a coin nor a UTXO transaction.
    NotPerTransaction,
    /// A row or pot number that the rows do not have, or more rows than the kernel can number.
    OutOfRange(String),
}

/// What every entry of the kernel returns.
pub type Result<T> = std::result::Result<T, Failure>;

/// An empty vector with room for `length` items, or `OutOfMemory`.
pub fn room<T>(length: usize) -> Result<Vec<T>> {
    let mut made = Vec::new();
    made.try_reserve_exact(length)
        .map_err(|_| Failure::OutOfMemory(length.saturating_mul(size_of::<T>())))?;
    Ok(made)
}

/// `length` copies of `value`, or `OutOfMemory`.
pub fn filled<T: Clone>(value: T, length: usize) -> Result<Vec<T>> {
    let mut made = room(length)?;
    made.resize(length, value);
    Ok(made)
}

/// `length` zeros, or `OutOfMemory`. Where `T` is made of integers the system's memory stays untouched until it is read.
pub fn zeroed<T: Clone + Default>(length: usize) -> Result<Vec<T>> {
    drop(room::<T>(length)?);
    Ok(vec![T::default(); length])
}

/// Appends `item`, growing by doubling, or `OutOfMemory`.
pub fn push<T>(items: &mut Vec<T>, item: T) -> Result<()> {
    if items.len() == items.capacity() {
        let more = items.len().max(4);
        items
            .try_reserve(more)
            .map_err(|_| Failure::OutOfMemory(more.saturating_mul(size_of::<T>())))?;
    }
    items.push(item);
    Ok(())
}
