//! Accounts by number, in order of first appearance: 20-byte addresses, and any other text as it stands.

use crate::columns::{Cells, Fixed};
use crate::failure::{Failure, Result, push};
use crate::hash::Seed;
use crate::hex::{self, Written};
use crate::slots::{NONE, Slots};

/// The code of a cell that is neither an account nor null.
pub const ODD: u32 = NONE - 1;

/// Rows whose loads overlap.
const BATCH: usize = 64;

/// Every account seen so far. A text that is an address in small digits is the account of its 20 bytes.
#[derive(Debug, Clone)]
pub struct Accounts {
    seed: Seed,
    /// By account: the address, or where in `letters` the text stands (first byte: 8 bytes, length: 4 bytes).
    keys: Vec<[u8; 20]>,
    letters: Vec<u8>,
    /// Which accounts are texts, ascending.
    texts: Vec<u32>,
    by_address: Slots,
    by_text: Slots,
    /// By account, the capitals of its checksum, once it was met in mixed case; 0 before.
    capitals: Vec<u64>,
}

/// What a cell says.
enum Cell<'a> {
    Address([u8; 20]),
    /// An address with capitals, see `Written::Mixed`.
    Checksummed([u8; 20], u64),
    Text(&'a [u8]),
    Odd,
    Null,
}

/// Up to `BATCH` rows on their way to account numbers; bit i of a mask is row i.
struct Batch<'a> {
    keys: [[u8; 20]; BATCH],
    texts: [&'a [u8]; BATCH],
    capitals: [u64; BATCH],
    hashes: [u32; BATCH],
    peeked: [u64; BATCH],
    found: [u32; BATCH],
    is_address: u64,
    is_checksummed: u64,
    is_text: u64,
    is_null: u64,
}

