"""Darkroom beside sharp and Pillow: `works` says what is compared, `compare` does it, `report` tells it."""
