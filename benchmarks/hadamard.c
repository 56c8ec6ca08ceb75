/* The yardstick for the rotation: two rounds of signs and fast Walsh-Hadamard transforms, by hand.
 *
 * d is a power of two from 64 on; signs holds 2 d numbers: r, then s / d, with r and s of +-1.
 * Vectors of eight doubles; a long vector is a matrix of rows that stay in the cache, so that the two rounds go over
 * columns, rows, rows, columns and the vector passes through the processor three times.
 */
#include <stdlib.h>

#pragma GCC diagnostic ignored "-Wpsabi"
#define INLINE static inline __attribute__((always_inline))

typedef double vector __attribute__((vector_size(64), aligned(8)));
typedef long lanes __attribute__((vector_size(64)));

enum { LANES = 8, BLOCK = 64, ROW = 2048, WIDTH = 64 };

#define AT(p) (*(vector *)(p))

/* over `radix` vectors, lane by lane */
INLINE void across(vector *a, int radix)
{
    for (int half = 1; half < radix; half *= 2)
        for (int i = 0; i < radix; i++)
            if (!(i & half)) {
                vector p = a[i], q = a[i + half];
                a[i] = p + q;
                a[i + half] = p - q;
            }
}

/* over the lanes of one vector */
INLINE void within(vector *a)
{
    *a = __builtin_shuffle(*a, (lanes){1, 0, 3, 2, 5, 4, 7, 6}) + *a * (vector){1, -1, 1, -1, 1, -1, 1, -1};
    *a = __builtin_shuffle(*a, (lanes){2, 3, 0, 1, 6, 7, 4, 5}) + *a * (vector){1, 1, -1, -1, 1, 1, -1, -1};
    *a = __builtin_shuffle(*a, (lanes){4, 5, 6, 7, 0, 1, 2, 3}) + *a * (vector){1, 1, 1, 1, -1, -1, -1, -1};
}

INLINE void butterfly(double *v, long stride, int radix, int inside)
{
    vector a[8];
    for (int k = 0; k < radix; k++) {
        a[k] = AT(v + k * stride);
        if (inside)
            within(a + k);
    }
    across(a, radix);
    for (int k = 0; k < radix; k++)
        AT(v + k * stride) = a[k];
}

/* the levels stride, 2 stride, .., size / 2 in place */
static void levels(double *v, long size, long stride)
{
    for (; 8 * stride <= size; stride *= 8)
        for (long i = 0; i < size; i += 8 * stride)
            for (long j = i; j < i + stride; j += LANES)
                butterfly(v + j, stride, 8, 0);
    for (long j = 0; j < stride; j += LANES)
        if (4 * stride == size)
            butterfly(v + j, stride, 4, 0);
        else if (2 * stride == size)
            butterfly(v + j, stride, 2, 0);
}

static void transform(double *v, long size)
{
    for (long i = 0; i < size; i += BLOCK)
        butterfly(v + i, LANES, 8, 1);
    levels(v, size, BLOCK);
}

INLINE void multiply(const double *x, const double *factors, double *y, long size)
{
    for (long i = 0; i < size; i += LANES)
        AT(y + i) = factors ? AT(x + i) * AT(factors + i) : AT(x + i);
}

/* y = diag(after) H diag(before) x with H over the columns alone; NULL: no factors */
static void over_columns(const double *x, const double *before, double *y, const double *after, long rows)
{
    double *tile = malloc(rows * WIDTH * sizeof(double));
    for (long j = 0; j < ROW; j += WIDTH) {
        for (long r = 0; r < rows; r++)
            multiply(x + r * ROW + j, before ? before + r * ROW + j : 0, tile + r * WIDTH, WIDTH);
        levels(tile, rows * WIDTH, WIDTH);
        for (long r = 0; r < rows; r++)
            multiply(tile + r * WIDTH, after ? after + r * ROW + j : 0, y + r * ROW + j, WIDTH);
    }
    free(tile);
}

static void two_rounds(const double *x, const double *before, const double *between, const double *after, double *y,
                       long size)
{
    long row = size < ROW ? size : ROW, rows = size / row;
    if (rows > 1)
        over_columns(x, before, y, 0, rows);
    else
        multiply(x, before, y, size);
    for (long i = 0; i < size; i += row) {
        transform(y + i, row);
        multiply(y + i, between + i, y + i, row);
        transform(y + i, row);
    }
    if (rows > 1)
        over_columns(y, 0, y, after, rows);
    else if (after)
        multiply(y, after, y, size);
}

/* y = (1/d) H diag(s) H diag(r) x */
void rotate(const double *x, double *y, long d, const double *signs) { two_rounds(x, signs, signs + d, 0, y, d); }

/* y = (1/d) diag(r) H diag(s) H x, its inverse */
void rotate_back(const double *x, double *y, long d, const double *signs) { two_rounds(x, 0, signs + d, signs, y, d); }
