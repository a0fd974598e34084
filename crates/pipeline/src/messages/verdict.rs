//! What `Validate Upload` says.

use imaging::RejectionCode;
use serde::{Deserialize, Serialize};

use super::{Picture, ResizeJob};

/// The answer to an upload. A refused picture is a value, not an error: its execution ends green.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It will be rendered: one job per rendition, complete.
    Accepted {
        /// The picture, with what its header said.
        picture: Picture,
        /// What the Map iterates over.
        jobs: Vec<ResizeJob>,
    },
    /// It will not be rendered, and it is the picture's fault.
    Rejected {
        /// The picture, as far as it is known.
        picture: Picture,
        /// Why.
        rejection: Rejection,
    },
    /// A later upload of the same key is already recorded: nothing is left to do.
    Superseded {
        /// The older picture.
        picture: Picture,
    },
}

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
