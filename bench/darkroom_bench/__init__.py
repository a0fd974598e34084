"""Compares Darkroom with sharp and Pillow: `cases` lists the renditions, `compare` measures, `report` formats the
results."""
