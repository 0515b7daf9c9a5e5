//! What an expression is worth. A moved value keeps its origin, a computed one has its operands'.

use super::functions::{Arguments, wrong};
use super::number::Number;
use super::{Base, Bound, Call, Expression, Failure, Node, Repeat, Scope, Step, known};
use crate::value::{Data, Deferred, Map, Origin, Value, join};
use hcl::expr::{BinaryOperator, UnaryOperator};
use std::sync::Arc;

/// Keys and values that `for` and `each` go over: a list's, by index, or a mapping's, by name.
/// The error is the end of a sentence: "is null, not a list or a mapping".
pub fn items(value: &Value) -> Result<Vec<(Value, Value)>, String> {
    match &value.data {
        Data::List(list) => Ok((0_i64..).map(Value::from).zip(list.iter().cloned()).collect()),
        Data::Map(map) => {
            let key = |text: &Arc<str>| Value::from(Data::Text(text.clone()));
            Ok(map.iter().map(|(name, value)| (key(&name.text), value.clone())).collect())
        }
        _ => Err(wrong(value, "a list or a mapping")),
    }
}

impl Expression {
    /// Computes the value.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, Failure> {
        match &self.node {
            Node::Literal(value) => Ok(value.clone()),
            Node::Join(parts) => self.join(parts, scope),
            Node::Path(base, steps) => self.path(base, steps, scope),
            Node::List(items) => list(items, scope),
            Node::Map(members) => self.map(members, scope),
            Node::Targets(both) => {
                let (cloudformation, terraform) =
                    (both[0].evaluate(scope)?, both[1].evaluate(scope)?);
                let origin = cloudformation.origin.and(&terraform.origin);
                let value = Value::from(Deferred::Targets { cloudformation, terraform });
                Ok(value.from_origin(origin))
            }
            Node::Conditional(parts) => {
                let [condition, yes, no] = &**parts;
                let (chosen, origin) = condition.decide(scope)?;
                let value = if chosen { yes } else { no }.evaluate(scope)?;
                Ok(made_from(value, origin))
            }
            Node::Unary(operator, operand) => self.unary(*operator, operand, scope),
            Node::Binary(operator, operands) => self.binary(*operator, operands, scope),
            Node::Call(call) => self.call(call, scope),
        }
    }

    /// A boolean, and where it came from.
    fn decide(&self, scope: &dyn Scope) -> Result<(bool, Origin), Failure> {
        let value = self.evaluate(scope)?;
        match value.as_bool() {
            Some(boolean) => Ok((boolean, value.origin)),
            None => Err(self.subject(wrong(&value, "a boolean"))),
        }
    }

    fn join(&self, parts: &[Self], scope: &dyn Scope) -> Result<Value, Failure> {
        let text = |part: &Self| {
            let value = part.evaluate(scope)?;
            let data = match text_of(&value) {
                Some(text) => Data::Text(text),
                None if matches!(value.data, Data::Deferred(_)) => value.data,
                None => {
                    let problem = wrong(&value, "something that can stand in a text");
                    return Err(self.fail(format!("`{}` {problem}", part.text())));
                }
            };
            Ok(Value { data, origin: value.origin })
        };
        Ok(join(parts.iter().map(text).collect::<Result<Vec<_>, _>>()?))
    }

    fn path(&self, base: &Base, steps: &[Step], scope: &dyn Scope) -> Result<Value, Failure> {
        match base {
            Base::Value(base) => self.walk(base.evaluate(scope)?, steps, scope),
            Base::Root(name) => {
                let member = match steps.first() {
                    Some(Step::Member(member)) => Some(&**member),
                    _ => None,
                };
                let found =
                    scope.lookup(name, member).map_err(|failure| failure.at(self.span()))?;
                let taken = usize::from(found.took_member && member.is_some());
                self.walk(found.value, &steps[taken..], scope)
            }
        }
    }

    fn walk(&self, value: Value, steps: &[Step], scope: &dyn Scope) -> Result<Value, Failure> {
        steps.iter().try_fold(value, |value, step| match step {
            Step::Member(name) => self.member(value, name, scope),
            Step::Index(index) => {
                let key = index.evaluate(scope)?;
                match (&value.data, &key.data) {
                    (Data::Null, _) => Ok(value),
                    (_, Data::Text(name)) => self.member(value, name, scope),
                    (Data::List(list), Data::Integer(at)) => {
                        let item = usize::try_from(*at).ok().and_then(|at| list.get(at));
                        item.cloned().ok_or_else(|| {
                            self.fail(format!("there is no item {at} among {}", list.len()))
                        })
                    }
                    (Data::List(_), _) => {
                        let problem = wrong(&key, "an integer");
                        Err(self.fail(format!("the index {} {problem}", index.text())))
                    }
                    _ => Err(self.fail(format!("what is indexed {}", wrong(&value, "a list")))),
                }
            }
            Step::Each(rest) => {
                let origin = value.origin.clone();
                let items = items(&value)
                    .map_err(|problem| self.fail(format!("what `*` goes over {problem}")))?;
                let values = items.into_iter().map(|(_, item)| self.walk(item, rest, scope));
                Ok(gathered(values.collect::<Result<Vec<_>, _>>()?, origin))
            }
        })
    }

    fn member(&self, value: Value, name: &str, scope: &dyn Scope) -> Result<Value, Failure> {
        match &value.data {
            Data::Null => Ok(value),
            Data::Unit(unit) => scope.member(*unit, name).map_err(|f| f.at(self.span())),
            Data::Map(map) => map.get(name).cloned().ok_or_else(|| {
                self.fail(format!("there is no `{name}`{}", known(name, map.names())))
            }),
            _ => {
                Err(self.fail(format!("what `{name}` is read from {}", wrong(&value, "a mapping"))))
            }
        }
    }

    fn map(&self, members: &[(Repeat, Self, Self)], scope: &dyn Scope) -> Result<Value, Failure> {
        let (mut map, mut origin) = (Map::default(), Origin::Nowhere);
        for (repeat, key, value) in members {
            let there = repeat.run(scope, &mut |scope| {
                let name = key.evaluate(scope)?;
                let Data::Text(text) = &name.data else {
                    return Err(key.fail(format!("a key {}", wrong(&name, "a string"))));
                };
                if map.get(text).is_some() {
                    return Err(self.fail(format!("the key `{text}` is there twice")));
                }
                map.set(text.clone(), value.evaluate(scope)?);
                Ok(())
            })?;
            origin = origin.and(&there);
        }
        Ok(Value::from(map).from_origin(origin))
    }

    fn unary(
        &self,
        operator: UnaryOperator,
        operand: &Self,
        scope: &dyn Scope,
    ) -> Result<Value, Failure> {
        if operator == UnaryOperator::Not {
            let (boolean, origin) = operand.decide(scope)?;
            return Ok(Value::from(!boolean).from_origin(origin));
        }
        let value = operand.evaluate(scope)?;
        let number = self.number(operand, &value)?.negate();
        let number = number.map_err(|problem| self.fail(problem))?;
        Ok(Value::from(number).from_origin(value.origin))
    }

    fn number(&self, operand: &Self, value: &Value) -> Result<Number, Failure> {
        Number::of(value)
            .ok_or_else(|| self.fail(format!("`{}` {}", operand.text(), wrong(value, "a number"))))
    }

    fn binary(
        &self,
        operator: BinaryOperator,
        operands: &[Self; 2],
        scope: &dyn Scope,
    ) -> Result<Value, Failure> {
        use BinaryOperator::{And, Eq, Greater, GreaterEq, Less, LessEq, NotEq, Or};
        let [left, right] = operands;
        if matches!(operator, And | Or) {
            let (first, origin) = left.decide(scope)?;
            if first == (operator == Or) {
                return Ok(Value::from(first).from_origin(origin));
            }
            let (second, other) = right.decide(scope)?;
            return Ok(Value::from(second).from_origin(origin.and(&other)));
        }
        let (a, b) = (left.evaluate(scope)?, right.evaluate(scope)?);
        let result = match operator {
            Eq | NotEq => {
                comparable(&a, &b).map_err(|problem| self.fail(problem))?;
                Value::from(same(&a, &b) == (operator == Eq))
            }
            _ => {
                let (x, y) = (self.number(left, &a)?, self.number(right, &b)?);
                let order = x.compare(y);
                match operator {
                    Less => order.is_lt().into(),
                    LessEq => order.is_le().into(),
                    Greater => order.is_gt().into(),
                    GreaterEq => order.is_ge().into(),
                    _ => x.calculate(operator, y).map_err(|problem| self.fail(problem))?.into(),
                }
            }
        };
        Ok(result.from_origin(a.origin.and(&b.origin)))
    }

    fn call(&self, call: &Call, scope: &dyn Scope) -> Result<Value, Failure> {
        let mut values = vec![];
        for argument in &call.arguments {
            values.push(argument.evaluate(scope)?);
        }
        if call.expand
            && let Some(last) = values.pop()
        {
            let Some(list) = last.as_list() else {
                return Err(self.fail(format!("what `...` expands {}", wrong(&last, "a list"))));
            };
            values.extend_from_slice(list);
        }
        let result = call.function.accepts(values.len());
        let result = result.and_then(|()| (call.function.run)(&Arguments(&values)));
        let value = result.map_err(|problem| self.fail(problem))?;
        let origins = values.iter().map(|argument| match (&argument.origin, argument.as_list()) {
            (Origin::Nowhere, Some(list)) => Origin::of(list),
            (origin, _) => origin.clone(),
        });
        Ok(made_from(value, origins.fold(Origin::Nowhere, |all, origin| all.and(&origin))))
    }
}

