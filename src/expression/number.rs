//! Numbers: whole where they can be, never infinite, never NaN.

use crate::value::{Data, Value};
use hcl::expr::BinaryOperator;
use std::cmp::Ordering;

/// A number of an expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Integer(i64),
    Float(f64),
}

/// Whole floats below this are exact integers.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Number {
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value.data {
            Data::Integer(integer) => Some(Self::Integer(integer)),
            Data::Float(float) => Some(Self::Float(float)),
            _ => None,
        }
    }

    /// Reads a number that is written as text.
    pub(super) fn read(text: &str) -> Option<Self> {
        let integer = text.parse().map(Self::Integer).ok();
        integer.or_else(|| text.parse().ok().and_then(Self::from_float))
    }

    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    pub(super) fn from_float(float: f64) -> Option<Self> {
        if !float.is_finite() {
            return None;
        }
        let whole = float.fract() == 0.0 && float.abs() < EXACT;
        Some(if whole { Self::Integer(float as i64) } else { Self::Float(float) })
    }

    #[expect(clippy::cast_precision_loss, reason = "as near as a float can be")]
    fn float(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }

    pub(super) fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Integer(one), Self::Integer(two)) => one.cmp(&two),
            _ => self.float().partial_cmp(&other.float()).unwrap_or(Ordering::Equal),
        }
    }

    pub(super) fn negate(self) -> Result<Self, String> {
        in_range(match self {
            Self::Integer(integer) => integer.checked_neg().map(Self::Integer),
            Self::Float(float) => Some(Self::Float(-float)),
        })
    }

    pub(super) fn abs(self) -> Result<Self, String> {
        if self.float() < 0.0 { self.negate() } else { Ok(self) }
    }

    /// Applies `f64::floor` or `f64::ceil`.
    pub(super) fn round(self, to: fn(f64) -> f64) -> Result<Self, String> {
        match self {
            Self::Integer(_) => Ok(self),
            Self::Float(float) => in_range(Self::from_float(to(float))),
        }
    }

    pub(super) fn power(self, exponent: Self) -> Result<Self, String> {
        in_range(match (self, exponent) {
            (Self::Integer(base), Self::Integer(exponent)) if exponent >= 0 => {
                let exponent = u32::try_from(exponent).ok();
                exponent.and_then(|exponent| base.checked_pow(exponent)).map(Self::Integer)
            }
            _ => Self::from_float(self.float().powf(exponent.float())),
        })
    }

    /// Adds, subtracts, multiplies, divides; exact between integers, or an error.
    pub(super) fn calculate(self, operator: BinaryOperator, other: Self) -> Result<Self, String> {
        use BinaryOperator::{Div, Minus, Mod, Mul, Plus};
        if matches!(operator, Div | Mod) && other.float() == 0.0 {
            return Err("division by zero".into());
        }
        in_range(match (self, operator, other) {
            (Self::Integer(a), Plus, Self::Integer(b)) => a.checked_add(b).map(Self::Integer),
            (Self::Integer(a), Minus, Self::Integer(b)) => a.checked_sub(b).map(Self::Integer),
            (Self::Integer(a), Mul, Self::Integer(b)) => a.checked_mul(b).map(Self::Integer),
            (Self::Integer(a), Mod, Self::Integer(b)) => a.checked_rem(b).map(Self::Integer),
            (Self::Integer(a), Div, Self::Integer(b)) if a.checked_rem(b) == Some(0) => {
                a.checked_div(b).map(Self::Integer)
            }
            (_, Plus, _) => Self::from_float(self.float() + other.float()),
            (_, Minus, _) => Self::from_float(self.float() - other.float()),
            (_, Mul, _) => Self::from_float(self.float() * other.float()),
            (_, Mod, _) => Self::from_float(self.float() % other.float()),
            _ => Self::from_float(self.float() / other.float()),
        })
    }
}

fn in_range(number: Option<Number>) -> Result<Number, String> {
    number.ok_or_else(|| "the result is out of range".into())
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        match number {
            Number::Integer(integer) => integer.into(),
            Number::Float(float) => Data::Float(float).into(),
        }
    }
}
