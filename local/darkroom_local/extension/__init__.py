"""Behaviour of AWS that the template needs and the emulator lacks, one gap per module. Runs inside the emulator's
process.

The server serves `app`. Each other module has an `install()` that replaces private functions of MiniStack through
`patching`, which stops the start if one of them is not as expected.
"""
