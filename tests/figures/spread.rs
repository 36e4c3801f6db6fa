//! Many times of one thing.

use std::fmt;
use std::time::Duration;

/// Sorted.
pub struct Spread(Vec<Duration>);

impl Spread {
    /// As many runs as this.
    pub fn of(runs: usize, mut run: impl FnMut() -> Duration) -> Self {
        (0..runs).map(|_| run()).collect()
    }

    pub fn median(&self) -> Duration {
        self.0[self.0.len() / 2]
    }

    /// What all but a twentieth stay below.
    pub fn p95(&self) -> Duration {
        self.0[self.0.len() * 19 / 20]
    }

    pub fn most(&self) -> Duration {
        self.0[self.0.len() - 1]
    }

    /// The median, the 95th percentile and the most.
    pub fn whole(&self) -> String {
        format!("{self}, p95 {}, most {}", ms(self.p95()), ms(self.most()))
    }
}

impl FromIterator<Duration> for Spread {
    fn from_iter<I: IntoIterator<Item = Duration>>(times: I) -> Self {
        let mut times: Vec<_> = times.into_iter().collect();
        times.sort_unstable();
        Self(times)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&ms(self.median()))
    }
}

/// Milliseconds, with as many digits as say something.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        100.0.. => format!("{ms:.0} ms"),
        10.0.. => format!("{ms:.1} ms"),
        _ => format!("{ms:.2} ms"),
    }
}

/// As in "31× faster".
pub fn times(slow: Duration, fast: Duration) -> String {
    let times = slow.as_secs_f64() / fast.as_secs_f64();
    let digits = if times < 10.0 { 2 } else { 0 };
    format!("{times:.digits$}×")
}
