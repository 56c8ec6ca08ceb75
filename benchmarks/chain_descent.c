/* Gradient descent on a chain, from 0, that only looks at the coordinates which can move.
 *
 * From 0 the coordinates leave in their order: behind the one that follows the last above width / 2, x and the gradient
 * are exactly 0. So each step evaluates, sums and moves this prefix alone.
 */

#include <math.h>

typedef double kernel(const double *x, double *g, long d, const double *parameters);

/* From x = 0 (d), in place, until the gradient norm meets the target; g (d) is memory. Returns the number of queries. */
long descend_chain(kernel *chain, double *x, double *g, long d, const double *parameters, double step, double target)
{
    double threshold = target * target, edge = 0.5 * parameters[1];
    long moving = 1;
    for (long queries = 1;; queries++) {
        while (moving < d && fabs(x[moving - 1]) > edge)
            moving++;
        chain(x, g, moving, parameters);
        double squares[4] = {0.0, 0.0, 0.0, 0.0};
        long i = 0;
        for (; i + 4 <= moving; i += 4)
            for (long lane = 0; lane < 4; lane++)
                squares[lane] += g[i + lane] * g[i + lane];
        double sum = (squares[0] + squares[1]) + (squares[2] + squares[3]);
        for (; i < moving; i++)
            sum += g[i] * g[i];
        if (sum <= threshold)
            return queries;
        for (i = 0; i < moving; i++)
            x[i] -= step * g[i];
    }
}
