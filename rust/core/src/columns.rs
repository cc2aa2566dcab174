//! Columns of one batch as their owner keeps them: cells by row, without a copy.

use crate::failure::{Failure, Result};

/// What a column can be asked.
pub trait Cells {
    /// Whether cells are texts, not bytes.
    const TEXT: bool;

    /// How many rows it has.
    fn rows(&self) -> usize;

    /// The bytes of a cell; none where it is null.
    fn cell(&self, row: usize) -> Option<&[u8]>;
}

/// Where texts of an Arrow array begin and end.
pub trait Offset: Copy + Ord {
    /// As an index; negative ones are beyond every array.
    fn index(self) -> usize;
}

impl Offset for i32 {
    fn index(self) -> usize {
        usize::try_from(self).unwrap_or(usize::MAX)
    }
}

impl Offset for i64 {
    fn index(self) -> usize {
        usize::try_from(self).unwrap_or(usize::MAX)
    }
}

/// Texts: row i is `data[offsets[i]..offsets[i + 1]]`, and null where `valid[i]` is 0.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a, O> {
    offsets: &'a [O],
    data: &'a [u8],
    valid: Option<&'a [u8]>,
}

impl<'a, O: Offset> Texts<'a, O> {
    /// `offsets` has one entry more than there are rows, ascends and stays within `data`; else `OutOfRange`.
    pub fn new(offsets: &'a [O], data: &'a [u8], valid: Option<&'a [u8]>) -> Result<Self> {
        let Some(last) = offsets.last() else {
            return Err(wrong("offsets: there is none, not even the end of the last text"));
        };
        if !offsets.is_sorted() || last.index() > data.len() || offsets.first().is_some_and(|o| o.index() > data.len())
        {
            return Err(wrong("offsets: they do not ascend within the data"));
        }
        let texts = Self { offsets, data, valid };
        fits(valid, texts.rows()).map(|()| texts)
    }
}

impl<O: Offset> Cells for Texts<'_, O> {
    const TEXT: bool = true;

    fn rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    #[inline]
    fn cell(&self, row: usize) -> Option<&[u8]> {
        let &[start, stop] = self.offsets.get(row..)?.first_chunk::<2>()?;
        is_valid(self.valid, row).then(|| self.data.get(start.index()..stop.index()))?
    }
}

/// Cells of one width.
#[derive(Debug, Clone, Copy)]
pub struct Fixed<'a, const N: usize> {
    cells: &'a [[u8; N]],
    valid: Option<&'a [u8]>,
}

impl<'a, const N: usize> Fixed<'a, N> {
    /// `data` holds N bytes a row; else `OutOfRange`.
    pub fn new(data: &'a [u8], valid: Option<&'a [u8]>) -> Result<Self> {
        let (cells, rest) = data.as_chunks::<N>();
        if !rest.is_empty() {
            return Err(wrong(&format!("data: {} bytes are no multiple of {N}", data.len())));
        }
        fits(valid, cells.len()).map(|()| Self { cells, valid })
    }

    /// The cell as an array.
    #[inline]
    pub fn array(&self, row: usize) -> Option<&[u8; N]> {
        self.cells.get(row).filter(|_| is_valid(self.valid, row))
    }
}

impl<const N: usize> Cells for Fixed<'_, N> {
    const TEXT: bool = false;

    fn rows(&self) -> usize {
        self.cells.len()
    }

    fn cell(&self, row: usize) -> Option<&[u8]> {
        self.array(row).map(<[u8; N]>::as_slice)
    }
}

/// `valid` has an entry for each of `rows`, or there is none; else `OutOfRange`.
pub fn fits(valid: Option<&[u8]>, rows: usize) -> Result<()> {
    match valid {
        Some(valid) if valid.len() != rows => Err(wrong(&format!("valid: {} entries for {rows} rows", valid.len()))),
        _ => Ok(()),
    }
}

/// Whether a row has a value.
#[inline]
pub fn is_valid(valid: Option<&[u8]>, row: usize) -> bool {
    valid.is_none_or(|valid| valid.get(row).is_some_and(|byte| *byte != 0))
}

fn wrong(message: &str) -> Failure {
    Failure::OutOfRange(message.to_owned())
}
