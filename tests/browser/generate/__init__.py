"""Pictures of every format and kind, made by code. Runs in the environment of Pillow (.local/pillow)."""
