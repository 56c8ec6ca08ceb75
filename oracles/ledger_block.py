"""The ledger of a compiled run: a block of words at an address, and what they mean.

One counter and one limit serve rounds of one query, which is what a compiled method does 10^8 times: the counter goes
up, and when it would pass the limit a budget binds or the run has been closed. One threshold tells whether an answer
needs a closer look: a hit, a number that is not finite. Everything else is derived from these, or happens on the slow
path.
"""

from oracles.kernels import REQUEST_WORDS

# Counts of rounds of one query: COUNT of all, of which ONE_VALUES asked for the value alone and ONE_GRADIENTS for the
# gradient alone; one asked for neither, but for the Hessian, is in both. Counts of wider rounds: BATCH_*. LIMIT: what
# COUNT may reach. NOTE: what the method said of its last round, if NOTED is not 0. LOWER, UPPER: the sides of the
# domain, or 0; LOWER_FACE, UPPER_FACE: those of the box over which the gradient is projected, or 0. ASK_*, NAME_POINT:
# the addresses of `oracles.services`.
(
    COUNT, LIMIT, ONE_VALUES, ONE_GRADIENTS, BATCH_ROUNDS, BATCH_QUERIES, BATCH_VALUES, BATCH_GRADIENTS, BATCH_WIDEST,
    MAX_QUERIES, MAX_ROUNDS, WIDTH, THRESHOLD, BEST, CLOSED, FAULT, FAULT_ROW, FAULT_COLUMN, FAULT_ROWS, FAULT_ENTRY,
    REFUSALS, SETTLE, PROPOSE, FINISH, FINISHED, LOWER, UPPER, DOOR, MODEL, KERNEL, PARAMETERS, HESSIAN, BANDWIDTH,
    HESSIANS, PRODUCTS, COMPONENTS, SAMPLE, VALUE, NOTE, NOTED, LOWER_FACE, UPPER_FACE,
    ASK_ONE, ASK_BATCH, ASK_BAND, ASK_HESSIAN, ASK_PRODUCT, NAME_POINT, REQUEST,
) = range(49)  # fmt: skip
BLOCK_WORDS = REQUEST + REQUEST_WORDS

# Values of CLOSED and FAULT.
OPEN, BUDGET, ENDED = 0, 1, 2
(
    NO_FAULT, WRONG_SHAPE, NOT_FINITE, OUTSIDE, TOO_WIDE, NO_POINTS, WRONG_ORDER, WRONG_OUT, NO_HESSIAN, BAD_HESSIAN,
    WRONG_VECTOR, BAD_VECTOR, WRONG_SAMPLES, BAD_SAMPLE,
) = range(14)  # fmt: skip
UNLIMITED = 2**62
PATIENCE = 10_000  # refusals before Stop is raised after all, inside a helper that loops

VALUE_ALONE, BOTH, GRADIENT_ALONE, MIXED = range(4)  # what a round asks for; MIXED: each row as its order says
