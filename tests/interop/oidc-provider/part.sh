# A certified OpenID Connect server that twinkit's own sign-in works against.
npm_packages "$part/package.json"
cp "$part/provider.mjs" "$work/provider.mjs"
(cd "$root" && cargo run --quiet --package twinkit-tests --bin oidc -- "$work/provider.mjs")
