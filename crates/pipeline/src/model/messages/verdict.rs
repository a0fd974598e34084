//! What `Validate Upload` says.

use serde::{Deserialize, Serialize};

use super::ResizeJob;
use crate::{Picture, Rejection};

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
