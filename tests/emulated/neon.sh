#!/usr/bin/env bash
# Builds the oracle check for AArch64 and runs it under qemu, so that NEON is tested for real.
#
#   usage: neon.sh [CASES [SEED]]
#
# The exit status is that of the check, or 77 when a tool is missing. The check is a plain program
# of one thread: threads hang under Debian 12's qemu-user.
#
# Debian packages: rustc-web cargo-web libstd-rust-web-dev:arm64 (after
# `dpkg --add-architecture arm64`) gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
set -euo pipefail
cd "$(dirname "$0")/../.."

skip() { echo "skipped: $*"; exit 77; }

target=aarch64-unknown-linux-gnu
[ -d "/usr/lib/rustlib/$target" ] || skip "libstd-rust-web-dev:arm64 is not installed"
for tool in /usr/bin/cargo /usr/bin/rustc aarch64-linux-gnu-gcc qemu-aarch64-static; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done

[ -e /usr/aarch64-linux-gnu/lib/Scrt1.o ] || skip "libc6-dev-arm64-cross is not installed"
version=$(/usr/bin/rustc --version | sed 's/^rustc 1\.\([0-9]*\).*/\1/')
[ "$version" -ge 89 ] || skip "/usr/bin/rustc is 1.$version, expected 1.89 or later"

# Debian's toolchain comes first: it is the one that has the AArch64 library.
export PATH="/usr/bin:$PATH"
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/neon"
cargo build --release --quiet -p orthant-kernels --features oracle --example check --target "$target"
exec timeout 900 qemu-aarch64-static -L /usr/aarch64-linux-gnu \
    "$CARGO_TARGET_DIR/$target/release/examples/check" "$@"
