//! Hashes for tables in memory: seeded, so that nobody can choose keys that collide. No answer depends on the seed.

/// The secret of one table.
#[derive(Debug, Clone, Copy)]
pub struct Seed([u64; 3]);

impl Seed {
    /// Three words out of one (SplitMix64).
    pub fn new(seed: u64) -> Self {
        let mut state = seed;
        Self(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ mixed >> 31
        }))
    }

    /// The hash of three words.
    #[inline]
    pub fn words(self, a: u64, b: u64, c: u64) -> u32 {
        let [s, t, u] = self.0;
        (folded(folded(a ^ s, b ^ t) ^ c, u | 1) >> 32) as u32
    }

    /// The hash of an address.
    #[inline]
    pub fn address(self, key: &[u8; 20]) -> u32 {
        let (words, rest) = key.as_chunks::<8>();
        let last = rest.first_chunk::<4>().map_or(0, |four| u32::from_le_bytes(*four));
        match words {
            [a, b] => self.words(u64::from_le_bytes(*a), u64::from_le_bytes(*b), u64::from(last)),
            _ => 0,
        }
    }

    /// The hash of a text.
    pub fn text(self, text: &[u8]) -> u32 {
        let [s, t, _] = self.0;
        let (words, rest) = text.as_chunks::<8>();
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        let body = words
            .iter()
            .fold(s, |hash, word| folded(hash ^ u64::from_le_bytes(*word), t | 1));
        self.words(body, u64::from_le_bytes(last), text.len() as u64)
    }
}

#[inline]
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a).wrapping_mul(u128::from(b));
    product as u64 ^ (product >> 64) as u64
}
