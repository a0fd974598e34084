"""Invokes one function with one event on the local cloud: the deployed one, one under emulation, or one in a container.

Runs in the local cloud's Python environment, which has boto3. `stack` reads the deployed stack, `event` adapts the
files of `events/` to it, and each way to run a function has a module: `deployed`, `emulated`, `container`.
"""
