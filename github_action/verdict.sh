#!/usr/bin/env bash
# Last step of the action: the recorded exit code becomes the job's. No recorded code means that nothing was judged: 2.
set -euo pipefail

code=${EXIT_CODE:-}
[[ $code =~ ^[012]$ ]] || code=2
case ${INPUT_MODE:-enforce} in
  enforce) exit "$code" ;;
  audit)
    echo "mode: audit - the verdict's exit code is $code, and the job goes on"
    exit 0
    ;;
  *)
    echo "::error title=Layergate::mode is neither enforce nor audit"
    exit 2
    ;;
esac
