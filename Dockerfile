# The program alone in an image: docker build -t dateline .
# A site is built by: docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/site" dateline build
FROM rust:1-slim-bookworm AS build
# SQLite, libwebp and mimalloc are compiled from the C sources in their crates.
RUN apt-get update \
 && apt-get install -y --no-install-recommends build-essential \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Cargo.toml Cargo.lock README.md ./
COPY src src
COPY templates templates
COPY static static
RUN cargo build --release --locked --bin dateline && strip target/release/dateline

FROM debian:bookworm-slim
COPY --from=build /source/target/release/dateline /usr/local/bin/dateline
WORKDIR /site
ENTRYPOINT ["dateline"]
CMD ["build"]
