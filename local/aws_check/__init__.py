"""What AWS would say, from sources other than the local cloud: `python -m aws_check` runs every check once.

- `parameter_sets` finds what is deployed: the stages, and what the tests deploy.
- `sources` reads the template as CloudFormation will: files included, then transformed by AWS's own translator.
- `resolved` gives it values: conditions decided, references replaced.
- `checks/` has one check a file; `node/` the tools that exist for Node.js only.
"""
