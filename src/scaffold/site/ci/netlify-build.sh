#!/bin/sh
# The build command of Netlify: downloads Dateline and builds the site.
set -eu
site=$PWD
cd "$(mktemp -d)"
program=$PWD/dateline
{fetch:0}
cd "$site"
# The URL comes from Netlify: the site's own, or the URL of a deploy preview.
if [ "${CONTEXT:-production}" = production ]; then url=$URL; else url=$DEPLOY_PRIME_URL; fi
"$program" build --base-url "$url"
