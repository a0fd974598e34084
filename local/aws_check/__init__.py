"""Predicts what AWS would refuse, by tools other than the local cloud. `python -m aws_check` runs every check.

- `parameter_sets` finds the sets of parameters that the stages and the tests deploy.
- `sources` reads the template as CloudFormation does: with included files, and transformed by AWS's own translator.
- `resolved` decides the conditions of the template, and replaces references.
- `checks/` has one check per file. `npm` runs the tools for Node.js, in `local/node/`.
"""
