"""What the emulator lacks and the template needs, one gap a module. Runs inside the emulator's process.

`app` is what the server serves. Each other module has an `install()` that replaces private functions of
MiniStack through `patching`, which stops the start when one of them is not what was expected.
"""
