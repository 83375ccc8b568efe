//! Runs the fuzz targets on random bytes, on the stable toolchain.
//!
//! ```sh
//! random TARGET|all SECONDS [SEED]    # inputs from a seed, which is printed
//! random TARGET replay SEED           # the one input of a seed that a difference was reported with
//! ```

use std::panic::catch_unwind;
use std::process::exit;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use countgrid_fuzz::{CELLS, INPUTS, Target, run};

/// Bytes of an input, enough for nearly all inputs.
const BYTES: usize = 2048;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seed = arguments.get(2).and_then(|text| text.parse().ok());
    let name = arguments.first().map_or("", String::as_str);
    let targets: Vec<Target> =
        Target::ALL.into_iter().filter(|target| name == "all" || target.name() == name).collect();
    match (&targets[..], arguments.get(1).map(String::as_str), seed) {
        ([target], Some("replay"), Some(seed)) => run(*target, &bytes(seed)),
        ([_, ..], Some(seconds), _) if seconds.parse::<u64>().is_ok() => {
            let seconds = Duration::from_secs(seconds.parse().expect("checked"));
            let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
            search(name, &targets, seconds, seed.unwrap_or_else(now));
        }
        _ => {
            eprintln!("usage: random engines|regexes|layouts|all SECONDS [SEED], or random TARGET replay SEED");
            exit(2);
        }
    }
}

/// Tries inputs until the time is over. Ends the process at the first difference.
fn search(name: &str, targets: &[Target], time: Duration, seed: u64) {
    println!("{name}: seed {seed}, SIMD level {}", countgrid::core::base::simd::level().name());
    let mut random = Random(seed | 1);
    let end = Instant::now() + time;
    while Instant::now() < end {
        for &target in targets {
            // Each input has its own seed, so that a difference is quick to repeat.
            let seed = random.next();
            if catch_unwind(|| run(target, &bytes(seed))).is_err() {
                eprintln!("repeat with: random {} replay {seed}", target.name());
                exit(1);
            }
        }
    }
    let [inputs, cells] = [&INPUTS, &CELLS].map(|count| count.load(Ordering::Relaxed));
    println!("{name}: {inputs} inputs, {cells} cells compared, no difference");
}

/// The input of a seed.
fn bytes(seed: u64) -> [u8; BYTES] {
    let mut random = Random(seed | 1);
    let mut bytes = [0; BYTES];
    bytes.as_chunks_mut().0.iter_mut().for_each(|eight| *eight = random.next().to_ne_bytes());
    bytes
}

/// The pseudorandom generator xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}
