"""Making a file is expensive: it takes a turn at the gate; without one the answer is 429 (`GateMiddleware`)."""

from contextlib import ExitStack
from functools import wraps

from .. import gate


def takes_a_file_turn(view):
    """The view makes a file. What is sent while it is read keeps its turn until all is sent."""

    @wraps(view)
    def taking(request, *args, **kwargs):
        with ExitStack() as held:
            gate.take_turn(held, gate.FILE)
            response = view(request, *args, **kwargs)
            if response.streaming:
                response._resource_closers.append(held.pop_all().close)
            return response

    taking.takes_a_file_turn = True
    return taking
