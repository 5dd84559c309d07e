: "${DATELINE_REPOSITORY:?set DATELINE_REPOSITORY in this file to the URL of the repository that publishes Dateline releases}"
archive=dateline-$DATELINE_VERSION-x86_64-unknown-linux-gnu.tar.gz
curl -fsSLO --proto =https --retry 3 "$DATELINE_REPOSITORY/releases/download/v$DATELINE_VERSION/$archive"
curl -fsSLO --proto =https --retry 3 "$DATELINE_REPOSITORY/releases/download/v$DATELINE_VERSION/$archive.sha256"
sha256sum --check "$archive.sha256"
tar -xzf "$archive" dateline
