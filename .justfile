# The everyday verbs. `just` alone lists them.

cache := env("USINA_CACHE", env("XDG_CACHE_HOME", env("HOME") / ".cache") / "usina")

_list:
    @{{ just_executable() }} --list --unsorted

# Train the shipped recipes and serve them on http://127.0.0.1:8080
run *args:
    cargo run --release -- up {{ args }}

# What CI runs
check:
    .ci/run

# All tests, or those that the arguments choose
test *args:
    tests/run {{ args }}

# The library's own tests alone, quickly: just unit engine::
unit *args:
    cargo test --lib {{ args }}

# Lints as CI sees them, in the everyday profile
lint:
    cargo clippy --all-targets -- -D warnings

# Format the code
fmt:
    cargo fmt --all

# The static executable; `just build aarch64` for ARM
build target="x86_64":
    cross/build {{ target }}

# Measure: the table in the README comes from here
bench *args:
    benches/run {{ args }}

# Look at the page of a running server: just screenshot http://127.0.0.1:8080 /tmp/shots
screenshot url="http://127.0.0.1:8080" folder="/tmp/usina-screenshots":
    USINA_SCREENSHOTS={{ folder }} USINA_PLAYWRIGHT="${USINA_PLAYWRIGHT:-{{ cache }}/node/node_modules}" node tests/browser/first_page.mjs {{ url }}
