//! What reads columns, against the plainest way to read them.

use chaintrace_core::columns::{Cells, Fixed, Texts};
use chaintrace_core::digits::{self, Amount};
use chaintrace_core::duplicates::{Identity, duplicates};
use chaintrace_core::hex::{self, Written};
use chaintrace_core::ingest::{Besides, Ingest, Side};
use chaintrace_core::intern::{Accounts, ODD};
use chaintrace_core::order::order;
use chaintrace_core::pots::{Parties, number};
use chaintrace_core::slots::{NONE, Slots};
use num_bigint::BigUint;
use proptest::prelude::*;
use std::collections::HashMap;

/// Texts as Arrow keeps them.
struct Column {
    offsets: Vec<i32>,
    data: Vec<u8>,
    valid: Vec<u8>,
}

impl Column {
    fn of(cells: &[Option<Vec<u8>>]) -> Self {
        let (mut offsets, mut data) = (vec![0], Vec::new());
        for cell in cells {
            data.extend(cell.iter().flatten());
            offsets.push(data.len() as i32);
        }
        Self {
            offsets,
            data,
            valid: cells.iter().map(|cell| u8::from(cell.is_some())).collect(),
        }
    }

    fn texts(&self) -> Texts<'_, i32> {
        Texts::new(&self.offsets, &self.data, Some(&self.valid)).expect("a column that fits together")
    }
}

fn keccak_case(address: &str) -> String {
    use sha3::{Digest, Keccak256};
    let digits = &address[2..];
    let mask = Keccak256::digest(digits);
    let upper = |(i, digit): (usize, char)| {
        if mask[i / 2] >> (4 * (1 - i % 2)) & 15 >= 8 {
            digit.to_ascii_uppercase()
        } else {
            digit
        }
    };
    format!("0x{}", digits.chars().enumerate().map(upper).collect::<String>())
}

/// The address that a text is, digit by digit.
fn naive_address(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    let digits = text.strip_prefix("0x")?;
    if digits.len() != 40 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let small = text.to_ascii_lowercase();
    let one_case = digits == digits.to_ascii_lowercase() || digits == digits.to_ascii_uppercase();
    (one_case || keccak_case(&small) == text).then_some(small)
}

/// Few addresses, so that they come again, written in every way, and texts that are none.
fn cell() -> impl Strategy<Value = Option<Vec<u8>>> {
    let address = (0_u64..40, 0..8_usize, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(n, how, at, byte)| {
        let word = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let small = format!("0x{word:016x}{word:016x}{n:08x}");
        let mut text = match how {
            0 | 1 => small,
            2 => format!("0x{}", small[2..].to_ascii_uppercase()),
            3 | 4 => keccak_case(&small),
            5 => keccak_case(&small).replace(['a', 'B'], "A"),
            6 => small[..at.index(42)].to_owned(),
            _ => small,
        }
        .into_bytes();
        if how == 7 {
            let place = at.index(text.len());
            text[place] = byte;
        }
        Some(text)
    });
    let special = prop::sample::select(vec![
        "",
        "0x",
        "0X",
        "T",
        "\0",
        "ä",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
    ]);
    prop_oneof![
        8 => address,
        1 => special.prop_map(|text| Some(text.as_bytes().to_vec())),
        1 => prop::collection::vec(any::<u8>(), 0..50).prop_map(Some),
        1 => Just(None),
    ]
}

fn cells() -> impl Strategy<Value = Vec<Option<Vec<u8>>>> {
    prop::collection::vec(cell(), 0..300)
}

/// Sender, receiver, asset, coin spent and coin made.
type Row = (u32, u32, u32, u32, u32);

/// Sender, receiver, how far an amount is shifted to the left, whether to drop the row.
type Read = (u8, u8, u32, bool);

