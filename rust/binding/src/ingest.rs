//! Reading columns: Arrow's buffers in, as numpy sees them, and arrays that nobody copies out.

use std::hash::{BuildHasher, RandomState};

use chaintrace_core::columns::{Fixed, Texts};
use chaintrace_core::duplicates::{self, Identity};
use chaintrace_core::failure::{Failure, Result};
use chaintrace_core::ingest::{Besides, Finished, Ingest as Core, MOST_ROWS, Side};
use chaintrace_core::order;
use numpy::{Element, PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::{PyIndexError, PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

type Given<'a, 'py> = &'a Bound<'py, PyAny>;
type Maybe<'py> = Option<Bound<'py, PyAny>>;
type Rows<'py> = PyResult<Bound<'py, PyArray1<u32>>>;

/// Adds what this file has to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Ingest>()?;
    module.add_function(wrap_pyfunction!(order_of, module)?)?;
    module.add_function(wrap_pyfunction!(duplicates_of, module)?)
}

/// Columns of accounts and amounts, batch by batch, until `finish` makes them rows between pots.
///
/// `side` is 0 for senders and 1 for receivers. Whatever reads a batch returns the numbers, within the batch, of the
/// rows that it could not read (uint32, ascending); they are to be patched, or dropped in `finish`. Texts come as Arrow
/// keeps them: `offsets` (int32 or int64, one more than rows), `data` (uint8), `valid` (bool, one a row) or None.
/// Arrays are contiguous and are not copied. ValueError for what does not fit together, TypeError for arrays of another type,
/// OverflowError for more rows than can be numbered, MemoryError; a batch that fails leaves no row behind.
#[pyclass(module = "chaintrace._native")]
pub struct Ingest {
    core: Core,
}

/// Reads texts with offsets of either width.
macro_rules! texts {
    ($offsets:expr, $data:expr, $valid:expr, |$texts:ident| $read:expr) => {{
        let (offsets, data, valid) = ($offsets, column::<u8>($data, "data", "uint8")?, mask($valid)?);
        let (data, valid) = (slice(&data, "data")?, maybe(&valid, "valid")?);
        if let Ok(offsets) = offsets.extract::<PyReadonlyArray1<i32>>() {
            let offsets = slice(&offsets, "offsets")?;
            $data
                .py()
                .detach(|| Texts::new(offsets, data, valid).and_then(|$texts| $read))
        } else {
            let offsets = column::<i64>(offsets, "offsets", "int32 or int64")?;
            let offsets = slice(&offsets, "offsets")?;
            $data
                .py()
                .detach(|| Texts::new(offsets, data, valid).and_then(|$texts| $read))
        }
    }};
}

#[pymethods]
impl Ingest {
    /// Makes room for so many rows; fewer or more may come.
    #[new]
    #[pyo3(signature = (rows_expected = 0))]
    fn new(rows_expected: usize) -> PyResult<Self> {
        numbered(rows_expected)?;
        Core::new(rows_expected, seed())
            .map(|core| Self { core })
            .map_err(raised)
    }

    /// EVM addresses in hexadecimal, checksums checked; anything else is odd, null included.
    #[pyo3(signature = (side, offsets, data, valid = None))]
    fn accounts_text<'py>(
        &mut self,
        side: u8,
        offsets: Given<'_, 'py>,
        data: Given<'_, 'py>,
        valid: Maybe<'py>,
    ) -> Rows<'py> {
        let side = self.side(side, texts_in(offsets))?;
        let odd = texts!(offsets, data, valid.as_ref(), |texts| self.core.hex(side, &texts));
        array(data.py(), odd)
    }

    /// Accounts by their canonical texts, as they stand; null is odd, and what is no UTF-8.
    #[pyo3(signature = (side, offsets, data, valid = None))]
    fn accounts_any<'py>(
        &mut self,
        side: u8,
        offsets: Given<'_, 'py>,
        data: Given<'_, 'py>,
        valid: Maybe<'py>,
    ) -> Rows<'py> {
        let side = self.side(side, texts_in(offsets))?;
        let odd = texts!(offsets, data, valid.as_ref(), |texts| self.core.any(side, &texts));
        array(data.py(), odd)
    }

    /// EVM addresses of 20 bytes, one after another (uint8); null is odd.
    #[pyo3(signature = (side, data, valid = None))]
    fn accounts_binary<'py>(&mut self, side: u8, data: Given<'_, 'py>, valid: Maybe<'py>) -> Rows<'py> {
        let (data, valid) = (column::<u8>(data, "data", "uint8")?, mask(valid.as_ref())?);
        let (bytes, valid) = (slice(&data, "data")?, maybe(&valid, "valid")?);
        let side = self.side(side, bytes.len() / 20)?;
        let odd = data.py().detach(|| self.core.binary(side, &Fixed::new(bytes, valid)?));
        array(data.py(), odd)
    }

    /// Accounts that the caller has numbered (uint32, uint64 or int64) below `limit`; other numbers are odd.
    fn accounts_ids<'py>(&mut self, side: u8, ids: Given<'_, 'py>, limit: u32) -> Rows<'py> {
        let py = ids.py();
        if let Ok(ids) = ids.extract::<PyReadonlyArray1<u32>>() {
            let ids = slice(&ids, "ids")?;
            let side = self.side(side, ids.len())?;
            return array(py, py.detach(|| self.core.ids(side, ids, limit)));
        }
        let ids = column::<i64>(ids, "ids", "uint32 or int64")?;
        let ids = slice(&ids, "ids")?;
        let side = self.side(side, ids.len())?;
        array(py, py.detach(|| self.core.ids(side, ids, limit)))
    }

    /// So many rows with nobody on that side.
    fn accounts_none(&mut self, side: u8, rows: usize) -> PyResult<()> {
        let side = self.side(side, rows)?;
        self.core.nobody(side, rows).map_err(raised)
    }

    /// Amounts as ASCII digits, up to uint256; anything else is odd.
    #[pyo3(signature = (offsets, data, valid = None))]
    fn amounts_text<'py>(&mut self, offsets: Given<'_, 'py>, data: Given<'_, 'py>, valid: Maybe<'py>) -> Rows<'py> {
        self.more_amounts(texts_in(offsets))?;
        let odd = texts!(offsets, data, valid.as_ref(), |texts| self.core.digits(&texts));
        array(data.py(), odd)
    }

    /// Amounts as Arrow's decimal128 of scale 0: uint64 of shape (n, 2). Negative ones and null are odd.
    #[pyo3(signature = (lanes, valid = None))]
    fn amounts_decimal128<'py>(&mut self, lanes: Given<'_, 'py>, valid: Maybe<'py>) -> Rows<'py> {
        self.amounts_words::<2>(lanes, valid)
    }

    /// Amounts as Arrow's decimal256 of scale 0: uint64 of shape (n, 4). Negative ones and null are odd.
    #[pyo3(signature = (lanes, valid = None))]
    fn amounts_decimal256<'py>(&mut self, lanes: Given<'_, 'py>, valid: Maybe<'py>) -> Rows<'py> {
        self.amounts_words::<4>(lanes, valid)
    }

    /// Amounts as int64; negative ones and null are odd.
    #[pyo3(signature = (values, valid = None))]
    fn amounts_int64<'py>(&mut self, values: Given<'_, 'py>, valid: Maybe<'py>) -> Rows<'py> {
        self.amounts_numbers::<i64>(values, valid, "int64")
    }

    /// Amounts as uint64; null is odd.
    #[pyo3(signature = (values, valid = None))]
    fn amounts_uint64<'py>(&mut self, values: Given<'_, 'py>, valid: Maybe<'py>) -> Rows<'py> {
        self.amounts_numbers::<u64>(values, valid, "uint64")
    }

    /// Amounts of 32 bytes, highest first, one after another (uint8); null is odd.
    #[pyo3(signature = (data, valid = None))]
    fn amounts_bytes32<'py>(&mut self, data: Given<'_, 'py>, valid: Maybe<'py>) -> Rows<'py> {
        let (data, valid) = (column::<u8>(data, "data", "uint8")?, mask(valid.as_ref())?);
        let (bytes, valid) = (slice(&data, "data")?, maybe(&valid, "valid")?);
        self.more_amounts(bytes.len() / 32)?;
        let odd = data.py().detach(|| self.core.bytes32(&Fixed::new(bytes, valid)?));
        array(data.py(), odd)
    }

    /// Gives a row (counted over all batches) the account of that canonical text, or nobody.
    #[pyo3(signature = (side, row, text))]
    fn patch_account(&mut self, side: u8, row: usize, text: Option<&str>) -> PyResult<()> {
        self.core.patch_account(side_of(side)?, row, text).map_err(raised)
    }

    /// Gives a row (counted over all batches) an amount: 32 bytes, highest first.
    fn patch_amount(&mut self, row: usize, amount: &[u8]) -> PyResult<()> {
        let bytes = amount
            .try_into()
            .map_err(|_| PyValueError::new_err(format!("amount: {} bytes instead of 32", amount.len())))?;
        self.core.patch_amount(row, bytes).map_err(raised)
    }

    /// The rows between pots, as a dict of arrays. After it nothing more can be read; accounts can still be asked for.
    ///
    /// By row as read, or None: `drop` (bool), `assets`, `coin_spent`, `coin_made` (uint32; no coin is 0xffffffff).
    /// `order` (uint32): row numbers in position order. Returned by row in position order: `sender`, `receiver` (int32
    /// pots, -1 nobody), `amount` (uint64, shape (n, 2), low and high half), `wide_rows` (uint32) with `wide_values`
    /// (uint64, shape (m, 4), lowest word first) where amounts do not fit; and by pot: `pot_account`, `pot_asset`,
    /// `pot_coin` (uint32), the latter two None if not given. ValueError, and nothing changes, where a row that is kept
    /// is odd.
    #[pyo3(signature = (order = None, drop = None, assets = None, coin_spent = None, coin_made = None))]
    fn finish<'py>(
        &mut self,
        py: Python<'py>,
        order: Maybe<'py>,
        drop: Maybe<'py>,
        assets: Maybe<'py>,
        coin_spent: Maybe<'py>,
        coin_made: Maybe<'py>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (order, drop) = (numbers(order.as_ref(), "order")?, mask(drop.as_ref())?);
        let (assets, spent) = (
            numbers(assets.as_ref(), "assets")?,
            numbers(coin_spent.as_ref(), "coin_spent")?,
        );
        let made = numbers(coin_made.as_ref(), "coin_made")?;
        let besides = Besides {
            order: maybe(&order, "order")?,
            drop: maybe(&drop, "drop")?,
            asset: maybe(&assets, "assets")?,
            spent: maybe(&spent, "coin_spent")?,
            made: maybe(&made, "coin_made")?,
        };
        let done = py.detach(|| self.core.finish(besides)).map_err(raised)?;
        columns(
            py,
            done,
            besides.asset.is_some(),
            besides.spent.is_some() || besides.made.is_some(),
        )
    }

    /// The number of the account with exactly this canonical text, or None.
    fn account_id(&self, text: &str) -> Option<u32> {
        self.core.accounts().find(text)
    }

    /// The canonical text of an account. IndexError if there is none.
    fn account_text(&self, account: u32) -> PyResult<String> {
        let text = self.core.accounts().text(account);
        text.ok_or_else(|| PyIndexError::new_err(format!("there is no account {account}")))
    }

    /// The canonical texts of accounts (uint32).
    fn account_texts(&self, accounts: Given<'_, '_>) -> PyResult<Vec<String>> {
        let accounts = column::<u32>(accounts, "accounts", "uint32")?;
        slice(&accounts, "accounts")?
            .iter()
            .map(|account| self.account_text(*account))
            .collect()
    }

    /// All accounts: their 20 bytes (uint8, shape (n, 20)), and number and text of those that are something else.
    fn accounts<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Vec<(u32, String)>)> {
        let accounts = self.core.accounts();
        let bytes = py.detach(|| accounts.table()).map_err(raised)?;
        let texts = accounts
            .other_texts()
            .iter()
            .map(|account| Ok((*account, self.account_text(*account)?)));
        Ok((table(py, bytes, 20)?, texts.collect::<PyResult<_>>()?))
    }

    /// How many different accounts there are.
    #[getter]
    fn account_count(&self) -> usize {
        self.core.accounts().len()
    }

    /// Rows read so far: senders, receivers, amounts.
    #[getter]
    fn rows(&self) -> (usize, usize, usize) {
        self.core.rows().into()
    }

    /// Memory in use, in bytes.
    #[getter]
    fn nbytes(&self) -> usize {
        self.core.bytes()
    }
}

