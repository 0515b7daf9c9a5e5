//! What a fleet does not allow beside it, and what in it would have no effect.

use super::{Envelope, Fleet};
use crate::diagnostic::Diagnostic;
use crate::value::{Data, Map, Target, Value};

/// What `CloudFormation` allows.
const LONGEST_STACK_NAME: usize = 128;

impl Fleet {
    /// What the blueprint says beside `deploy` that cannot be in a fleet.
    pub(super) fn findings(&self, document: &Value, envelope: &Envelope) -> Vec<Diagnostic> {
        let mut findings = vec![];
        findings.extend(self.other_region(document));
        findings.extend(self.one_account(document));
        findings.extend(self.out_of_reach(document, envelope));
        findings.extend(self.idle_concurrency());
        findings.extend(self.idle_automation());
        findings.extend(self.role_without_accounts(envelope));
        findings.extend(self.of_the_provider(document, envelope));
        findings.extend(self.roles_of_one_account(document));
        findings.extend(self.one_name(document, envelope));
        findings.extend(long_name(document, envelope));
        findings.extend(given_names(document));
        if envelope.targets.contains(&Target::CloudFormation) && envelope.artifacts.is_none() {
            let title =
                "a stack set reads its template from a bucket, and the blueprint names none";
            let finding = Diagnostic::new("artifacts-missing", title);
            let finding = label(finding, document, &["deploy"]);
            findings.push(finding.help("write `artifacts: {bucket: NAME}` beside it"));
        }
        findings
    }

    fn other_region(&self, document: &Value) -> Option<Diagnostic> {
        let own = document.get("region").and_then(Value::as_str)?;
        if self.region_names().next() == Some(own) {
            return None;
        }
        let title = format!("`deploy.regions` does not begin with `{own}`, the blueprint's region");
        let finding =
            label(Diagnostic::new("fleet-region", title), document, &["deploy", "regions"]);
        Some(finding.help("write it first: it is deployed before the others"))
    }

    fn one_account(&self, document: &Value) -> Option<Diagnostic> {
        let many = ["accounts", "organizational_units"].into_iter();
        let many = many.filter(|name| self.said.get(name).is_some()).collect::<Vec<_>>();
        let (account, first) = (document.get("account")?, many.first()?);
        let title = format!("`account` says one account, and `deploy.{first}` many");
        let finding = Diagnostic::new("fleet-account", title).label_value(account, "one");
        Some(label(finding, document, &["deploy", first]).help("leave `account` out"))
    }

    /// Each target has its own way to an account.
    fn out_of_reach(&self, document: &Value, envelope: &Envelope) -> Option<Diagnostic> {
        let units = self.said.get("organizational_units");
        let deploys = |target| envelope.targets.contains(&target);
        let (title, help) = if deploys(Target::CloudFormation) && units.is_none() {
            (
                "CloudFormation reaches accounts by their organizational units",
                "add `organizational_units: [ou-…]`, beside `accounts` where only some are meant, \
                 or `targets: [terraform]`",
            )
        } else if deploys(Target::Terraform) && units.is_some() && self.accounts.is_empty() {
            (
                "Terraform does not know the accounts of an organizational unit",
                "add `accounts: [\"…\"]`, or `targets: [cloudformation]`",
            )
        } else {
            return None;
        };
        let finding = Diagnostic::new("fleet-account", title);
        let lacking = units.or_else(|| self.said.get("accounts"));
        let finding = match lacking.or_else(|| self.said.get("regions")) {
            Some(value) => finding.label_value(value, ""),
            None => label(finding, document, &["deploy"]),
        };
        Some(finding.help(help))
    }

