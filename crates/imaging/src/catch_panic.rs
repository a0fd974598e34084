//! Catches a panic while a picture is read or rendered, and turns it into an error, so that the process goes on.
//!
//! libjpeg's own errors unwind as well. `ffi::libjpeg` catches those.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Rejection;

/// Runs `work`. If it panics, the picture is rejected as corrupt. The panic hook has reported the panic by then.
pub(crate) fn catch_panic<T, E: From<Rejection>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_panic_as(|| Rejection::corrupt("the picture makes the decoder fail").into(), work)
}

/// Runs `work`. If it panics, the result is the error of `on_panic`.
pub(crate) fn catch_panic_as<T, E>(on_panic: impl FnOnce() -> E, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    // `AssertUnwindSafe`: all that `work` owns is dropped while it unwinds. What it borrows is not used after an error.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(on_panic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RejectionCode, RenderError};

    #[test]
    fn a_panic_rejects_the_picture_and_results_pass_unchanged() {
        let panicking = || -> Result<(), RenderError> { panic!("index out of bounds") };
        let Err(RenderError::Rejected(rejection)) = catch_panic(panicking) else { panic!() };
        assert_eq!(rejection.code(), RejectionCode::Corrupt);
        assert_eq!(catch_panic(|| Ok::<_, Rejection>(7)), Ok(7));
        assert_eq!(catch_panic(|| Err::<(), _>(Rejection::Empty)), Err(Rejection::Empty));
    }
}
