//! The two targets.

use serde::Serialize;
use std::fmt;

/// What we generate for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// AWS `CloudFormation`.
    CloudFormation,
    /// Terraform.
    Terraform,
}

impl Target {
    /// Both, in the order in which they are always told.
    pub const ALL: [Self; 2] = [Self::CloudFormation, Self::Terraform];

    /// The word for it in blueprints, catalogs, folders and flags.
    pub fn word(self) -> &'static str {
        match self {
            Self::CloudFormation => "cloudformation",
            Self::Terraform => "terraform",
        }
    }

    /// How it writes its own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::CloudFormation => "CloudFormation",
            Self::Terraform => "Terraform",
        }
    }

    /// The target for a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.word() == word)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