impl Repeat {
    /// Calls `body` as often as the item is there; gives the origin of what decided that.
    fn run(
        &self,
        scope: &dyn Scope,
        body: &mut dyn FnMut(&dyn Scope) -> Result<(), Failure>,
    ) -> Result<Origin, Failure> {
        self.nest(0, scope, body)
    }

    fn nest(
        &self,
        level: usize,
        scope: &dyn Scope,
        body: &mut dyn FnMut(&dyn Scope) -> Result<(), Failure>,
    ) -> Result<Origin, Failure> {
        let Some(binding) = self.each.get(level) else {
            let (there, origin) = match &self.when {
                Some(when) => when.decide(scope)?,
                None => (true, Origin::Nowhere),
            };
            return if there { body(scope).map(|()| origin) } else { Ok(origin) };
        };
        let of = binding.of.evaluate(scope)?;
        let items = items(&of).map_err(|predicate| binding.of.subject(predicate))?;
        let mut origin = of.origin;
        for (key, value) in items {
            let value = Bound { outer: scope, name: &binding.name, value };
            let name = binding.key.as_deref().unwrap_or_default();
            let key = Bound { outer: &value, name, value: key };
            let inner = self.nest(level + 1, &key, body)?;
            origin = origin.and(&inner);
        }
        Ok(origin)
    }
}

