#!/usr/bin/env bash
# From what changed.sh prints to the pipeline that deploys it: jobs.yml, and the jobs below it, a line each. A pipeline
# cannot be empty.
set -euo pipefail
cat deploy/jobs.yml
jq -r '
  def name($step; $of): "\($step) \($of.blueprint) \($of.environment)";
  if . == [] then {"nothing to deploy": {stage: "deploy", script: ["true"]}} else
  .[] | .blueprint as $blueprint
  | [.environments[] | {blueprint: $blueprint, environment}] as $all
  | range($all | length) as $at
  | $all[$at] as $of
  | {BLUEPRINT: $of.blueprint, ENVIRONMENT: $of.environment} as $variables
  | [{pipeline: "$STACKS_PIPELINE", job: "stacks"}] as $list
  | (if $at > 0 then [{job: name("deploy"; $all[$at - 1]), artifacts: false}] else [] end) as $before
  | {
      (name("prepare"; $of)): {extends: ".prepare", $variables, needs: $list},
      (name("deploy"; $of)): {
        extends: ".deploy",
        $variables,
        environment: {name: $of.environment},
        resource_group: "\($of.blueprint) \($of.environment)",
        needs: ($list + [name("prepare"; $of)] + $before)
      }
    }
  end
  | to_entries[] | "\(.key | tojson): \(.value | tojson)"'