    /// With a strict tolerance, no more accounts are worked on than may fail, and one.
    fn idle_concurrency(&self) -> Option<Diagnostic> {
        let asked = self.said.get("max_concurrent")?;
        let nothing = Value::from(0);
        let tolerated = self.said.get("failure_tolerance").unwrap_or(&nothing);
        let (at_once, tolerance) = (self.count(asked)?, self.count(tolerated)?);
        let soft = self.said.get("concurrency_mode").and_then(Value::as_str) == Some("soft");
        let comparable = tolerance == 0
            || !self.accounts.is_empty()
            || asked.as_str().is_some() == tolerated.as_str().is_some();
        if soft || !comparable || at_once <= tolerance + 1 {
            return None;
        }
        let most = match tolerated.as_str() {
            Some(share) if self.accounts.is_empty() => format!("{share} and one account"),
            _ => (tolerance + 1).to_string(),
        };
        let title = format!(
            "`max_concurrent: {}` comes to {most} while `failure_tolerance` is {}",
            amount(asked),
            amount(tolerated)
        );
        let enough = asked.as_str().map_or_else(|| (at_once - 1).to_string(), str::to_string);
        let help = format!(
            "write `failure_tolerance: {enough}`, or `concurrency_mode: soft`, with which more may \
             fail than are tolerated"
        );
        Some(Diagnostic::new("fleet-operation", title).label_value(asked, "").help(help))
    }

    /// How many accounts an amount is, rounded down as CloudFormation does; a share is of a
    /// hundred where nobody knows how many there are.
    fn count(&self, amount: &Value) -> Option<i64> {
        let all = if self.accounts.is_empty() { 100 } else { self.accounts.len() };
        match &amount.data {
            Data::Integer(count) => Some(*count),
            Data::Text(share) => {
                let share: i64 = share.strip_suffix('%')?.parse().ok()?;
                Some(i64::try_from(all).ok()? * share / 100)
            }
            _ => None,
        }
    }

    /// Nothing says which accounts Terraform would take the role in.
    fn role_without_accounts(&self, envelope: &Envelope) -> Option<Diagnostic> {
        let role = self.said.get("role_arn").filter(|_| self.accounts.is_empty())?;
        if self.units().next().is_some() || !envelope.targets.contains(&Target::Terraform) {
            return None;
        }
        let title = "`role_arn` is a role in each account, and `accounts` names none";
        let finding = Diagnostic::new("fleet-account", title).label_value(role, "");
        Some(finding.help("add `accounts: [\"…\"]`, or leave `role_arn` out"))
    }

    /// What the provider block would be told twice, once for all deployments.
    fn of_the_provider(&self, document: &Value, envelope: &Envelope) -> Vec<Diagnostic> {
        let provider = document.get("terraform").and_then(|it| it.get("provider"));
        let provider = provider.and_then(Value::as_map);
        let Some(provider) = provider.filter(|_| envelope.targets.contains(&Target::Terraform))
        else {
            return vec![];
        };
        let region = provider.get("region").map(|value| {
            let title = "`terraform.provider.region` is one region, and a fleet has many";
            let finding = Diagnostic::new("fleet-region", title).label_value(value, "");
            finding.help("leave it out: each deployment is told its own")
        });
        let role = provider.get("assume_role").filter(|_| self.role_arn.is_some());
        let role = role.map(|value| {
            let title = "`terraform.provider.assume_role` takes the place of `deploy.role_arn`";
            let finding = Diagnostic::new("fleet-account", title).label_value(value, "");
            finding.help("leave one of them out; `deploy.role_arn` is a role in each account")
        });
        region.into_iter().chain(role).collect()
    }

