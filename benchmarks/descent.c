/* Gradient descent on f(x) = sum_i x_i^2 / (1 + x_i^2) + x_i^4 / 4, everything inlined and nothing counted.
 *
 * Each step computes the value, the gradient, its squared norm, and tests it against the target, as a counted query
 * does. The lowest value is kept, so that no part of the work can be left out.
 */

#include <math.h>

/* At most `steps` steps from x, in place; g (d) is memory. Returns the lowest value that was met. */
double descend(double *restrict x, double *restrict g, long d, double step, double target, long steps)
{
    double lowest = INFINITY, threshold = target * target;
    for (long k = 0; k < steps; k++) {
        double value = 0.0, squares = 0.0;
        for (long i = 0; i < d; i++) {
            double square = x[i] * x[i], q = 1.0 / (1.0 + square);
            value += square * q + 0.25 * square * square;
            g[i] = 2.0 * x[i] * q * q + square * x[i];
            squares += g[i] * g[i];
        }
        if (value < lowest)
            lowest = value;
        if (squares <= threshold)
            break;
        for (long i = 0; i < d; i++)
            x[i] -= step * g[i];
    }
    return lowest;
}
