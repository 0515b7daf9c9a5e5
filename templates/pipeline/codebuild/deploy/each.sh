#!/usr/bin/env bash
# stack.sh for each blueprint in changed.json, in one environment or in all: `each.sh STEP [ENVIRONMENT]`. What fails
# holds up no other, and is told by the exit code.
set -euo pipefail
failed=0
changed=$(jq -r --arg only "${2:-}" '
  .[] | .blueprint as $blueprint | .environments[].environment | select($only == "" or . == $only)
  | "\($blueprint) \(.)"' changed.json)
while read -r blueprint environment; do
  if [ -n "$blueprint" ]; then
    bash deploy/stack.sh "$1" "$blueprint" "$environment" < /dev/null || failed=1
  fi
done <<< "$changed"
exit "$failed"
