#!/usr/bin/env bash
# Installs what the stand-in needs from PyPI into a virtual environment of its own, once.  install.sh [--check]
#   STAND_IN_VENV, PYNVEST_STAND_IN_VENV   the environment to use or make (default: in the user's cache folder)
#   --check         installs nothing; the status says whether it is installed
# Prints the path of the environment.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${STAND_IN_VENV:-${PYNVEST_STAND_IN_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/pynvest-stand-in}}
echo "$venv"
installed=$venv/requirements.txt
cmp --silent "$here/requirements.txt" "$installed" && exit 0
[ "${1:-}" != --check ] || exit 1
python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
cp "$here/requirements.txt" "$installed"
