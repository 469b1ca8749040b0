"""Does with the package `cs` what each line of standard input asks, and answers it with one line of JSON."""

import json
import sys

from cs import CloudStack, CloudStackException


def call(client, command, arguments):
    try:
        return {"value": getattr(client, command)(**arguments)}
    except CloudStackException as error:
        status = None if error.response is None else error.response.status_code
        return {"status": status, "message": str(error.args[0]), "error": getattr(error, "error", None)}


def sign(client, parameters):
    client._sign(parameters)
    return {"value": parameters["signature"]}


def answer(request):
    client = CloudStack(**request["client"])
    if "sign" in request:
        return sign(client, request["sign"])
    return call(client, request["command"], request["arguments"])


sys.stdin.reconfigure(encoding="utf-8")
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
