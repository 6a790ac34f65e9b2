"""A client program that a test drives: one JSON object a line comes in, says what to do, and one goes out."""

import json
import sys


def serve(actions):
    """Reads requests until the end of the input. What a library raises is answered by its OAuth error."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": True, "result": actions[request.pop("do")](**request)}
        except Exception as error:  # whatever a library raises is the answer
            code = getattr(error, "error", None) or type(error).__name__
            answer = {"ok": False, "error": str(code), "detail": str(error)[:500]}
        print(json.dumps(answer), flush=True)
