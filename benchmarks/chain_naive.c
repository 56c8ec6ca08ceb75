/* The chain as the paper writes it, one call of libm per exponential: what a first transcription into C costs. */

#include <math.h>

static const double PHI_TOTAL = 4.1327313541224929385; /* sqrt(2 pi e) */
static const double SQRT_E = 1.6487212707001281468;

static double psi(double t)
{
    if (t <= 0.5)
        return 0.0;
    double p = 2.0 * t - 1.0;
    return exp(1.0 - 1.0 / (p * p));
}

static double psi_slope(double t)
{
    if (t <= 0.5)
        return 0.0;
    double p = 2.0 * t - 1.0, cubed = p * p * p;
    return cubed > 0.0 ? 4.0 * exp(1.0 - 1.0 / (p * p)) / cubed : 0.0;
}

static double phi(double t) { return 0.5 * PHI_TOTAL * erfc(-t * 0.70710678118654752440); }

static double phi_slope(double t) { return SQRT_E * exp(-0.5 * t * t); }

/* height f_T(x / width), and its gradient; parameters: first link, width, height. */
double chain_naive(const double *x, double *g, long d, const double *parameters)
{
    double first = parameters[0], width = parameters[1], height = parameters[2], slope = height / width;
    double value = -first * phi(x[0] / width);
    g[0] = -first * phi_slope(x[0] / width) * slope;
    for (long i = 1; i < d; i++) {
        double a = x[i - 1] / width, b = x[i] / width;
        value += psi(-a) * phi(-b) - psi(a) * phi(b);
        g[i - 1] -= (psi_slope(-a) * phi(-b) + psi_slope(a) * phi(b)) * slope;
        g[i] = -(psi(-a) * phi_slope(-b) + psi(a) * phi_slope(b)) * slope;
    }
    return value * height;
}
