#!/usr/bin/env bash
# First step of the action: judges the pull request, writes summary, annotations and outputs. It ends with 0 whatever the
# verdict is, so that publish.sh runs too; verdict.sh turns the recorded exit code into the job's.
#
# Everything that is printed comes from a pull request in the end. The runner reads commands (::error::, ::add-mask::) in
# what a step prints, so such text stands between ::stop-commands:: and a word that nobody can guess.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
outputs=${GITHUB_OUTPUT:-/dev/null}
summary=${GITHUB_STEP_SUMMARY:-/dev/null}

random_word() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

output() { # name, value: with a delimiter that the value cannot hold by chance
  local word
  word=layergate-$(random_word)
  printf '%s<<%s\n%s\n%s\n' "$1" "$word" "$2" "$word" >> "$outputs"
}

quietly() { # runs a command whose output the runner must not read commands from
  local word code=0
  word=$(random_word)
  echo "::stop-commands::$word"
  "$@" 2>&1 || code=$?
  echo "::$word::"
  return "$code"
}

give_up() {
  echo "::error title=Layergate::$1"
  output outcome error
  output exit-code 2
  exit 0
}

build() { # quickly: one check takes less time than an optimiser would
  "$root/scripts/install_dependencies" --build
  cmake -S "$root" -B "$1" --preset demo
  cmake --build "$1" --target layergate
}

binary=${INPUT_BINARY_PATH:-}
if [[ -z $binary ]]; then
  folder=${RUNNER_TEMP:-/tmp}/layergate-build
  echo "::group::Build Layergate"
  quietly build "$folder" || give_up "the build failed; see the log above"
  echo "::endgroup::"
  binary=$folder/bin/layergate
fi
[[ -x $binary ]] || give_up "binary-path names no program that can be run"
version=$(quietly "$binary" --version | sed -n '2s/^layergate //p')
[[ -n $version ]] || give_up "the program does not run here"

reports=${INPUT_REPORT_DIR:-}
[[ -n $reports ]] || reports=$(mktemp -d "${RUNNER_TEMP:-/tmp}/layergate-report.XXXXXX")
mkdir -p "$reports"
# A report of an earlier run must not be taken for this one's.
rm -f "$reports"/layergate.{json,md,txt,annotations}

arguments=(check --project-dir "${INPUT_PROJECT_DIR:-.}" --quiet
  --output "json:$reports/layergate.json" --output "markdown:$reports/layergate.md"
  --output "text:$reports/layergate.txt" --output "github:$reports/layergate.annotations")
option() { [[ -z $2 ]] || arguments+=("$1" "$2"); }
option --base "${INPUT_BASE:-}"
option --head "${INPUT_HEAD:-}"
option --base-manifest "${INPUT_BASE_MANIFEST:-}"
option --head-manifest "${INPUT_HEAD_MANIFEST:-}"
option --base-catalog "${INPUT_BASE_CATALOG:-}"
option --head-catalog "${INPUT_HEAD_CATALOG:-}"
option --run-results "${INPUT_RUN_RESULTS:-}"
option --sources "${INPUT_SOURCES:-}"
option --semantic-manifest "${INPUT_SEMANTIC_MANIFEST:-}"
option --policy "${INPUT_POLICY:-}"
option --target-base "${INPUT_TARGET_BASE:-}"
option --target-head "${INPUT_TARGET_HEAD:-}"
option --profiles-dir "${INPUT_PROFILES_DIR:-}"
option --reviews "${REVIEWS_PATH:-}"
read -r -a only <<< "${INPUT_ONLY:-}"
for gate in "${only[@]}"; do option --only "$gate"; done

code=0
quietly "$binary" "${arguments[@]}" || code=$?
# Anything but the three known codes is a crash or a signal: no verdict.
((code <= 2)) || code=2

if [[ -s $reports/layergate.txt ]]; then
  quietly cat "$reports/layergate.txt"
fi
if [[ -s $reports/layergate.annotations ]]; then
  cat "$reports/layergate.annotations"
fi
if [[ -s $reports/layergate.md ]]; then
  # The host drops a summary over one mebibyte as a whole; ours is far smaller, and held to it here too.
  head -c 900000 "$reports/layergate.md" >> "$summary"
fi

record=$reports/layergate.json
outcome=error
if [[ ! -s $record ]]; then
  echo "::error title=Layergate::No verdict: see the message in the log of this step."
  printf '### Layergate could not judge this pull request\n\nThe log of the step says why. No verdict is not a pass.\n' >> "$summary"
  code=2
elif command -v jq > /dev/null; then
  outcome=$(jq -r .verdict "$record")
  output findings-count "$(jq '[.gates[].findings[]] | length' "$record")"
  output labels "$(jq -r '.labels[]' "$record")"
  output llm-touched "$(jq -r '.provenance.status == "llm"' "$record")"
else
  echo "::warning title=Layergate::jq is not installed: some outputs of the action are empty."
  case $code in 0) outcome=pass ;; 1) outcome=blocked ;; *) outcome=undecided ;; esac
fi
output outcome "$outcome"
output exit-code "$code"
output binary-version "$version"
output report-path "$record"
output markdown-path "$reports/layergate.md"
