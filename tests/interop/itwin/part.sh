# The vendor's clients of the iTwin Platform. Their own folder is $work, where the
# packages are found.
npm_packages "$part/package.json"
cp "$part"/*.mjs "$work/"
start_emulator --tls
# Node reads it when it starts.
NODE_EXTRA_CA_CERTS="$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8").split("\n")[0]).env.NODE_EXTRA_CA_CERTS' "$listening")"
export NODE_EXTRA_CA_CERTS
node "$work/main.mjs" "$listening"
