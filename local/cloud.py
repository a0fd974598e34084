#!/usr/bin/env python3
"""The command line of the local cloud; `--help` lists the commands."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from darkroom_local import cargo, deploy, environments, next_steps, parameters, prepare, profiles, server
from darkroom_local.layout import DEFAULT_DIR, DEFAULT_PORT, DEFAULT_TEMPLATE, STACK, Instance, LocalCloudError

EXAMPLES = """\
examples:
  python3 local/cloud.py prepare                     install the Python tools, and compile at the same time
  python3 local/cloud.py start                       start the cloud on port 4600
  python3 local/cloud.py deploy                      build and deploy template.yaml to it
  eval "$(python3 local/cloud.py env)"               point this shell's AWS tools at it
  python3 local/cloud.py stop                        stop it, and everything that it started
  python3 local/cloud.py --dir /tmp/b --port 4700 start    start a second one
"""

# The exit code of a shell command that Ctrl-C ended.
INTERRUPTED = 130


def main() -> int:
    """Runs one command. The exit code is 0 on success."""
    options = _parser().parse_args()
    folder = options.dir.resolve()
    port = options.port or server.running_port(folder) or DEFAULT_PORT
    instance = Instance(folder, port)
    try:
        return int(options.command(instance, options) or 0)
    except LocalCloudError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: run the same command again to continue", file=sys.stderr)
        return INTERRUPTED


def _setup(instance: Instance, options: argparse.Namespace) -> None:
    environments.set_up(*options.environments)


def _prepare(instance: Instance, options: argparse.Namespace) -> None:
    # Fails before the compilation, which takes minutes.
    server.refuse_taken_port(instance)
    prepare.prepare(*(environments.TESTS if options.tests else ()))


def _start(instance: Instance, options: argparse.Namespace) -> None:
    server.start(instance, server.StartOptions(options.calls_through, options.wait_scale, options.lasting))


def _restart(instance: Instance, options: argparse.Namespace) -> None:
    server.restart(instance)


def _deploy(instance: Instance, options: argparse.Namespace) -> None:
    template = options.template.resolve()
    given = parameters.parsed([*options.set, *(options.parameters or "").split()], template)
    if not options.built:
        deploy.build(instance, template)
    if "Profiles" not in given and "Profiles" in parameters.names(template):
        given |= _profiles(instance, options.profiles, given)
    deploy.deploy(instance, deploy.Stack(options.stack, given))


def _environment(name: str) -> environments.Environment:
    if name not in environments.BY_NAME:
        raise argparse.ArgumentTypeError(f"'{name}' is not one of {', '.join(environments.BY_NAME)}")
    return environments.BY_NAME[name]


def _profiles(instance: Instance, file: str | None, given: dict[str, str]) -> dict[str, str]:
    """The parameters for the profiles of a file, which is put into the package; without a file, for the built-in
    ones.
    """
    darkroom = cargo.target_folder() / "debug" / "darkroom"
    own = profiles.read(file or profiles.BUILT_IN, given.get("DefaultProfile"), darkroom)
    if own is None:
        return profiles.parameters_of_built_in(given)
    own.put_into(instance.build_folder)
    return own.parameters


def _stop(instance: Instance, options: argparse.Namespace) -> None:
    ended = server.stop(instance)
    print("the local cloud is stopped" if ended else "the local cloud was not running")


def _status(instance: Instance, options: argparse.Namespace) -> int:
    if server.running_port(instance.folder) != instance.port:
        print("the local cloud is down")
        return 3
    answers = server.is_ready(instance)
    deployed = f"deployed: {instance.outputs_file}" if instance.outputs_file.exists() else "nothing deployed"
    print(f"the local cloud {'answers' if answers else 'does not answer'} at {instance.endpoint} ({deployed})")
    return 0 if answers else 3


def _env(instance: Instance, options: argparse.Namespace) -> None:
    for name, value in {**instance.client_environment(), **next_steps.variables(instance)}.items():
        print(f"export {name}={value}")


def _next(instance: Instance, options: argparse.Namespace) -> None:
    print(next_steps.text(instance), end="")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local/cloud.py",
        description="Starts and stops an emulator of AWS on this machine, and deploys this repository to it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dir", type=Path, default=DEFAULT_DIR, help="the folder for state and log (default: .local)")
    parser.add_argument(
        "--port", type=int, default=os.environ.get("PORT") or None,
        help=f"the port on 127.0.0.1 (default: $PORT, else the running cloud's, else {DEFAULT_PORT})",
    )  # fmt: skip
    commands = parser.add_subparsers(metavar="command", required=True)
    for name, run, summary in (
        ("setup", _setup, "create the Python environments that are missing or outdated"),
        ("prepare", _prepare, "create them, and compile everything that the cloud and its tests run"),
        ("start", _start, "start the cloud and wait until it answers"),
        ("restart", _restart, "kill the cloud, whatever it does, and start it again"),
        ("deploy", _deploy, "run sam build and sam deploy, and write outputs.json"),
        ("stop", _stop, "stop the cloud and its functions, and delete its state"),
        ("status", _status, "print whether it runs; the exit code is 3 if it does not"),
        ("env", _env, "print export lines for AWS tools"),
        ("next", _next, "print what to do next with the deployed stack"),
    ):
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(command=run)
        if name == "setup":
            command.add_argument(
                "environments", type=_environment, nargs="*", metavar="environment",
                help=f"one of {', '.join(environments.BY_NAME)} (default: cloud and sam)",
            )  # fmt: skip
        if name == "prepare":
            command.add_argument("--tests", action="store_true", help="also prepare what only the tests need")
        if name == "start":
            command.add_argument("--calls-through", metavar="URL", help="an endpoint, such as a proxy, that the functions call")
            command.add_argument(
                "--wait-scale", type=float, default=1.0, metavar="F",
                help="multiply the waits before retries by F (default: 1)",
            )  # fmt: skip
            command.add_argument("--lasting", action="store_true", help="keep all state across a restart")
        if name == "deploy":
            command.add_argument("--template", type=Path, default=DEFAULT_TEMPLATE, help="default: template.yaml")
            command.add_argument("--built", action="store_true", help="deploy the last build, without a new one")
            command.add_argument(
                "--stack", default=STACK, help=f"the name of the stack, to deploy several (default: {STACK})"
            )
            command.add_argument(
                "--set", action="append", default=[], metavar="NAME=VALUE",
                help="a parameter of the template; can be repeated",
            )  # fmt: skip
            command.add_argument("--parameters", metavar="'NAME=VALUE …'", help="several parameters in one argument")
            command.add_argument(
                "--profiles", metavar="FILE", help="your own profiles (docs/profiles.md; default: the built-in ones)"
            )
    return parser


if __name__ == "__main__":
    sys.exit(main())
