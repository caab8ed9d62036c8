#!/usr/bin/env bash
# Before the check: fetches what the host says about the people of the pull request, for `check --reviews`.
#
# Without it approvals stay pending, and nothing else changes: whatever goes wrong here (no token, no jq, no network) is a
# notice. The answers are saved as they are; the program reads them as data.
set -uo pipefail

outputs=${GITHUB_OUTPUT:-/dev/null}
leave() {
  echo "::notice title=Layergate::approvals are pending in this report: $1"
  exit 0
}

[[ -n ${GITHUB_EVENT_PATH:-} && -r ${GITHUB_EVENT_PATH:-} ]] || exit 0
command -v jq > /dev/null || leave "jq is not installed"
command -v curl > /dev/null || leave "curl is not installed"
number=$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH" 2> /dev/null)
[[ $number =~ ^[0-9]+$ ]] || exit 0 # a push or a merge queue: there are no approvals to ask for
[[ -n ${GITHUB_TOKEN:-} ]] || leave "there is no token"
[[ ${GITHUB_REPOSITORY:-} =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] || leave "GITHUB_REPOSITORY is not set"
repository=${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/layergate-reviews.XXXXXX") || leave "no folder could be made"

# The token goes in by standard input: arguments can be read by every process of the machine.
get() { # URL, file
  printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_TOKEN" |
    curl --config - --silent --fail --output "$2" --max-time 30 --max-filesize 20000000 \
      --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' "$1" 2> /dev/null
}

# Every page: an approval taken back on the last one must not be missed.
pages() { # name, path
  local page
  for page in {1..50}; do
    get "$repository/$2?per_page=100&page=$page" "$folder/$1.$page" || return 1
    [[ $(jq 'if type == "array" then length else -1 end' "$folder/$1.$page" 2> /dev/null) == 100 ]] || break
    ((page < 50)) || return 1
  done
  jq -s 'map(if type == "array" then .[] else error("no list") end)' "$folder/$1".* > "$folder/$1.json" 2> /dev/null
}

get "$repository/pulls/$number" "$folder/pull_request.json" || leave "the host did not answer; the job needs pull-requests: read"
pages reviews "pulls/$number/reviews" || leave "the reviews could not be read"
pages commits "pulls/$number/commits" || leave "the commits could not be read"
pages timeline "issues/$number/timeline" || echo '[]' > "$folder/timeline.json"
pages comments "issues/$number/comments" || echo '[]' > "$folder/comments.json"
for name in pull_request reviews commits timeline comments; do
  jq -c "{\"$name\": .}" "$folder/$name.json" || leave "the answer about $name is not JSON"
done | jq -cs add > "$folder/answers.json" || leave "the answers are not JSON"
word=layergate-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf 'reviews-path<<%s\n%s\n%s\n' "$word" "$folder/answers.json" "$word" >> "$outputs"
exit 0
