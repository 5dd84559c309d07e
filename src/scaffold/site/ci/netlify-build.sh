#!/bin/sh
# What Netlify runs: fetches Dateline and builds the site.
set -eu
site=$PWD
cd "$(mktemp -d)"
program=$PWD/dateline
{fetch:0}
cd "$site"
# Netlify knows the address: the site's own, or a preview's.
if [ "${CONTEXT:-production}" = production ]; then address=$URL; else address=$DEPLOY_PRIME_URL; fi
"$program" build --base-url "$address"
