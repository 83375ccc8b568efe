//! The functions for Rust users. The binding calls the core directly, since it handles panics itself.

use ndarray::{Array2, ArrayViewMut2};

use crate::core::base::error::CountError;
use crate::core::base::memory;
use crate::core::base::panics::catch_panics;
use crate::core::documents::rows::Documents;
use crate::core::plan::Plan;
use crate::core::results;
use crate::core::results::cell::Cell;
use crate::core::results::find::Matches;
use crate::core::results::sparse::Sparse;
use crate::core::results::totals::Totals;
use crate::core::schedule::run_options::RunOptions;

/// Returns a new count matrix, of shape (documents, columns).
///
/// # Errors
///
/// A count does not fit `T`, the caller cancelled, memory ran out, or the system could not start a thread.
///
/// ```
/// use countgrid::{CountError, Documents, Options, Plan, RunOptions, Terms, count};
///
/// let plan = Plan::new(Terms::each([("the", true), ("cat", true)]), Options::default())?;
/// let documents = Documents::from_texts(["the cat sat", "the the"].map(|text| Some(text.into())));
/// let matrix = count::<u32>(&plan, &documents, RunOptions::default())?;
/// assert_eq!(matrix, ndarray::array![[1, 1], [2, 0]]);
/// # Ok::<(), CountError>(())
/// ```
pub fn count<T: Cell>(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Result<Array2<T>, CountError> {
    let (rows, columns) = (documents.len(), plan.columns());
    let cells = catch_panics(|| memory::filled(T::default(), rows.saturating_mul(columns)))?;
    let mut matrix = Array2::from_shape_vec((rows, columns), cells).expect("as many cells as the matrix has");
    dense(plan, documents, matrix.view_mut(), false, run)?;
    Ok(matrix)
}

/// Fills `matrix`, of shape (documents, columns). Its cells must be zero, unless `clear` is true.
///
/// After an error, the content of `matrix` is undefined.
///
/// # Errors
///
/// A count does not fit `T`, the caller cancelled, memory ran out, or the system could not start a thread.
///
/// # Panics
///
/// The matrix has a different shape.
pub fn dense<T: Cell>(
    plan: &Plan,
    documents: &Documents<'_>,
    matrix: ArrayViewMut2<'_, T>,
    clear: bool,
    run: RunOptions<'_>,
) -> Result<(), CountError> {
    assert_eq!(matrix.dim(), (documents.len(), plan.columns()), "the shape of the count matrix");
    catch_panics(|| results::dense::dense(plan, documents, matrix, clear, run))?
}

/// Counts all documents. [`Sparse::write`] then writes the matrix.
///
/// # Errors
///
/// The caller cancelled, memory ran out, or the system could not start a thread.
///
/// ```
/// use countgrid::{CountError, Documents, Options, Plan, RunOptions, Terms, sparse};
///
/// let plan = Plan::new(Terms::each([("the", true), ("cat", true)]), Options::default())?;
/// let documents = Documents::from_texts(["the cat", "no", "the the"].map(|text| Some(text.into())));
/// let counted = sparse(&plan, &documents, RunOptions::default())?;
/// let (mut indptr, mut indices) = (vec![0i32; documents.len() + 1], vec![0i32; counted.nonzero()]);
/// let mut data = vec![0u32; counted.nonzero()];
/// counted.write(&mut indptr, &mut indices, &mut data, RunOptions::default())?;
/// assert_eq!((indptr, indices, data), (vec![0, 2, 2, 3], vec![0, 1, 0], vec![1, 1, 2]));
/// # Ok::<(), CountError>(())
/// ```
pub fn sparse<'d>(plan: &Plan, documents: &'d Documents<'_>, run: RunOptions<'_>) -> Result<Sparse<'d>, CountError> {
    catch_panics(|| results::sparse::sparse(plan, documents, run))?
}

/// Adds up the counts of all documents for each column.
///
/// # Errors
///
/// The caller cancelled, memory ran out, or the system could not start a thread.
///
/// ```
/// use countgrid::{CountError, Documents, Options, Plan, RunOptions, Terms, totals};
///
/// let plan = Plan::new(Terms::each([("the", true)]), Options::default())?;
/// let totals = totals(&plan, &Documents::from_lines(b"the cat\nthe the\nno"), RunOptions::default())?;
/// assert_eq!((totals.counts, totals.documents), (vec![3], vec![2]));
/// # Ok::<(), CountError>(())
/// ```
pub fn totals(plan: &Plan, documents: &Documents<'_>, run: RunOptions<'_>) -> Result<Totals, CountError> {
    catch_panics(|| results::totals::totals(plan, documents, run))?
}

/// Finds all matches that count. [`Matches::into_lists`] returns them.
///
/// # Errors
///
/// The caller cancelled, memory ran out, or the system could not start a thread.
///
/// ```
/// use countgrid::{CountError, Documents, Options, Plan, RunOptions, Terms, find};
///
/// let plan = Plan::new(Terms::each([("the", true), ("cat", true)]), Options::default())?;
/// let documents = Documents::from_texts([Some("ä: the cat".into()), None]);
/// let matches = find(&plan, &documents, RunOptions::default())?.into_lists(RunOptions::default())?;
/// assert_eq!((matches.starts, matches.ends, matches.columns), (vec![3, 7], vec![6, 10], vec![0, 1]));
/// # Ok::<(), CountError>(())
/// ```
pub fn find<'d>(plan: &Plan, documents: &'d Documents<'_>, run: RunOptions<'_>) -> Result<Matches<'d>, CountError> {
    catch_panics(|| results::find::find(plan, documents, run))?
}
