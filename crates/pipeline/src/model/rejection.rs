//! Why a picture was refused, as it is stored and sent.

use imaging::RejectionCode;
use serde::{Deserialize, Serialize};

/// Why a picture was refused, in a form that can be stored and sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// What programs match on.
    pub code: RejectionCode,
    /// What people read: names the limit and the value found.
    pub message: String,
}

impl From<imaging::Rejection> for Rejection {
    fn from(rejection: imaging::Rejection) -> Self {
        Self { code: rejection.code(), message: rejection.to_string() }
    }
}
