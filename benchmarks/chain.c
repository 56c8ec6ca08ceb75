/* The chain's value and gradient in C, vectorised by hand: the yardstick for the kernel in hardinstances/chain_kernel.py.

   Four lanes with the vector extensions of gcc and clang, the same mathematics and the same skipping. Compile with

       gcc -O3 -march=native -mprefer-vector-width=256 -shared -fPIC

   and without -ffast-math, which would fold the rounding to whole numbers in `exponential`. */

#include <math.h>
#include <stdint.h>

#define LANES 4
#define BLOCK 254 /* with its two neighbours it fills whole vectors */
#define ROOM 264
#define PLACES(name) double name##_room[ROOM + 8] __attribute__((aligned(64))), *name = name##_room + 7 /* name[1] aligned */
#define INLINE static inline __attribute__((always_inline))

typedef double Vector __attribute__((vector_size(8 * LANES)));
typedef double Unaligned __attribute__((vector_size(8 * LANES), aligned(8)));
typedef int64_t Mask __attribute__((vector_size(8 * LANES)));

static const double EXP_REST[10] = {
    0.5000000000000001, 0.1666666666666667, 0.04166666666662412, 0.008333333333326134, 0.0013888888917215586,
    0.00019841269874822307, 2.4801521293463862e-05, 2.755725539833871e-06, 2.762008948195459e-07,
    2.5105217695684516e-08};
static const double MILLS_ABOVE[10] = {
    601296.7212074933, 930847.3464242998, 712932.3854644672, 346904.6359586213, 117023.89991369253,
    28265.072489577837, 4887.4087323951935, 585.3838502091893, 44.40336251574853, 1.648721270694535};
static const double MILLS_BELOW[11] = {
    290992.406563125, 682653.9621696048, 744200.3851925532, 497733.3314425571, 226851.89843725192,
    73889.07886466707, 17496.686448647186, 2991.2952399947176, 356.0532529159136, 26.932000759446037, 1.0};
static const double EXP_NEAR_ZERO[6] = {1.0, -1.0, 1.0 / 2, -1.0 / 6, 1.0 / 24, -1.0 / 120};
static const double PHI_TOTAL = 4.132731354122493, SQRT_E = 1.6487212707001282;
static const double ROUNDER = 6755399441055744.0, FAR = 9.3, PSI_START = 0.0376, PSI_END = 1e150, GAUSSIAN_END = 37.6;

INLINE Vector load(const double *from) { return *(const Unaligned *)from; }
INLINE void store(double *to, Vector v) { *(Unaligned *)to = v; }
INLINE Vector all(double number) { return (Vector){0} + number; }
INLINE Vector select(Mask mask, Vector yes, Vector no) { return (Vector)((mask & (Mask)yes) | (~mask & (Mask)no)); }
INLINE Mask signs(Vector v) { return (Mask)v & INT64_MIN; }
INLINE Vector magnitude(Vector v) { return (Vector)((Mask)v & INT64_MAX); }

/* Horner's rule in x^2. */
INLINE Vector polynomial(const double *c, int degree, Vector x)
{
    Vector square = x * x, value = degree % 2 ? c[degree] * x + c[degree - 1] : all(c[degree]);
#pragma GCC unroll 8
    for (int k = degree - 2 - degree % 2; k >= 0; k -= 2)
        value = value * square + (c[k + 1] * x + c[k]);
    return value;
}

/* exp(high + low). */
INLINE Vector exponential(Vector high, Vector low)
{
    Vector shifted = high * 1.4426950408889634 + ROUNDER, n = shifted - ROUNDER;
    Vector r = high - n * 0.6931471805599453;
    r = (r + low) - n * 2.3190468138462996e-17;
    Vector rest = polynomial(EXP_REST, 9, r) * (r * r) + r;
    return (Vector)((Mask)(rest + 1.0) + ((Mask)shifted << 52));
}

/* Psi(a) and Psi'(a). */
INLINE Vector psi(Vector a, Vector *slope)
{
    Vector p = select(a < PSI_END, a, all(PSI_END));
    p = (p + p) - 1.0;
    Mask active = p > PSI_START;
    p = select(active, p, all(PSI_START));
    Vector inverse = 1.0 / p, lack = 1.0 - p * inverse, square = inverse * inverse, cube = square * inverse;
    Vector rest = (square + square) * lack + (inverse * inverse - square);
    Vector value = (Vector)((Mask)exponential(1.0 - square, -rest) & active);
    *slope = 4.0 * value * (3.0 * cube * lack + cube);
    return value;
}

/* Psi(a) and Psi'(a) for a > FAR. */
INLINE Vector psi_far(Vector a, Vector *slope)
{
    Vector p = select(a < PSI_END, a, all(PSI_END));
    Vector inverse = 1.0 / ((p + p) - 1.0), square = inverse * inverse;
    Vector value = 2.718281828459045 * polynomial(EXP_NEAR_ZERO, 5, square);
    *slope = 4.0 * value * (square * inverse);
    return value;
}

