# The vendor's Digital Twins client for Node.
npm_packages "$part/package.json"
cp "$here/steps.mjs" "$part"/*.mjs "$work/"
start_emulator --tls
node_authority
node "$work/digital_twins.mjs" "$listening"
