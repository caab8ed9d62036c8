#!/usr/bin/env bash
# Second step of the action: puts the verdict's labels on the pull request.
#
# Decoration only. Whatever goes wrong here (a fork's read-only token, no network, no jq) is a warning and never changes
# the verdict. Only labels of Layergate's own vocabulary are added or taken away, as the record lists them.
set -uo pipefail

warn() {
  echo "::warning title=Layergate labels::$1"
  exit 0
}

[[ ${INPUT_LABELS:-true} == true ]] || exit 0
[[ -s ${REPORT_PATH:-} ]] || exit 0
[[ -n ${GITHUB_EVENT_PATH:-} && -r ${GITHUB_EVENT_PATH:-} ]] || exit 0
command -v jq > /dev/null || warn "jq is not installed; no labels were set"
command -v curl > /dev/null || warn "curl is not installed; no labels were set"

number=$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH" 2> /dev/null)
[[ $number =~ ^[0-9]+$ ]] || exit 0 # a push or a merge queue: there is nothing to label
[[ -n ${GITHUB_TOKEN:-} ]] || warn "no token; no labels were set"
[[ ${GITHUB_REPOSITORY:-} =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] || warn "GITHUB_REPOSITORY is not set"
labels=${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY/issues/$number/labels

# The token goes in by standard input: arguments can be read by every process of the machine.
call() { # method, URL, body; prints the status
  printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_TOKEN" |
    curl --config - --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time 30 \
      --request "$1" --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
      ${3:+--data "$3"} "$2" 2> /dev/null || true
}

add=$(jq -c '{labels: .labels}' "$REPORT_PATH") || warn "the record cannot be read; no labels were set"
if [[ $add != '{"labels":[]}' ]]; then
  status=$(call POST "$labels" "$add")
  case $status in
    2??) ;;
    401 | 403 | 404) warn "the token may not label this pull request (HTTP $status); the verdict stands. Give the job pull-requests: write" ;;
    *) warn "labels could not be set (HTTP ${status:-000}); the verdict stands" ;;
  esac
fi

# Take away only what is there: the labels of the pull request as the event told them.
jq -r --slurpfile event "$GITHUB_EVENT_PATH" \
  '([$event[0].pull_request.labels[]?.name]) as $there | (.labels_remove // [])[] | select(. as $l | $there | index($l)) | @uri' \
  "$REPORT_PATH" | while IFS= read -r label; do
  status=$(call DELETE "$labels/$label" "")
  [[ $status == 2?? || $status == 404 ]] || echo "::warning title=Layergate labels::$label could not be removed (HTTP ${status:-000})"
done
exit 0
