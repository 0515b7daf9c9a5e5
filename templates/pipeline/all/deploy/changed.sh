#!/usr/bin/env bash
# Tells what has changed since a commit: `changed.sh COMMIT` prints a list of blueprints, each with its changed
# environments in their order. stacks.json, which stack.sh reads, then holds all stacks and
# the commit that they are of. An environment is whole: where
# one stack of it has changed, the others are looked at as well. A blueprint without environments has `production`.
set -euo pipefail
if git cat-file -e "$1^{commit}" 2> /dev/null; then
  formwork list --stacks blueprints --changed-since "$1" --format json
else # the first commit, or history that was written anew
  formwork list --stacks blueprints --format json | jq '.stacks[].changed = true'
fi | jq --arg commit "$(git rev-parse --short=12 HEAD)" '.commit = $commit' > stacks.json
jq -c '
  reduce .stacks[] as $one ({}; .[$one.blueprint][$one.environment // "production"] += [$one])
  | [to_entries[] | {
      blueprint: .key,
      environments: [
        .value | to_entries[] | select(any(.value[]; .changed)) | {
          environment: .key,
          region: .value[0].region,
          account: .value[0].account,
          terraform: any(.value[]; .target == "terraform")
        }
      ]
    }]
  | map(select(.environments != []))' stacks.json
