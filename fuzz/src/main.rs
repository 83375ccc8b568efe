//! Runs the fuzz targets on random bytes, on the stable toolchain: `random TARGET|all SECONDS [SEED]`.
//!
//! What goes wrong can be repeated by its seed, which the first line names.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use countgrid_fuzz::{CELLS, INPUTS, Target, run};

/// Bytes of an input: enough for nearly all of them.
const BYTES: usize = 2048;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(seconds)) = (arguments.next(), arguments.next().and_then(|text| text.parse().ok())) else {
        eprintln!("usage: random TARGET|all SECONDS [SEED]");
        std::process::exit(2);
    };
    let targets: Vec<Target> =
        Target::ALL.into_iter().filter(|target| name == "all" || target.name() == name).collect();
    assert!(!targets.is_empty(), "no target {name:?}; expected engines, regexes, layouts or all");
    let seed = arguments.next().and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(1, |now| now.as_nanos() as u64)
    });
    let level = countgrid::kernel::simd::level().name();
    println!("{name}: seed {seed}, SIMD level {level}");
    let mut random = Random(seed | 1);
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut data = [0; BYTES];
    while Instant::now() < end {
        for &target in &targets {
            // Each input has a seed of its own, so that a failing one is quick to repeat.
            let own = random.next();
            let mut bytes = Random(own | 1);
            data.as_chunks_mut().0.iter_mut().for_each(|eight| *eight = bytes.next().to_ne_bytes());
            let checked = std::panic::catch_unwind(|| run(target, &data));
            if checked.is_err() {
                eprintln!("{}: differs for the input of seed {own}", target.name());
                std::process::exit(1);
            }
        }
    }
    println!(
        "{name}: {} inputs, {} cells compared, no difference",
        INPUTS.load(Ordering::Relaxed),
        CELLS.load(Ordering::Relaxed)
    );
}

/// Marsaglia's xorshift, multiplied (xorshift64*).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}
