//! Random numbers that are the same on every computer.

/// Separate streams of random numbers, so that a change to one part leaves the others unchanged.
#[derive(Clone, Copy)]
pub(super) enum Stream {
    Words = 1,
    Tags,
    Authors,
    People,
    Locations,
    Series,
    Calendar,
    Articles,
    Companions,
}

/// `SplitMix64`: eight bytes of state, two multiplications per number.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64, stream: Stream, item: u64) -> Self {
        let mut key = Self(seed ^ (stream as u64).wrapping_mul(0xA24B_AED4_963E_E407));
        let stream_seed = key.next();
        let mut key = Self(stream_seed ^ item.wrapping_mul(0x9FB2_1C65_1E98_DF25));
        Self(key.next())
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Returns a number from `least` to `most`, both included.
    pub(super) fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// Returns true with a probability in thousandths.
    pub(super) fn chance(&mut self, per_mille: usize) -> bool {
        self.below(1000) < per_mille
    }

    /// Returns one of the choices.
    pub(super) fn choose<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    /// Draws from a nearly normal distribution with mean 0 and deviation 1: the sum of twelve
    /// uniform numbers, less six.
    fn normal(&mut self) -> f64 {
        let draws = [self.next(), self.next(), self.next()];
        let sixteenths =
            draws.iter().flat_map(|x| [0, 16, 32, 48].map(|shift| (x >> shift) & 0xFFFF));
        sixteenths.map(|sixteenth| sixteenth as f64 / 65_536.0).sum::<f64>() - 6.0
    }

    /// Draws from a log-normal distribution with mean 1.
    pub(super) fn log_normal(&mut self, spread: f64) -> f64 {
        exp(spread * self.normal() - spread * spread / 2.0)
    }
}

/// Returns the exponential to three digits, by multiplication alone, so that it is the same
/// everywhere.
fn exp(x: f64) -> f64 {
    (0..12).fold(1.0 + x / 4096.0, |power, _| power * power)
}

/// Draws ranks by a law such as Zipf's in constant time (Walker's alias method).
pub(super) struct AliasTable(Vec<(u32, u32)>);

impl AliasTable {
    /// Creates the table for some ranks, from 0, each with the weight that `weight` returns.
    pub(super) fn new(ranks: usize, weight: impl Fn(f64) -> f64) -> Self {
        let weight = |rank: usize| weight(rank as f64);
        let scale = ranks as f64 / (0..ranks).map(weight).sum::<f64>();
        let mut share: Vec<f64> = (0..ranks).map(|rank| weight(rank) * scale).collect();
        let mut table: Vec<(u32, u32)> = (0..ranks).map(|rank| (u32::MAX, rank as u32)).collect();
        let (mut below_average, mut above_average): (Vec<_>, Vec<_>) =
            (0..ranks).partition(|&rank| share[rank] < 1.0);
        while let (Some(&low_rank), Some(&high_rank)) = (below_average.last(), above_average.last())
        {
            below_average.pop();
            table[low_rank] = ((share[low_rank] * 4_294_967_296.0) as u32, high_rank as u32);
            share[high_rank] -= 1.0 - share[low_rank];
            if share[high_rank] < 1.0 {
                above_average.pop();
                below_average.push(high_rank);
            }
        }
        Self(table)
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> usize {
        let bits = rng.next();
        let rank = (((bits >> 32) * self.0.len() as u64) >> 32) as usize;
        let (limit, other) = self.0[rank];
        if (bits as u32) < limit { rank } else { other as usize }
    }
}
