//! The number of workers of a count for which the caller gives none.

use std::ffi::OsString;
use std::thread::available_parallelism;

use crate::core::base::error::CountError;

/// More than any machine has cores. A larger number is probably a typing error.
pub const MOST_WORKERS: usize = 4096;

/// Our own variable sets the number. Those of other libraries limit it: engines set them for the processes in which
/// they run tasks (Ray and Dask set `OMP_NUM_THREADS`), so that the tasks share the cores.
const OWN: &str = "COUNTGRID_WORKERS";
const LIMITS: [&str; 2] = ["RAYON_NUM_THREADS", "OMP_NUM_THREADS"];

/// The number of workers that the environment asks for, else the number of cores that this process may use.
///
/// # Errors
///
/// `COUNTGRID_WORKERS` is not a number of workers.
pub fn default_workers() -> Result<usize, CountError> {
    chosen(|name| std::env::var_os(name), cores)
}

fn chosen(variable: impl Fn(&str) -> Option<OsString>, cores: impl Fn() -> usize) -> Result<usize, CountError> {
    if let Some(value) = variable(OWN).filter(|value| !value.is_empty()) {
        let workers = value.to_str().and_then(|text| text.trim().parse().ok());
        return workers.filter(|workers| (1..=MOST_WORKERS).contains(workers)).ok_or_else(|| {
            CountError::Environment { name: OWN, value: value.to_string_lossy().into_owned(), most: MOST_WORKERS }
        });
    }
    // OpenMP's variable can be a list, with a number for each level of nesting. 0 is Rayon's default.
    let limit = LIMITS.iter().find_map(|name| {
        let value = variable(name)?;
        let first = value.to_str()?.split(',').next()?.trim().parse().ok()?;
        (first > 0).then_some(first)
    });
    Ok(cores().min(limit.unwrap_or(usize::MAX)))
}

/// The number of cores that this process may use.
pub fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_sets_or_limits_the_number() {
        for (own, rayon, openmp, expected) in [
            ("", "", "", Some(8)),
            ("3", "2", "1", Some(3)),
            (" 12 ", "", "", Some(12)),
            ("4096", "", "", Some(4096)),
            ("", "2", "1", Some(2)),
            ("", "16", "", Some(8)),
            ("", "0", "5", Some(5)),
            ("", "", "4,2", Some(4)),
            ("", "many", "", Some(8)),
            ("0", "", "", None),
            ("4097", "", "", None),
            ("all", "", "", None),
            ("-1", "", "", None),
        ] {
            let variable = |name: &str| {
                let value =
                    [(OWN, own), (LIMITS[0], rayon), (LIMITS[1], openmp)].into_iter().find(|v| v.0 == name)?;
                (!value.1.is_empty()).then(|| value.1.into())
            };
            assert_eq!(chosen(variable, || 8).ok(), expected, "{own:?} {rayon:?} {openmp:?}");
        }
    }
}
