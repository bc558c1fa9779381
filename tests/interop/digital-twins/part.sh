# The vendor's Digital Twins client.
python_packages "$part/requirements.txt"
start_emulator --tls
"$python" "$part/digital_twins.py" "$listening"
