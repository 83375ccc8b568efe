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

/// What the environment says about the number of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultWorkers {
    Exactly(usize),
    /// As many as there are cores, but at most this many.
    UpTo(usize),
}

impl DefaultWorkers {
    /// # Errors
    ///
    /// `COUNTGRID_WORKERS` is not a number of workers.
    pub fn of_environment() -> Result<Self, CountError> {
        Self::of(|name| std::env::var_os(name))
    }

    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, CountError> {
        if let Some(value) = variable(OWN).filter(|value| !value.is_empty()) {
            let workers = value.to_str().and_then(|text| text.trim().parse().ok());
            let workers = workers.filter(|workers| (1..=MOST_WORKERS).contains(workers));
            return workers.map(Self::Exactly).ok_or_else(|| CountError::Environment {
                name: OWN,
                value: value.to_string_lossy().into_owned(),
                most: MOST_WORKERS,
            });
        }
        // OpenMP's variable can be a list, with a number for each level of nesting. 0 is Rayon's default.
        let limit = LIMITS.iter().find_map(|name| {
            let value = variable(name)?;
            let first = value.to_str()?.split(',').next()?.trim().parse().ok()?;
            (first > 0).then_some(first)
        });
        Ok(Self::UpTo(limit.unwrap_or(usize::MAX)))
    }

    /// Asks the system for the number of cores, which takes as long as counting a few short documents.
    pub fn number(self) -> usize {
        match self {
            Self::Exactly(workers) => workers,
            Self::UpTo(most) => cores().min(most),
        }
    }
}

/// The number of cores that this process may use.
fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_sets_or_limits_the_number() {
        use DefaultWorkers::{Exactly, UpTo};
        for (own, rayon, openmp, expected) in [
            ("", "", "", Some(UpTo(usize::MAX))),
            ("3", "2", "1", Some(Exactly(3))),
            (" 12 ", "", "", Some(Exactly(12))),
            ("4096", "", "", Some(Exactly(4096))),
            ("", "2", "1", Some(UpTo(2))),
            ("", "0", "5", Some(UpTo(5))),
            ("", "", "4,2", Some(UpTo(4))),
            ("", "many", "", Some(UpTo(usize::MAX))),
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
            assert_eq!(DefaultWorkers::of(variable).ok(), expected, "{own:?} {rayon:?} {openmp:?}");
        }
        assert_eq!(Exactly(7).number(), 7);
        assert_eq!(UpTo(1).number(), 1);
        assert_eq!(UpTo(usize::MAX).number(), cores());
    }
}
