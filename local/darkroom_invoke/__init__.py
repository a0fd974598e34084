"""One function, with one event, against the local cloud: deployed there, emulated, or in a container.

Runs in the local cloud's Python environment, which has boto3. `stack` is what is deployed, `event` points the files of
`events/` at it, and each way to run a function has a module: `deployed`, `emulated`, `container`.
"""
