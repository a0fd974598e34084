"""The local cloud: starts and stops an AWS emulator for this repository, and deploys to it.

Most modules use the standard library only, because they create the environments that other packages are installed in.
`extension/` runs inside the emulator. `clients` and `stack_outputs` need boto3.
"""