impl Ingest {
    fn amounts_words<'py, const N: usize>(&mut self, lanes: Given<'_, 'py>, valid: Maybe<'py>) -> Rows<'py> {
        let py = lanes.py();
        let Ok(lanes) = lanes.extract::<PyReadonlyArray2<u64>>() else {
            return Err(PyTypeError::new_err(format!(
                "lanes: expected an array of uint64 of shape (n, {N})"
            )));
        };
        if lanes.shape().get(1) != Some(&N) || !lanes.is_c_contiguous() {
            return Err(PyValueError::new_err(format!(
                "lanes: expected a contiguous array of shape (n, {N})"
            )));
        }
        let valid = mask(valid.as_ref())?;
        let words = lanes
            .as_slice()
            .map_err(|error| PyValueError::new_err(format!("lanes: {error}")))?;
        let (words, valid) = (words.as_chunks::<N>().0, maybe(&valid, "valid")?);
        self.more_amounts(words.len())?;
        array(py, py.detach(|| self.core.words(words, valid)))
    }

    fn amounts_numbers<'py, T>(&mut self, values: Given<'_, 'py>, valid: Maybe<'py>, dtype: &str) -> Rows<'py>
    where
        T: Element + Copy + Sync,
        u128: TryFrom<T>,
    {
        let (values, valid) = (column::<T>(values, "values", dtype)?, mask(valid.as_ref())?);
        let (numbers, valid) = (slice(&values, "values")?, maybe(&valid, "valid")?);
        self.more_amounts(numbers.len())?;
        array(values.py(), values.py().detach(|| self.core.numbers(numbers, valid)))
    }

    fn side(&self, side: u8, more: usize) -> PyResult<Side> {
        let side = side_of(side)?;
        numbered(self.core.rows()[side as usize].saturating_add(more)).map(|()| side)
    }

    fn more_amounts(&self, more: usize) -> PyResult<()> {
        numbered(self.core.rows()[2].saturating_add(more))
    }
}

