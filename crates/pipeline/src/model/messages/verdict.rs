//! The output of `Validate Upload`.

use serde::{Deserialize, Serialize};

use super::ResizeJob;
use crate::model::{Picture, RejectionNote};

/// Whether an upload is rendered. A refused picture is a value, not an error: its execution succeeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The picture is rendered.
    Accepted {
        /// The picture, with format and size from its header.
        picture: Picture,
        /// One job per rendition: the Map state iterates over them.
        jobs: Vec<ResizeJob>,
    },
    /// The picture is refused; the fault is the picture's.
    Rejected {
        /// The picture, without the facts of its header.
        picture: Picture,
        /// Why it is refused.
        rejection: RejectionNote,
    },
    /// The object is a folder marker, not a picture: it has no record and no event.
    Ignored {
        /// The marker.
        picture: Picture,
    },
    /// A later upload of the same key is already recorded: this execution has nothing to do.
    Superseded {
        /// The picture of the earlier upload.
        picture: Picture,
    },
}

impl Verdict {
    /// The picture that was validated.
    pub fn picture(&self) -> &Picture {
        match self {
            Self::Accepted { picture, .. }
            | Self::Rejected { picture, .. }
            | Self::Ignored { picture }
            | Self::Superseded { picture } => picture,
        }
    }
}