    /// A role takes policies, and a service takes roles, of its own account alone.
    fn roles_of_one_account(&self, document: &Value) -> Vec<Diagnostic> {
        let is_one = self.accounts.is_empty() && self.units().next().is_none();
        if is_one || self.accounts.len() == 1 {
            return vec![];
        }
        let boundary = document.get("iam").and_then(|iam| iam.get("permissions_boundary"));
        let components = document.get("components").and_then(Value::as_map);
        let components = components.into_iter().flat_map(Map::iter);
        let roles = components.filter_map(|(_, component)| component.get("roles")?.as_map());
        let roles = roles.flat_map(Map::iter).map(|(_, role)| role);
        let all = boundary.into_iter().chain(roles);
        let findings = all.filter_map(|value| {
            let account = value.as_str()?.split(':').nth(4)?;
            let is_account = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
            let title = format!("this is in the account {account} alone, and a fleet has many");
            let finding = Diagnostic::new("fleet-account", title).label_value(value, "");
            is_account.then(|| {
                finding.help(
                "leave it out, or give the accounts blueprints of their own: IAM takes what is in \
                 the same account",
            )
            })
        });
        findings.collect()
    }

    /// Accounts that join a unit are not among those that are named, and only they can leave it.
    fn idle_automation(&self) -> Option<Diagnostic> {
        let automatic = self.said.get("auto_deployment");
        let is_on = automatic.and_then(Value::as_bool) == Some(true);
        let (value, title, help) = if is_on && !self.accounts.is_empty() {
            let title = "`auto_deployment` is for whatever account joins, and `accounts` names all";
            (automatic, title, "leave one of them out")
        } else if !is_on && self.said.get("retain_stacks").is_some() {
            let title = "without `auto_deployment`, `retain_stacks` does nothing";
            (
                self.said.get("retain_stacks"),
                title,
                "leave it out, or write `auto_deployment: true`",
            )
        } else {
            return None;
        };
        Some(Diagnostic::new("fleet-operation", title).label_value(value?, "").help(help))
    }

    fn one_name(&self, document: &Value, envelope: &Envelope) -> Option<Diagnostic> {
        let own = (&["naming"][..], &envelope.naming);
        let of_roles = envelope.iam.role_names.as_ref();
        let of_roles = of_roles.map(|pattern| (&["iam", "role_names"][..], pattern));
        let mut patterns = std::iter::once(own).chain(of_roles);
        let (path, _) = patterns.find(|(_, pattern)| !pattern.has("region"))?;
        if self.regions.len() == 1 {
            return None;
        }
        let title = "roles and buckets are known across regions, and would have one name in each";
        let finding = label(Diagnostic::new("fleet-name", title), document, path);
        Some(finding.help("write `{region}` into the pattern"))
    }
}

/// The stack that holds the stack set has a longer name than the stack set.
fn long_name(document: &Value, envelope: &Envelope) -> Option<Diagnostic> {
    let name = envelope.deployed_as();
    let excess = name.len().saturating_sub(LONGEST_STACK_NAME);
    if excess == 0 || !envelope.targets.contains(&Target::CloudFormation) {
        return None;
    }
    let title = format!("`{name}` holds the stack set, and is {excess} characters too long");
    let finding = Diagnostic::new("fleet-name", title);
    let finding = label(finding, document, &["cloudformation", "stack_name"]);
    Some(finding.help("write a shorter `stack_name`"))
}

/// A count or a share, as it is written.
fn amount(value: &Value) -> String {
    match &value.data {
        Data::Integer(count) => count.to_string(),
        _ => value.as_str().unwrap_or_default().into(),
    }
}

/// A name that is given to one resource, which a fleet has many of.
fn given_names(document: &Value) -> Vec<Diagnostic> {
    let components = document.get("components").and_then(Value::as_map);
    let components = components.into_iter().flat_map(Map::iter);
    let names = components.filter_map(|(_, component)| component.get("names")?.as_map());
    let names = names.flat_map(Map::iter).map(|(key, _)| {
        let title = format!("`{}` is one name, and a fleet has many of it", key.text);
        let finding = Diagnostic::new("fleet-name", title).label_key(key, "");
        finding.help("leave it out: names are made by the pattern `naming`")
    });
    names.collect()
}

fn label(finding: Diagnostic, document: &Value, path: &[&str]) -> Diagnostic {
    match path.iter().try_fold(document, |value, step| value.get(step)) {
        Some(value) => finding.label_value(value, ""),
        None => finding,
    }
}