/// A stable argsort (uint32) by int64 arrays, most significant first; None where rows are in that order already.
#[pyfunction(name = "order")]
fn order_of<'py>(py: Python<'py>, keys: Vec<Bound<'py, PyAny>>) -> PyResult<Option<Bound<'py, PyArray1<u32>>>> {
    let keys = keys
        .iter()
        .map(|key| column::<i64>(key, "keys", "int64"))
        .collect::<PyResult<Vec<_>>>()?;
    let keys = keys
        .iter()
        .map(|key| slice(key, "keys"))
        .collect::<PyResult<Vec<_>>>()?;
    let rows = py.detach(|| order::order(&keys)).map_err(raised)?;
    Ok(rows.map(|rows| PyArray1::from_vec(py, rows)))
}

/// Rows (uint32, ascending) whose transaction, kind (uint8), seq (int64) and chain (uint32, or None for one chain) an
/// earlier row has. Transactions are texts with `offsets`, else 32 bytes each; 64 hexadecimal digits are the same hash
/// in any case and with or without `0x`. Null is a name of its own.
#[pyfunction(name = "duplicates")]
#[pyo3(signature = (data, kind, seq, offsets = None, valid = None, chain = None))]
fn duplicates_of<'py>(
    data: Given<'_, 'py>,
    kind: Given<'_, 'py>,
    seq: Given<'_, 'py>,
    offsets: Maybe<'py>,
    valid: Maybe<'py>,
    chain: Maybe<'py>,
) -> Rows<'py> {
    let (kind, seq) = (
        column::<u8>(kind, "kind", "uint8")?,
        column::<i64>(seq, "seq", "int64")?,
    );
    let chain = numbers(chain.as_ref(), "chain")?;
    let (kind, seq) = (slice(&kind, "kind")?, slice(&seq, "seq")?);
    let chain = maybe(&chain, "chain")?;
    let found = match offsets {
        Some(offsets) => texts!(&offsets, data, valid.as_ref(), |texts| {
            duplicates::duplicates(
                Identity {
                    transaction: &texts,
                    kind,
                    seq,
                    chain,
                },
                seed(),
            )
        }),
        None => {
            let (data, valid) = (column::<u8>(data, "data", "uint8")?, mask(valid.as_ref())?);
            let (bytes, valid) = (slice(&data, "data")?, maybe(&valid, "valid")?);
            data.py().detach(|| {
                let transaction = &Fixed::<32>::new(bytes, valid)?;
                duplicates::duplicates(
                    Identity {
                        transaction,
                        kind,
                        seq,
                        chain,
                    },
                    seed(),
                )
            })
        }
    };
    array(data.py(), found)
}

