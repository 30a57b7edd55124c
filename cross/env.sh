# shellcheck shell=bash
# How the static executable is built, for every script that builds: sourced, not run.
#
# The tests and clippy use the same target, flags and folder as cross/build, so that what one of
# them has compiled is there for the others.

cache="${USINA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/usina}"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$cache/target}"

# The target is named even where it is the machine's own: without it, Cargo would give the flags to
# procedural macros and build scripts too, and a procedural macro cannot be linked statically.
export CARGO_BUILD_TARGET=x86_64-unknown-linux-gnu
export RUSTFLAGS="-C target-feature=+crt-static"
# It would win over RUSTFLAGS.
unset CARGO_ENCODED_RUSTFLAGS

# Where the GPU twin is built: it is linked dynamically, and shares nothing with the rest.
gpu_target="${USINA_GPU_TARGET_DIR:-$CARGO_TARGET_DIR-gpu}"
