"""The local cloud: starts, deploys to and stops an AWS emulator for this repository.

Everything outside `extension/` runs on the standard library alone, because it makes the environments
that anything else would be installed in. `extension/` runs inside the emulator.
"""
