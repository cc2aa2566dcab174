//! Amounts against big integers, above all where words end.

use chaintrace_core::units::{Units, Wide};
use num_bigint::BigUint;
use num_traits::{One, Zero};
use proptest::prelude::*;

/// Powers of two at which types, words and floats end, one less and one more.
fn edge(bits: u32) -> impl Strategy<Value = BigUint> {
    let ends: Vec<u32> = [0, 32, 53, 63, 64, 65, 96, 127, 128, 129, 192, 255, 256, 288]
        .into_iter()
        .filter(|&end| end <= bits)
        .collect();
    let near = (prop::sample::select(ends), -2i8..=2).prop_map(|(end, by)| {
        let power = BigUint::one() << end;
        if by < 0 {
            power - BigUint::from(by.unsigned_abs()).min(BigUint::one())
        } else {
            power + BigUint::from(by as u8)
        }
    });
    let limit = BigUint::one() << bits;
    prop_oneof![Just(BigUint::zero()), near, any_up_to(bits)].prop_map(move |value| value % &limit)
}

fn any_up_to(bits: u32) -> impl Strategy<Value = BigUint> {
    (prop::collection::vec(any::<u32>(), 9), 0..=bits)
        .prop_map(|(words, size)| BigUint::new(words) % (BigUint::one() << size.max(1)))
}

fn check<U: Units>(a: &BigUint, b: &BigUint, c: &BigUint) {
    let (all, part, whole) = (U::from_big(a), U::from_big(b), U::from_big(c));
    assert_eq!(all.to_big(), *a);
    assert_eq!(U::from_wide(all.to_wide()), all);
    assert_eq!(all.is_zero(), a.is_zero());
    assert_eq!(all.cmp(&part), a.cmp(b));
    assert_eq!((all.max(part) - all.min(part)).to_big(), a.max(b) - a.min(b));
    if !c.is_zero() && (b <= c || a <= c) {
        assert_eq!(all.share(part, whole).to_big(), a * b / c, "{a} · {b} / {c}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn narrow_amounts_are_exact(a in edge(128), b in edge(128), c in edge(128)) {
        check::<u128>(&a, &b, &c);
        let most = (&a).max(&b);
        check::<u128>(&a, &b, most);
        check::<u128>(&a, (&b).min(&c), (&b).max(&c));
    }

    #[test]
    fn wide_amounts_are_exact(a in edge(289), b in edge(289), c in edge(289)) {
        check::<Wide>(&a, (&b).min(&c), (&b).max(&c));
        let sum = Wide::from_big(&a) + Wide::from_big(&b);
        prop_assert_eq!(sum.to_big(), a + b);
    }

    #[test]
    fn both_widths_agree(a in any::<u128>(), b in any::<u128>(), c in 1..=u128::MAX) {
        let (part, whole) = (b.min(c), b.max(c));
        let wide = a.to_wide().share(part.to_wide(), whole.to_wide());
        prop_assert_eq!(wide, a.share(part, whole).to_wide());
        prop_assert_eq!(Wide::from_narrow(a), a.to_wide());
    }
}

#[test]
fn nothing_of_nothing_is_nothing() {
    assert_eq!(5u128.share(3, 0), 0);
    assert_eq!(Wide::from(5).share(Wide::from(3), Wide::ZERO), Wide::ZERO);
}
