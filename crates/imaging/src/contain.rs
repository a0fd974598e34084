//! Where panics end. Whatever a picture makes a codec do, it is the picture that is refused, and not
//! the process that goes under: this is the only place that catches what nobody has thought of.
//!
//! (libjpeg's errors unwind as well, on purpose, and no further than `ffi::libjpeg`.)

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Rejection;

/// Runs what takes a picture apart. The panic hook has told of a panic before it gets here.
pub(crate) fn contain<T, E: From<Rejection>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    // What it worked with is dropped with it, so nobody sees it half done.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Rejection::corrupt("a codec stumbled over it, where it should have complained").into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RejectionCode, RenderError};

    #[test]
    fn a_panic_is_the_pictures_corruption_and_all_else_passes() {
        let panicking = || -> Result<(), RenderError> { panic!("index out of bounds") };
        let Err(RenderError::Rejected(rejection)) = contain(panicking) else { panic!() };
        assert_eq!(rejection.code(), RejectionCode::Corrupt);
        assert_eq!(contain(|| Ok::<_, Rejection>(7)), Ok(7));
        assert_eq!(contain(|| Err::<(), _>(Rejection::Empty)), Err(Rejection::Empty));
    }
}
