# The vendor's command line.
python_packages "$part/requirements.txt"
start_emulator --tls
"$python" "$part/az.py" "$listening" "$work" "$twinkit"
