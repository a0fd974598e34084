"""Compares Darkroom with sharp and Pillow: `works` lists the renditions, `compare` measures, `report` formats the results."""
