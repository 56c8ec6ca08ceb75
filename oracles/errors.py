"""How a conversation with an oracle ends other than by an answer."""


class InputError(ValueError):
    """Bad input. The message is one line and names the offending thing."""


class AnswerError(RuntimeError):
    """The function that was asked raised, or gave an answer that cannot be used. Nothing was counted."""


class Stop(Exception):
    """Raised by a closed oracle: the target was met or the budget is spent.

    A method lets it pass. It derives from ``Exception`` because machine code cannot raise anything else.
    """


class Refused(BaseException):
    """Raised by a closed oracle that is asked again and again: the method swallows `Stop`.

    A ``BaseException``, so that ``except Exception`` does not swallow it too.
    """


class Exhausted(Exception):
    """Raised by an oracle model that cannot answer any more (an adversary out of dimensions)."""
