//! The queue against an ordered set.

use chaintrace_core::events::Events;
use chaintrace_core::failure::Failure;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![
        1..200usize,
        prop::sample::select(vec![64, 65, 4096, 4097, 262_144, 262_145, 300_000])
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn numbers_come_in_order_and_once(
        length in lengths(),
        ascending: bool,
        steps in prop::collection::vec(prop::option::weighted(0.6, any::<usize>()), 0..200),
    ) {
        let mut events = Events::new(length, ascending).unwrap();
        let mut expected = BTreeSet::new();
        for step in steps {
            if let Some(number) = step {
                events.push(number % length).unwrap();
                expected.insert(number % length);
            } else {
                let next = if ascending { expected.pop_first() } else { expected.pop_last() };
                prop_assert_eq!(events.peek(), next);
                prop_assert_eq!(events.pop(), next);
            }
            prop_assert_eq!(events.is_empty(), expected.is_empty());
        }
        let rest: Vec<usize> = std::iter::from_fn(|| events.pop()).collect();
        let mut ordered: Vec<usize> = expected.into_iter().collect();
        if !ascending {
            ordered.reverse();
        }
        prop_assert_eq!(rest, ordered);
    }
}

#[test]
fn an_empty_queue_has_room_for_nothing() {
    let mut events = Events::new(0, true).unwrap();
    assert!(events.is_empty());
    assert_eq!(events.pop(), None);
    assert!(matches!(events.push(0), Err(Failure::OutOfRange(_))));
}