impl Accounts {
    /// None yet. No answer depends on the seed.
    pub fn new(seed: u64) -> Self {
        Self {
            seed: Seed::new(seed),
            keys: Vec::new(),
            letters: Vec::new(),
            texts: Vec::new(),
            by_address: Slots::default(),
            by_text: Slots::default(),
            capitals: Vec::new(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Memory in use.
    pub fn bytes(&self) -> usize {
        let tables = self.by_address.bytes().saturating_add(self.by_text.bytes());
        [
            20 * self.keys.capacity(),
            self.letters.capacity(),
            4 * self.texts.capacity(),
            8 * self.capitals.capacity(),
        ]
        .iter()
        .fold(tables, |sum, bytes| sum.saturating_add(*bytes))
    }

    /// The 20 bytes of each account, one after another; zeros for those of `other_texts`.
    pub fn table(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        reserve(&mut bytes, self.keys.len().saturating_mul(20))?;
        bytes.extend_from_slice(self.keys.as_flattened());
        for account in &self.texts {
            bytes[20 * *account as usize..][..20].fill(0);
        }
        Ok(bytes)
    }

    /// The accounts that are no 20-byte addresses, ascending.
    pub fn other_texts(&self) -> &[u32] {
        &self.texts
    }

    /// The canonical text of an account.
    pub fn text(&self, account: u32) -> Option<String> {
        if self.texts.binary_search(&account).is_ok() {
            return self
                .letters_of(account)
                .map(|text| String::from_utf8_lossy(text).into_owned());
        }
        self.keys.get(account as usize).map(hex::spelled)
    }

    /// The account with exactly this canonical text.
    pub fn find(&self, text: &str) -> Option<u32> {
        match small_address(text.as_bytes()) {
            Some(key) => self.find_address(self.seed.address(&key), &key),
            None => self.find_text(self.seed.text(text.as_bytes()), text.as_bytes()),
        }
    }

    /// The account of a canonical text, a new one if it has none.
    pub fn intern(&mut self, text: &str) -> Result<u32> {
        match small_address(text.as_bytes()) {
            Some(key) => self.of_address(self.seed.address(&key), &key),
            None => self.of_text(self.seed.text(text.as_bytes()), text.as_bytes()),
        }
    }

    /// Appends the account of each cell to `codes`: `0x` and 40 hexadecimal digits, checksums checked. Null
    /// gets `NONE`, anything else `ODD`, and the rows of both are appended to `odd`.
    pub fn read_hex(&mut self, cells: &impl Cells, codes: &mut Vec<u32>, odd: &mut Vec<u32>) -> Result<()> {
        self.read(cells.rows(), codes, odd, |row| {
            match cells.cell(row).map(hex::address) {
                Some(Written::Plain(key)) => Cell::Address(key),
                Some(Written::Mixed(key, capitals)) => Cell::Checksummed(key, capitals),
                Some(Written::Odd) => Cell::Odd,
                None => Cell::Null,
            }
        })
    }

    /// As `read_hex`, from the 20 bytes of addresses.
    pub fn read_binary(&mut self, cells: &Fixed<20>, codes: &mut Vec<u32>, odd: &mut Vec<u32>) -> Result<()> {
        self.read(cells.rows(), codes, odd, |row| {
            cells.array(row).map_or(Cell::Null, |key| Cell::Address(*key))
        })
    }

    /// As `read_hex`, but every text is an account as it stands; odd is null, or no UTF-8.
    pub fn read_any(&mut self, cells: &impl Cells, codes: &mut Vec<u32>, odd: &mut Vec<u32>) -> Result<()> {
        self.read(cells.rows(), codes, odd, |row| match cells.cell(row) {
            Some(text) => small_address(text).map_or(Cell::Text(text), Cell::Address),
            None => Cell::Null,
        })
    }

    fn read<'a>(
        &mut self,
        rows: usize,
        codes: &mut Vec<u32>,
        odd: &mut Vec<u32>,
        cell: impl Fn(usize) -> Cell<'a>,
    ) -> Result<()> {
        reserve(codes, rows)?;
        let mut batch = Batch::new();
        for start in (0..rows).step_by(BATCH) {
            let count = BATCH.min(rows - start);
            batch.parse(count, |i| cell(start + i));
            self.look_up(&mut batch, count);
            self.settle(&mut batch, count, start, odd)?;
            codes.extend(batch.found.iter().take(count));
        }
        Ok(())
    }

    /// Accounts that are known already; loads of one kind follow each other and do not wait for each other.
    #[inline]
    fn look_up(&self, batch: &mut Batch, count: usize) {
        for (hash, key) in batch.hashes.iter_mut().zip(&batch.keys).take(count) {
            *hash = self.seed.address(key);
        }
        for (peeked, hash) in batch.peeked.iter_mut().zip(&batch.hashes).take(count) {
            *peeked = self.by_address.peek(*hash);
        }
        for ((found, hash), peeked) in batch.found.iter_mut().zip(&batch.hashes).zip(&batch.peeked).take(count) {
            *found = self.by_address.candidate(*hash, *peeked);
        }
        for (found, key) in batch.found.iter_mut().zip(&batch.keys).take(count) {
            *found = if self.keys.get(*found as usize) == Some(key) {
                *found
            } else {
                NONE
            };
        }
        self.look_up_texts(batch);
    }

    #[inline]
    fn look_up_texts(&self, batch: &mut Batch) {
        for i in ones(batch.is_text) {
            batch.hashes[i] = self.seed.text(batch.texts[i]);
        }
        for i in ones(batch.is_text) {
            batch.peeked[i] = self.by_text.peek(batch.hashes[i]);
        }
        for i in ones(batch.is_text) {
            batch.found[i] = self.by_text.candidate(batch.hashes[i], batch.peeked[i]);
        }
        for i in ones(batch.is_text) {
            let same = self.letters_of(batch.found[i]) == Some(batch.texts[i]);
            batch.found[i] = if same { batch.found[i] } else { NONE };
        }
    }

    /// New accounts, checksums and odd cells, in the order of the rows.
    #[inline]
    fn settle(&mut self, batch: &mut Batch, count: usize, start: usize, odd: &mut Vec<u32>) -> Result<()> {
        let known = batch.is_address | batch.is_text;
        let missed = (0..count).fold(0, |mask, i| mask | u64::from(batch.found[i] == NONE) << i);
        let all = u64::MAX >> (BATCH - count);
        for i in ones(missed | batch.is_checksummed | !known & all) {
            let bit = 1 << i;
            let account = if batch.is_checksummed & bit != 0 {
                self.of_checksummed(batch.hashes[i], &batch.keys[i], batch.capitals[i])?
            } else if batch.is_address & bit != 0 {
                Some(self.of_address(batch.hashes[i], &batch.keys[i])?)
            } else if batch.is_text & bit != 0 && std::str::from_utf8(batch.texts[i]).is_ok() {
                Some(self.of_text(batch.hashes[i], batch.texts[i])?)
            } else {
                None
            };
            batch.found[i] = account.unwrap_or(if batch.is_null & bit != 0 { NONE } else { ODD });
            if account.is_none() {
                push(odd, (start + i) as u32)?;
            }
        }
        Ok(())
    }

    fn of_address(&mut self, hash: u32, key: &[u8; 20]) -> Result<u32> {
        match self.find_address(hash, key) {
            Some(account) => Ok(account),
            None => {
                let account = self.next()?;
                push(&mut self.keys, *key)?;
                self.by_address.insert(hash, account).map(|()| account)
            }
        }
    }

    fn of_text(&mut self, hash: u32, text: &[u8]) -> Result<u32> {
        if let Some(account) = self.find_text(hash, text) {
            return Ok(account);
        }
        let account = self.next()?;
        let length = u32::try_from(text.len()).map_err(|_| Failure::OutOfRange("a text of 4 GiB".to_owned()))?;
        let mut key = [0; 20];
        key[..8].copy_from_slice(&(self.letters.len() as u64).to_le_bytes());
        key[8..12].copy_from_slice(&length.to_le_bytes());
        reserve(&mut self.letters, text.len())?;
        self.letters.extend_from_slice(text);
        push(&mut self.texts, account)?;
        push(&mut self.keys, key)?;
        self.by_text.insert(hash, account).map(|()| account)
    }

    /// The account of an address with capitals, if they are those of its checksum.
    fn of_checksummed(&mut self, hash: u32, key: &[u8; 20], capitals: u64) -> Result<Option<u32>> {
        let known = self.find_address(hash, key);
        let kept = known
            .and_then(|account| self.capitals.get(account as usize))
            .copied()
            .unwrap_or(0);
        if kept != 0 {
            return Ok(known.filter(|_| kept == capitals));
        }
        let right = hex::capitals_of(key);
        if right != capitals {
            return Ok(None);
        }
        let account = self.of_address(hash, key)?;
        let more = self.keys.len().saturating_sub(self.capitals.len());
        reserve(&mut self.capitals, more)?;
        self.capitals.resize(self.keys.len(), 0);
        self.capitals[account as usize] = right;
        Ok(Some(account))
    }

    fn next(&self) -> Result<u32> {
        let account = u32::try_from(self.keys.len()).ok().filter(|account| *account < ODD);
        account.ok_or_else(|| Failure::OutOfRange(format!("more than {} accounts", self.keys.len())))
    }

    fn find_address(&self, hash: u32, key: &[u8; 20]) -> Option<u32> {
        self.by_address
            .find(hash, |account| self.keys.get(account as usize) == Some(key))
    }

    fn find_text(&self, hash: u32, text: &[u8]) -> Option<u32> {
        self.by_text
            .find(hash, |account| self.letters_of(account) == Some(text))
    }

    fn letters_of(&self, account: u32) -> Option<&[u8]> {
        let key = self.keys.get(account as usize)?;
        let start = u64::from_le_bytes(*key.first_chunk()?) as usize;
        let length = u32::from_le_bytes(*key.get(8..)?.first_chunk()?) as usize;
        self.letters.get(start..start.checked_add(length)?)
    }
}

impl<'a> Batch<'a> {
    fn new() -> Self {
        Self {
            keys: [[0; 20]; BATCH],
            texts: [&[]; BATCH],
            capitals: [0; BATCH],
            hashes: [0; BATCH],
            peeked: [0; BATCH],
            found: [NONE; BATCH],
            is_address: 0,
            is_checksummed: 0,
            is_text: 0,
            is_null: 0,
        }
    }

    #[inline]
    fn parse(&mut self, count: usize, cell: impl Fn(usize) -> Cell<'a>) {
        (self.is_address, self.is_checksummed, self.is_text, self.is_null) = (0, 0, 0, 0);
        for i in 0..count {
            let bit = 1 << i;
            match cell(i) {
                Cell::Address(key) => {
                    self.keys[i] = key;
                    self.is_address |= bit;
                }
                Cell::Checksummed(key, capitals) => {
                    self.keys[i] = key;
                    self.capitals[i] = capitals;
                    self.is_address |= bit;
                    self.is_checksummed |= bit;
                }
                Cell::Text(text) => {
                    self.texts[i] = text;
                    self.is_text |= bit;
                }
                Cell::Odd => {}
                Cell::Null => self.is_null |= bit,
            }
        }
    }
}

/// The bytes of `0x` and 40 small hexadecimal digits.
#[inline]
fn small_address(text: &[u8]) -> Option<[u8; 20]> {
    hex::lower(text.strip_prefix(b"0x")?.try_into().ok()?)
}

/// The places of the ones of a mask, ascending.
fn ones(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = mask.trailing_zeros() as usize;
        mask &= mask.wrapping_sub(1);
        (lowest < BATCH).then_some(lowest)
    })
}

fn reserve<T>(items: &mut Vec<T>, more: usize) -> Result<()> {
    items
        .try_reserve(more)
        .map_err(|_| Failure::OutOfMemory(more.saturating_mul(size_of::<T>())))
}
