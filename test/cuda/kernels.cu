// The kernels of plan.c for GPUs: a block computes what a block of the CPU's does.
#define MAX_LABEL 3
typedef unsigned long long u64;

TENON_KERNEL(256) tenon_copy(unsigned char *to, const unsigned char *from, u64 bytes, const unsigned *status) {
  if (*status) return;
  for (u64 i = blockIdx.x * 65536ull + threadIdx.x; i < min((blockIdx.x + 1) * 65536ull, bytes); i += 256) to[i] = from[i];
}
TENON_EXPORT_FREE(tenon_copy)
TENON_KERNEL(256) tenon_fill(unsigned char *to, u64 bytes, unsigned word, const unsigned *status) {
  if (*status) return;
  for (u64 i = blockIdx.x * 65536ull + threadIdx.x; i < min((blockIdx.x + 1) * 65536ull, bytes); i += 256) to[i] = (unsigned char)(word >> 8 * (i % 4));
}
TENON_EXPORT_FREE(tenon_fill)
TENON_KERNEL(256) tenon_check(const unsigned char *flags, u64 bytes, unsigned number, unsigned *status) {
  if (*status) return;
  bool all = true;
  for (u64 i = blockIdx.x * 65536ull + threadIdx.x; i < min((blockIdx.x + 1) * 65536ull, bytes); i += 256) all = all && flags[i];
  if (!all) *status = number;
}
TENON_EXPORT_FREE(tenon_check)

TENON_KERNEL(256) check_labels(const long long *y, unsigned char *flags, const unsigned *status) {
  if (*status) return;
  if (threadIdx.x == 0) flags[blockIdx.x] = y[blockIdx.x] >= 0 && y[blockIdx.x] < MAX_LABEL;
}
TENON_EXPORT_FREE(check_labels)

// w in panels of 2 rows; a block is a row, a lane an example.
template <int examples> __device__ __forceinline__ void update(const float *x, const long long *y, float *w) {
  int r = blockIdx.x;
  for (int c = 0; c < 2; ++c) {
    float v = threadIdx.x < examples && y[threadIdx.x] == r ? x[threadIdx.x * 2 + c] : 0.f;
    for (int offset = 16; offset; offset >>= 1) v += __shfl_xor_sync(0xffffffffu, v, offset);
    if (threadIdx.x == 0) w[(r / 2) * 4 + c * 2 + r % 2] += v;
  }
}
template <int examples> __device__ __forceinline__ void finish(const float *x, float *loss, long long *step) {
  __shared__ float part[32];
  part[threadIdx.x] = threadIdx.x < 2 * examples ? x[threadIdx.x] : 0.f;
  __syncthreads();
  if (threadIdx.x) return;
  float sum = 0;
  for (int i = 0; i < 32; ++i) sum += part[i];
  *loss = fmodf(sum, 1e30f), ++*step;
}
#define TRAIN(n)                                                                                                                           \
  TENON_KERNEL(32) update##n(const float *x, const long long *y, float *w, const unsigned *status) {                                       \
    if (*status) return;                                                                                                                   \
    update<n>(x, y, w);                                                                                                                    \
  }                                                                                                                                        \
  TENON_EXPORT(update##n)                                                                                                                  \
  TENON_KERNEL(32) finish##n(const float *x, float *loss, long long *step, const unsigned *status) {                                       \
    if (*status) return;                                                                                                                   \
    finish<n>(x, loss, step);                                                                                                              \
  }                                                                                                                                        \
  TENON_EXPORT(finish##n)
TRAIN(4)
TRAIN(2)

TENON_KERNEL(32) scale(const float *x, const float *factor, const float *bias, float *out, const unsigned *status) {
  if (*status) return;
  if (threadIdx.x < 2) out[blockIdx.x * 2 + threadIdx.x] = x[blockIdx.x * 2 + threadIdx.x] * *factor + bias[threadIdx.x];
}
TENON_EXPORT_FREE(scale)
TENON_KERNEL(1) grind(const double *start, double *out, const unsigned *status) {
  if (*status) return;
  double x = blockIdx.x + *start;
  for (int i = 0; i < 3000; ++i) x = x * 0.999 + 1.0 / (x + i + 1);
  out[blockIdx.x] = x;
}
TENON_EXPORT_FREE(grind)
TENON_KERNEL(64) nothing(const unsigned *status) {}
TENON_EXPORT_FREE(nothing)
TENON_KERNEL(1) advance(long long *total, const long long *step, const long long *limit, unsigned char *flags, const unsigned *status) {
  if (*status) return;
  *total += *step;
  flags[0] = *total < *limit, flags[1] = *total % 2 == 0;
}
TENON_EXPORT_FREE(advance)
TENON_KERNEL(2) gather(const long long *row, long long *out, const unsigned *status) {
  if (*status) return;
  out[threadIdx.x] += row[threadIdx.x];
}
TENON_EXPORT_FREE(gather)
