"""Making a file is dear: it takes a turn at the gate, one at a time for each person."""

from contextlib import ExitStack
from functools import wraps

from .. import gate


def takes_a_file_turn(view):
    """Answers 429 (`middleware.GateMiddleware`) before the file is made where there is no room.

    What is sent on as it is read has its turn until all is sent.
    """

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
