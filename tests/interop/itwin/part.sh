# The vendor's iTwin Platform clients for Node.
npm_packages "$part/package.json"
cp "$part"/*.mjs "$work/"
start_emulator --tls
# Node reads this variable before it runs anything.
NODE_EXTRA_CA_CERTS="$(node --print \
    'JSON.parse(fs.readFileSync(process.argv[1], "utf8").split("\n")[0]).env.NODE_EXTRA_CA_CERTS' \
    "$listening")"
export NODE_EXTRA_CA_CERTS
node "$work/itwin.mjs" "$listening" "$work"
