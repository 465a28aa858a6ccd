#!/usr/bin/env python3
"""Emits an event of one's own over netconf's control socket, with Python's standard library alone.

    emit.py home-lan-connected SSID=home --interface wlan0 --wait

Varlink (varlink.org) is one JSON object and a NUL byte, each way. With --wait the answer comes when the hook scripts
have run, and the exit status is 1 when one of them failed.
"""

import argparse
import json
import os
import socket
import sys


def call(path, method, parameters):
    """Calls a Varlink method and returns the parameters of its answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        message = {"method": method, "parameters": parameters}
        connection.sendall(json.dumps(message).encode() + b"\0")
        answer = b""
        while not answer.endswith(b"\0"):
            part = connection.recv(65536)
            if not part:
                raise ConnectionError("netconfd closed the connection")
            answer += part
    reply = json.loads(answer[:-1])
    if "error" in reply:
        raise RuntimeError(f"{reply['error']}: {reply.get('parameters', {}).get('message', '')}")
    return reply.get("parameters", {})


def main():
    parser = argparse.ArgumentParser(description="emit an event over netconf's control socket")
    parser.add_argument("event")
    parser.add_argument("data", nargs="*", metavar="KEY=VALUE")
    parser.add_argument("--interface")
    parser.add_argument("--wait", action="store_true")
    arguments = parser.parse_intermixed_args()

    parameters = {"event": arguments.event, "wait": arguments.wait}
    if arguments.interface:
        parameters["interface"] = arguments.interface
    if strays := [pair for pair in arguments.data if "=" not in pair]:
        parser.error(f"not KEY=VALUE: {strays[0]}")
    parameters["data"] = dict(pair.split("=", 1) for pair in arguments.data)
    path = os.environ.get("NETCONF_SOCKET", "/run/netconf/control")
    try:
        reply = call(path, "io.netconf.Emit", parameters)
    except (OSError, RuntimeError, ValueError) as error:
        sys.exit(f"{path}: {error}")
    print(json.dumps(reply))
    runs = reply.get("entry", {}).get("runs", [])
    sys.exit(1 if any(run["status"] != 0 for run in runs) else 0)


if __name__ == "__main__":
    main()
