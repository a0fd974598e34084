"""The local cloud: starts, deploys to and stops an AWS emulator for this repository.

Nearly everything runs on the standard library alone, because it makes the environments that anything else would be
installed in. `extension/` runs inside the emulator, and `clients` is imported by what has boto3.
"""