/* Phi(-a) and Phi'(a). */
INLINE Vector phi_below(Vector a, Vector *slope)
{
    Mask inside = a < GAUSSIAN_END;
    Vector b = select(inside, a, all(GAUSSIAN_END)), half = -0.5 * b, high = half * b;
    Vector density = (Vector)((Mask)exponential(high, half * b - high) & inside);
    *slope = SQRT_E * density;
    return density * (polynomial(MILLS_ABOVE, 9, b) / polynomial(MILLS_BELOW, 10, b));
}

INLINE double total(Vector v)
{
    double sum = 0.0;
    for (int k = 0; k < LANES; k++)
        sum += v[k];
    return sum;
}

/* One more than the last place below `count` with |x| > threshold, and 0 if there is none. */
INLINE long reach_of(const double *x, long count, double threshold)
{
    for (; count >= LANES; count -= LANES) {
        Mask active = magnitude(load(x + count - LANES)) > threshold;
        if (active[0] | active[1] | active[2] | active[3])
            break;
    }
    while (count > 0 && !(fabs(x[count - 1]) > threshold))
        count--;
    return count;
}

/* A block in the far zone; t[0] is the neighbour before it. */
static double far_block(const double *t, double *g, long size, double scale)
{
    PLACES(weight);
    PLACES(slope);
    for (long j = 0; j <= size; j += LANES) {
        Vector s;
        store(weight + j, psi_far(magnitude(load(t + j)), &s));
        store(slope + j, s);
    }
    Vector sums = all(0.0);
    long i = 0;
    for (; i + LANES <= size; i += LANES) {
        sums += load(weight + i);
        store(g + i, -(load(slope + i + 1) * PHI_TOTAL) * scale);
    }
    double sum = total(sums);
    for (; i < size; i++) {
        sum += weight[i];
        g[i] = -(slope[i + 1] * PHI_TOTAL) * scale;
    }
    return copysign(PHI_TOTAL * sum, t[0]);
}

/* Phi(s x), s the sign of `before`, by `below` = Phi(-|x|). */
INLINE Vector oriented(Vector before, Vector x, Vector below)
{
    return select(((Mask)before ^ (Mask)x) < 0, below, PHI_TOTAL - below);
}

INLINE double oriented_one(double before, double x, double below)
{
    return (before < 0.0) != (x < 0.0) ? below : PHI_TOTAL - below;
}

/* The first `count` coordinates of a block; t[0] is the neighbour before it. */
static double near_block(const double *t, double *g, long count, int first, int last, double first_link, double scale)
{
    PLACES(weight);
    PLACES(slope);
    PLACES(below);
    PLACES(density);
    for (long j = first; j < count + 1 + !last; j += LANES) {
        Vector x = load(t + j), slopes, densities;
        store(weight + j, (Vector)((Mask)psi(magnitude(x), &slopes) | signs(x)));
        store(below + j, phi_below(magnitude(x), &densities));
        store(slope + j, slopes);
        store(density + j, densities);
    }
    if (first)
        weight[0] = first_link;
    if (last)
        slope[count] = below[count + 1] = 0.0;
    Vector sums = all(0.0);
    long i = 0;
    for (; i + LANES <= count; i += LANES) {
        Vector w = load(weight + i), x = load(t + i + 1);
        Vector phi = oriented(w, x, load(below + i + 1)), next = oriented(x, load(t + i + 2), load(below + i + 2));
        sums += w * phi;
        store(g + i, (0.0 - (magnitude(w) * load(density + i + 1) + load(slope + i + 1) * next)) * scale);
    }
    double sum = total(sums);
    for (; i < count; i++) {
        double next = oriented_one(t[i + 1], t[i + 2], below[i + 2]);
        sum += weight[i] * oriented_one(weight[i], t[i + 1], below[i + 1]);
        g[i] = (0.0 - (fabs(weight[i]) * density[i + 1] + slope[i + 1] * next)) * scale;
    }
    return sum;
}

/* height * f_T(x / width); parameters: first link, width, height. */
double chain(const double *x, double *g, long d, const double *parameters)
{
    double first_link = parameters[0], width = parameters[1], height = parameters[2], value = 0.0;
    PLACES(t);
    for (long start = 0; start < d; start += BLOCK) {
        long stop = start + BLOCK < d ? start + BLOCK : d, size = stop - start;
        int first = start == 0, last = stop == d;
        long reach = reach_of(x + start - 1 + first, size + 1 - first, 0.5 * width) + first, beyond = 0;
        for (long j = first; j < size + 1; j++)
            t[j] = width == 1.0 ? x[start - 1 + j] : x[start - 1 + j] / width;
        if (first)
            t[0] = 0.0;
        for (int j = 0; j < LANES; j++)
            t[size + 1 + j] = 0.0;
        if (!last)
            t[size + 1] = x[stop] / width;
        if (!first && !last && fabs(t[0]) > FAR && fabs(t[size + 1]) > FAR)
            for (long j = 0; j < size + 2; j++)
                beyond += (t[j] > FAR) - (t[j] < -FAR);
        if (beyond == size + 2 || beyond == -(size + 2)) {
            value -= far_block(t, g + start, size, height / width);
            continue;
        }
        long count = reach < size ? reach : size;
        for (long i = count; i < size; i++)
            g[start + i] = 0.0;
        if (count > 0)
            value -= near_block(t, g + start, count, first, last && count == size, first_link, height / width);
    }
    return height * value;
}