proptest! {
    #[test]
    fn accounts_are_numbered_in_order_of_first_appearance(batches in prop::collection::vec(cells(), 1..4), seed: u64) {
        let (mut accounts, mut known) = (Accounts::new(seed), HashMap::new());
        for cells in &batches {
            let column = Column::of(cells);
            let (mut codes, mut odd) = (Vec::new(), Vec::new());
            accounts.read_hex(&column.texts(), &mut codes, &mut odd).unwrap();
            let mut expected_odd = Vec::new();
            for (row, cell) in cells.iter().enumerate() {
                let expected = match cell.as_deref().map(naive_address) {
                    None => NONE,
                    Some(None) => ODD,
                    Some(Some(text)) => { let next = known.len() as u32; *known.entry(text).or_insert(next) }
                };
                prop_assert_eq!(codes[row], expected, "{:?}", cell);
                if expected >= ODD { expected_odd.push(row as u32); }
            }
            prop_assert_eq!(odd, expected_odd);
        }
        prop_assert_eq!(accounts.len(), known.len());
        for (text, number) in &known {
            prop_assert_eq!(accounts.text(*number), Some(text.clone()));
            prop_assert_eq!(accounts.find(text), Some(*number));
        }
        prop_assert_eq!(accounts.text(known.len() as u32), None);
    }

    #[test]
    fn any_text_is_an_account_as_it_stands(batches in prop::collection::vec(cells(), 1..4), seed: u64) {
        let (mut accounts, mut known) = (Accounts::new(seed), HashMap::new());
        for cells in &batches {
            let column = Column::of(cells);
            let (mut codes, mut odd) = (Vec::new(), Vec::new());
            accounts.read_any(&column.texts(), &mut codes, &mut odd).unwrap();
            for (row, cell) in cells.iter().enumerate() {
                let expected = match cell.clone().map(String::from_utf8) {
                    None => NONE,
                    Some(Err(_)) => ODD,
                    Some(Ok(text)) => { let next = known.len() as u32; *known.entry(text).or_insert(next) }
                };
                prop_assert_eq!(codes[row], expected);
                prop_assert_eq!(odd.contains(&(row as u32)), expected >= ODD);
            }
        }
        let table = accounts.table().unwrap();
        for (text, number) in &known {
            prop_assert_eq!(accounts.text(*number), Some(text.clone()));
            prop_assert_eq!(accounts.find(text), Some(*number));
            prop_assert_eq!(accounts.intern(text).unwrap(), *number);
            let bytes = &table[20 * *number as usize..][..20];
            let is_text = accounts.other_texts().contains(number);
            prop_assert_eq!(is_text, naive_address(text.as_bytes()).as_ref() != Some(text));
            prop_assert!(!is_text || bytes == [0; 20]);
            prop_assert!(is_text || hex::spelled(bytes.try_into().unwrap()) == *text);
        }
    }

    #[test]
    fn binary_addresses_are_the_accounts_of_their_texts(keys in prop::collection::vec(0_u8..30, 0..300), seed: u64) {
        let keys: Vec<[u8; 20]> = keys.into_iter().map(|byte| [byte; 20]).collect();
        let texts: Vec<_> = keys.iter().map(|key| Some(hex::spelled(key).into_bytes())).collect();
        let (mut accounts, mut binary, mut text, mut odd) = (Accounts::new(seed), Vec::new(), Vec::new(), Vec::new());
        accounts.read_binary(&Fixed::new(keys.as_flattened(), None).unwrap(), &mut binary, &mut odd).unwrap();
        accounts.read_hex(&Column::of(&texts).texts(), &mut text, &mut odd).unwrap();
        prop_assert_eq!(binary, text);
        prop_assert!(odd.is_empty());
    }

    #[test]
    fn an_index_finds_what_was_put_in(hashes in prop::collection::vec(0_u32..50, 0..400), wide: bool) {
        let spread = if wide { 0x0500_0000 } else { 1 };
        let mut slots = Slots::default();
        for (number, hash) in (0..).zip(&hashes) {
            prop_assert_eq!(slots.find(hash * spread, |found| found == number), None);
            slots.insert(hash * spread, number).unwrap();
        }
        for (number, hash) in (0..).zip(&hashes) {
            prop_assert_eq!(slots.find(hash * spread, |found| found == number), Some(number));
        }
    }

    #[test]
    fn digits_are_read_exactly(
        text in prop_oneof!["[0-9]{0,90}", "0{0,50}[0-9]{1,80}", "[0-9]{0,20}[^0-9][0-9]{0,20}", "\\PC{0,5}"],
    ) {
        let plain = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        let value = plain.then(|| text.parse::<BigUint>().unwrap()).filter(|value| value.bits() <= 256);
        let found = match digits::amount(text.as_bytes()) {
            Amount::Narrow(value) => Some(BigUint::from(value)),
            Amount::Wide(value) => {
                prop_assert!(value.bit_len() > 128);
                Some(BigUint::from_bytes_be(&value.to_be_bytes::<32>()))
            }
            Amount::Odd => None,
        };
        prop_assert_eq!(found, value);
    }

    #[test]
    fn one_wrong_character_is_no_digit(length in 1_usize..60, at: prop::sample::Index, byte: u8) {
        let mut text = vec![b'7'; length];
        text[at.index(length)] = byte;
        prop_assert_eq!(digits::amount(&text) == Amount::Odd, !byte.is_ascii_digit());
    }

    #[test]
    fn pots_are_numbered_as_a_dict_would(
        rows in prop::collection::vec((0_u32..12, 0_u32..12, 0_u32..4, 0_u32..9, 0_u32..9), 0..200),
        assets in prop::sample::select(vec![0_u32, 1, 4]),
        coins: bool,
        far: bool,
    ) {
        let party = |n: u32| match n { 0 => NONE, n if far => n * 100_000_000, n => n };
        let coin = |n: u32| if n < 6 { NONE } else { n };
        let column = |of: &dyn Fn(&Row) -> u32| rows.iter().map(of).collect::<Vec<_>>();
        let parties = Parties {
            sender: column(&|row| party(row.0)),
            receiver: column(&|row| party(row.1)),
            asset: if assets == 0 { Vec::new() } else { column(&|row| row.2 % assets) },
            spent: if coins { column(&|row| coin(row.3)) } else { Vec::new() },
            made: if coins { column(&|row| coin(row.4)) } else { Vec::new() },
        };
        let (mut known, mut all) = (HashMap::new(), Vec::new());
        let mut pot = |account: u32, coin: u32, asset: u32| {
            if account == NONE { return -1 }
            let identity = (if coin == NONE { (account, NONE) } else { (NONE, coin) }, asset);
            *known.entry(identity).or_insert_with(|| { all.push((account, asset, coin)); all.len() as i32 - 1 })
        };
        let (mut sender, mut receiver) = (Vec::new(), Vec::new());
        for row in &rows {
            let asset = if assets == 0 { 0 } else { row.2 % assets };
            sender.push(pot(party(row.0), if coins { coin(row.3) } else { NONE }, asset));
            receiver.push(pot(party(row.1), if coins { coin(row.4) } else { NONE }, asset));
        }
        let found = number(parties).unwrap();
        prop_assert_eq!(found.sender, sender);
        prop_assert_eq!(found.receiver, receiver);
        prop_assert_eq!(found.account, all.iter().map(|pot| pot.0).collect::<Vec<_>>());
        if assets > 0 { prop_assert_eq!(found.asset, all.iter().map(|pot| pot.1).collect::<Vec<_>>()); }
        let expected_coins = if coins { all.iter().map(|pot| pot.2).collect() } else { Vec::new() };
        prop_assert_eq!(found.coin, expected_coins);
    }

    #[test]
    fn order_is_a_stable_sort(
        rows in prop::collection::vec(
            prop::array::uniform3(prop_oneof![Just(i64::MIN), Just(i64::MAX), -2_i64..3, any::<i64>()]),
            0..60,
        ),
        small: bool,
        sorted: bool,
    ) {
        let mut rows = rows;
        if small { for row in &mut rows { *row = row.map(|key| if key == i64::MIN { key } else { key % 3 }); } }
        if sorted { rows.sort(); }
        let keys: Vec<Vec<i64>> = (0..3).map(|k| rows.iter().map(|row| row[k]).collect()).collect();
        let mut expected: Vec<u32> = (0..rows.len() as u32).collect();
        expected.sort_by_key(|row| rows[*row as usize]);
        let found = order(&keys.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        prop_assert_eq!(found.is_none(), expected.is_sorted());
        prop_assert_eq!(found.unwrap_or(expected.clone()), expected);
    }

    #[test]
    fn duplicates_are_later_rows_of_the_same_name(
        rows in prop::collection::vec((0_u8..6, 0_u8..4, 0_u8..2, 0_i64..2, 0_u32..2), 0..200),
        chains: bool,
        seed: u64,
    ) {
        let name = |n: u8, how: u8| {
            let hash = format!("{n:064x}").replace('0', "a");
            match how { 0 => hash, 1 => format!("0x{hash}"), 2 => hash.to_uppercase(), _ => format!("name {n}") }
        };
        let cells: Vec<_> = rows.iter().map(|row| Some(name(row.0, row.1).into_bytes())).collect();
        let (kind, seq): (Vec<u8>, Vec<i64>) = rows.iter().map(|row| (row.2, row.3)).unzip();
        let chain: Vec<u32> = rows.iter().map(|row| row.4).collect();
        let mut seen = std::collections::HashSet::new();
        let new = |row: &(u8, u8, u8, i64, u32)| {
            seen.insert((row.0, row.1 == 3, row.2, row.3, chains.then_some(row.4)))
        };
        let expected: Vec<u32> = (0..).zip(rows.iter().map(new)).filter(|(_, new)| !new).map(|(row, _)| row).collect();
        let column = Column::of(&cells);
        let chain = chains.then_some(chain.as_slice());
        let identity = Identity { transaction: &column.texts(), kind: &kind, seq: &seq, chain };
        prop_assert_eq!(duplicates(identity, seed).unwrap(), expected);
    }

    #[test]
    fn what_was_read_comes_out_in_order(
        rows in prop::collection::vec((1_u8..5, 1_u8..5, 0_u32..254, any::<bool>()), 0..60),
        key: Vec<u64>,
    ) {
        let amount = |shift: u32| ruint::aliases::U256::from(3) << shift;
        let mut ingest = Ingest::new(0, 7).unwrap();
        for part in rows.chunks(7) {
            let side = |of: &dyn Fn(&Read) -> u8| part.iter().flat_map(|row| [of(row); 20]).collect::<Vec<_>>();
            ingest.binary(Side::Sender, &Fixed::new(&side(&|row| row.0), None).unwrap()).unwrap();
            ingest.binary(Side::Receiver, &Fixed::new(&side(&|row| row.1), None).unwrap()).unwrap();
            let words: Vec<_> = part.iter().map(|row| amount(row.2).into_limbs()).collect();
            prop_assert!(ingest.words(&words, None).unwrap().is_empty());
        }
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        order.sort_by_key(|row| key.get(*row as usize).copied());
        let drop: Vec<u8> = rows.iter().map(|row| u8::from(row.3)).collect();
        let kept: Vec<_> = order.iter().filter(|row| !rows[**row as usize].3).map(|row| rows[*row as usize]).collect();
        let done = ingest.finish(Besides { order: Some(&order), drop: Some(&drop), ..Besides::default() }).unwrap();
        prop_assert_eq!(done.amount.len(), kept.len());
        for (i, row) in kept.iter().enumerate() {
            let name = |pot: i32| ingest.accounts().text(done.pots.account[pot as usize]).unwrap();
            prop_assert_eq!(name(done.pots.sender[i]), hex::spelled(&[row.0; 20]));
            prop_assert_eq!(name(done.pots.receiver[i]), hex::spelled(&[row.1; 20]));
            let wide = done.wide_rows.binary_search(&(i as u32)).map(|at| done.wide_values[at]);
            let value = wide.unwrap_or([done.amount[i][0], done.amount[i][1], 0, 0]);
            prop_assert_eq!(value, amount(row.2).into_limbs());
        }
        prop_assert!(ingest.finish(Besides::default()).is_err());
    }
}

#[test]
fn the_edges_of_amounts() {
    let max = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    let above = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    assert!(matches!(digits::amount(max.as_bytes()), Amount::Wide(value) if value.count_ones() == 256));
    assert_eq!(digits::amount(above.as_bytes()), Amount::Odd);
    assert_eq!(
        digits::amount(u128::MAX.to_string().as_bytes()),
        Amount::Narrow(u128::MAX)
    );
    assert!(matches!(
        digits::amount(b"340282366920938463463374607431768211456"),
        Amount::Wide(_)
    ));
    for odd in ["", " 1", "+1", "1 ", "-1", "1e3", "1_0", "1.0", "\u{0661}"] {
        assert_eq!(digits::amount(odd.as_bytes()), Amount::Odd, "{odd:?}");
    }
}

#[test]
fn checksums_are_those_of_eip_55() {
    for text in [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    ] {
        let Written::Mixed(key, capitals) = hex::address(text.as_bytes()) else {
            panic!("{text}")
        };
        assert_eq!(hex::capitals_of(&key), capitals);
        assert_eq!(hex::spelled(&key), text.to_lowercase());
    }
}

#[test]
fn columns_that_do_not_fit_are_errors() {
    for (offsets, data) in [
        (vec![], 0),
        (vec![0, 5], 4),
        (vec![3, 1], 4),
        (vec![-1, 1], 4),
        (vec![5], 4),
    ] {
        assert!(Texts::new(&offsets, &[0; 4][..data], None).is_err(), "{offsets:?}");
    }
    assert!(Texts::new(&[0, 1], b"a", Some(&[1, 1])).is_err());
    assert!(Fixed::<20>::new(&[0; 21], None).is_err());
    assert_eq!(Fixed::<20>::new(&[0; 40], Some(&[1, 0])).unwrap().cell(1), None);
    assert!(order(&[&[1, 2], &[1]]).is_err());
    let parties = Parties {
        sender: vec![1],
        receiver: vec![],
        ..Parties::default()
    };
    assert!(number(parties).is_err());
}

#[test]
fn odd_rows_must_be_patched_or_dropped() {
    let read = || {
        let mut ingest = Ingest::new(2, 1).unwrap();
        let cells = Column::of(&[Some(b"?".to_vec()), None]);
        assert_eq!(ingest.hex(Side::Sender, &cells.texts()).unwrap(), [0, 1]);
        ingest.nobody(Side::Receiver, 2).unwrap();
        assert_eq!(
            ingest
                .digits(&Column::of(&[Some(b"1".to_vec()), Some(b"x".to_vec())]).texts())
                .unwrap(),
            [1]
        );
        ingest
    };
    let mut ingest = read();
    assert!(ingest.finish(Besides::default()).is_err());
    ingest.patch_account(Side::Sender, 0, Some("a")).unwrap();
    assert!(ingest.finish(Besides::default()).is_err());
    ingest.patch_amount(1, [255; 32]).unwrap();
    assert!(ingest.patch_amount(2, [0; 32]).is_err());
    let done = ingest.finish(Besides::default()).unwrap();
    assert_eq!((done.pots.sender, done.wide_rows), (vec![0, -1], vec![1]));
    let mut ingest = read();
    assert_eq!(
        ingest
            .finish(Besides {
                drop: Some(&[1, 1]),
                ..Besides::default()
            })
            .unwrap()
            .amount,
        [[0; 2]; 0]
    );
}

#[test]
fn numbers_of_accounts_have_a_limit() {
    let mut ingest = Ingest::new(0, 1).unwrap();
    assert_eq!(ingest.ids(Side::Sender, &[0_i64, 3, 4, -1], 4).unwrap(), [2, 3]);
    assert!(
        ingest
            .binary(Side::Receiver, &Fixed::new(&[0; 80], None).unwrap())
            .is_err()
    );
    assert!(ingest.patch_account(Side::Sender, 2, Some("a")).is_err());
    ingest.patch_account(Side::Sender, 2, None).unwrap();
    assert!(ingest.finish(Besides::default()).is_err());
}
