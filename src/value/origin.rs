//! Where values were written.

use super::Value;
use crate::source::Span;
use std::sync::Arc;

/// Where a value was written: nowhere (a constant of ours), in one place, or computed from several.
#[derive(Clone, Debug, Default)]
pub enum Origin {
    /// A constant.
    #[default]
    Nowhere,
    /// Written as it stands.
    At(Span),
    /// Left out, so the default holds; the place is the key of what it was left out of.
    Default(Span),
    /// Computed from values written in several places.
    Among(Arc<[Span]>),
}

impl Origin {
    /// The places, in the order in which they were met.
    pub fn spans(&self) -> &[Span] {
        match self {
            Self::Nowhere => &[],
            Self::At(span) | Self::Default(span) => std::slice::from_ref(span),
            Self::Among(spans) => spans,
        }
    }

    /// The origin of what is computed from values of both origins.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Nowhere, one) | (one, Self::Nowhere) => one.clone(),
            (Self::At(one), Self::At(two)) if one == two => self.clone(),
            _ => {
                let mut spans = self.spans().to_vec();
                let new = other.spans().iter().filter(|span| !self.spans().contains(span));
                spans.extend(new.cloned());
                Self::Among(spans.into())
            }
        }
    }

    /// The origin of what is computed from all of these.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a Value>) -> Self {
        values.into_iter().fold(Self::Nowhere, |all, value| all.and(&value.origin))
    }
}