fn columns<'py>(py: Python<'py>, done: Finished, assets: bool, coins: bool) -> PyResult<Bound<'py, PyDict>> {
    let found = PyDict::new(py);
    found.set_item("sender", PyArray1::from_vec(py, done.pots.sender))?;
    found.set_item("receiver", PyArray1::from_vec(py, done.pots.receiver))?;
    found.set_item("amount", table(py, done.amount.into_flattened(), 2)?)?;
    found.set_item("wide_rows", PyArray1::from_vec(py, done.wide_rows))?;
    found.set_item("wide_values", table(py, done.wide_values.into_flattened(), 4)?)?;
    found.set_item("pot_account", PyArray1::from_vec(py, done.pots.account))?;
    found.set_item("pot_asset", assets.then(|| PyArray1::from_vec(py, done.pots.asset)))?;
    found.set_item("pot_coin", coins.then(|| PyArray1::from_vec(py, done.pots.coin)))?;
    Ok(found)
}

/// A matrix of so many columns.
fn table<T: Element>(py: Python<'_>, items: Vec<T>, width: usize) -> PyResult<Bound<'_, PyAny>> {
    let rows = items.len() / width;
    Ok(PyArray1::from_vec(py, items).reshape([rows, width])?.into_any())
}

fn array(py: Python<'_>, rows: Result<Vec<u32>>) -> Rows<'_> {
    rows.map(|rows| PyArray1::from_vec(py, rows)).map_err(raised)
}

fn column<'py, T: Element>(given: Given<'_, 'py>, name: &str, dtype: &str) -> PyResult<PyReadonlyArray1<'py, T>> {
    given.extract().map_err(|_| {
        let kind = given.getattr("dtype").or_else(|_| given.get_type().getattr("__name__"));
        let kind = kind.map_or_else(|_| "something else".to_owned(), |kind| kind.to_string());
        PyTypeError::new_err(format!(
            "{name}: expected a one-dimensional array of {dtype}, not {kind}"
        ))
    })
}

fn numbers<'py>(given: Option<&Bound<'py, PyAny>>, name: &str) -> PyResult<Option<PyReadonlyArray1<'py, u32>>> {
    given.map(|given| column(given, name, "uint32")).transpose()
}