fn list(items: &[(Repeat, Expression)], scope: &dyn Scope) -> Result<Value, Failure> {
    let (mut list, mut origin) = (vec![], Origin::Nowhere);
    for (repeat, item) in items {
        let there = repeat.run(scope, &mut |scope| {
            list.push(item.evaluate(scope)?);
            Ok(())
        })?;
        origin = origin.and(&there);
    }
    Ok(match origin {
        Origin::Nowhere => list.into(),
        origin => gathered(list, origin),
    })
}

/// A list of what was made for each of something: it came from where its items did, or, where
/// these came from nowhere, from what decided how many there are.
fn gathered(items: Vec<Value>, decided: Origin) -> Value {
    let origin = match Origin::of(&items) {
        Origin::Nowhere => decided,
        origin => origin,
    };
    Value::from(items).from_origin(origin)
}

/// What came from nowhere comes from what it was made of, or chosen by.
fn made_from(value: Value, origin: Origin) -> Value {
    match value.origin {
        Origin::Nowhere => value.from_origin(origin),
        _ => value,
    }
}

/// A scalar as it stands in a text.
pub(super) fn text_of(value: &Value) -> Option<Arc<str>> {
    match &value.data {
        Data::Text(text) => Some(text.clone()),
        Data::Boolean(boolean) => Some(boolean.to_string().into()),
        Data::Integer(integer) => Some(integer.to_string().into()),
        Data::Float(float) => Some(float.to_string().into()),
        _ => None,
    }
}

/// Whether `==` can tell: what is known only at deployment differs from null, and that is all.
fn comparable(a: &Value, b: &Value) -> Result<(), String> {
    let unit = |value: &Value| matches!(value.data, Data::Unit(_));
    if a.is_null() || b.is_null() || unit(a) && unit(b) {
        return Ok(());
    }
    if a.is_deferred() || b.is_deferred() {
        return Err("what is known only at deployment can be compared with null alone".into());
    }
    if unit(a) || unit(b) {
        return Err("a component can be compared with null or a component alone".into());
    }
    Ok(())
}

/// Equality, for which `1` and `1.0` are one number.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (&a.data, &b.data) {
        (Data::List(a), Data::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Data::Map(a), Data::Map(b)) => {
            let equal = |(key, value)| b.get(key).is_some_and(|other| same(value, other));
            a.len() == b.len() && a.iter().all(|(key, value)| equal((&key.text, value)))
        }
        _ => match (Number::of(a), Number::of(b)) {
            (Some(a), Some(b)) => a.compare(b).is_eq(),
            _ => a == b,
        },
    }
}
