# The vendor's iTwin Platform clients for Node.
npm_packages "$part/package.json"
cp "$here/steps.mjs" "$part"/*.mjs "$work/"
start_emulator --tls
node_authority
node "$work/itwin.mjs" "$listening" "$work"