/// Bools as bytes: a byte that is neither 0 nor 1 counts as true.
fn mask<'py>(given: Option<&Bound<'py, PyAny>>) -> PyResult<Option<PyReadonlyArray1<'py, u8>>> {
    let Some(given) = given else { return Ok(None) };
    if given.cast::<PyArray1<bool>>().is_err() {
        return Err(PyTypeError::new_err(
            "valid, drop: expected a one-dimensional array of bool",
        ));
    }
    column(&given.call_method1("view", ("uint8",))?, "valid, drop", "bool").map(Some)
}

fn slice<'a, T: Element>(column: &'a PyReadonlyArray1<'_, T>, name: &str) -> PyResult<&'a [T]> {
    column
        .as_slice()
        .map_err(|_| PyValueError::new_err(format!("{name}: the array is not contiguous or not aligned")))
}

fn maybe<'a, T: Element>(column: &'a Option<PyReadonlyArray1<'_, T>>, name: &str) -> PyResult<Option<&'a [T]>> {
    column.as_ref().map(|column| slice(column, name)).transpose()
}

fn texts_in(offsets: Given<'_, '_>) -> usize {
    offsets.len().unwrap_or(0).saturating_sub(1)
}

fn side_of(side: u8) -> PyResult<Side> {
    match side {
        0 => Ok(Side::Sender),
        1 => Ok(Side::Receiver),
        _ => Err(PyValueError::new_err(format!(
            "side: expected 0 for senders or 1 for receivers, not {side}"
        ))),
    }
}

fn numbered(rows: usize) -> PyResult<()> {
    if rows <= MOST_ROWS {
        return Ok(());
    }
    Err(PyOverflowError::new_err(format!(
        "{rows} rows, at most {MOST_ROWS} can be numbered"
    )))
}

fn seed() -> u64 {
    RandomState::new().hash_one(0_u8)
}

fn raised(failure: Failure) -> PyErr {
    match failure {
        Failure::OutOfRange(message) => PyValueError::new_err(message),
        other => crate::failure::error(other),
    }
}
