# The vendor's sign-in library.
python_packages "$part/requirements.txt"
start_emulator --tls
"$python" "$part/azure_identity.py" "$listening"
