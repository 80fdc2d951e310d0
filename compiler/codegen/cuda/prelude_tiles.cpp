// The prelude's part for contractions: copies that land later, matrices from shared memory, products on tensor cores. The only inline assembly is here, each with a host form.
#include "compiler/codegen/cuda/print.h"

namespace tenon::compiler::cuda {

llvm::StringRef tilesPrelude() {
  return R"(
#ifdef TENON_HOST
// `bytes` of them exist, the others become zeros.
template <int size> TENON_INLINE void copy_part(void *to, const void *from, int bytes) { tenon_host::copyLater(to, from, size, bytes); }
TENON_INLINE void commit_copies() { tenon_host::commitCopies(); }
template <int left> TENON_INLINE void wait_copies() { tenon_host::waitCopies(left); }

// Four matrices of 8 x 8, a row from each lane; `turned`: their columns are the rows that lie in memory.
template <bool turned> TENON_INLINE void load_matrices(unsigned (&r)[4], const void *row) {
  struct Offer { const unsigned short *row; unsigned *to; } mine = {(const unsigned short *)row, r};
  tenon_host::checkAligned<16>(row);
  tenon_host::meet(~0u, __LINE__, "ldmatrix", &mine, [](void **offers) {
    for (int lane = 0; lane < 32; ++lane)
      for (int i = 0; i < 4; ++i) {
        const auto at = [&](int y, int x) { return (unsigned)((Offer *)offers[i * 8 + (turned ? x : y)])->row[turned ? y : x]; };
        ((Offer *)offers[lane])->to[i] = at(lane / 4, lane % 4 * 2) | at(lane / 4, lane % 4 * 2 + 1) << 16;
      }
  });
}
// Sums of 16 x 8 += 16 x 16 times 16 x 8, two elements in a word.
template <class T> TENON_INLINE void multiply_add(T, float *sums, const unsigned *a, const unsigned *b) {
  struct Offer { float *sums; const unsigned *a, *b; } mine = {sums, a, b};
  tenon_host::meet(~0u, __LINE__, "mma", &mine, [](void **offers) {
    float left[16][16], right[16][8];
    for (int lane = 0; lane < 32; ++lane)
      for (int i = 0; i < 8; ++i) {
        const Offer &o = *(Offer *)offers[lane];
        left[lane / 4 + i / 2 % 2 * 8][lane % 4 * 2 + i % 2 + i / 4 * 8] = single(T{(unsigned short)(o.a[i / 2] >> i % 2 * 16)});
        if (i < 4) right[lane % 4 * 2 + i % 2 + i / 2 * 8][lane / 4] = single(T{(unsigned short)(o.b[i / 2] >> i % 2 * 16)});
      }
    for (int lane = 0; lane < 32; ++lane)
      for (int i = 0; i < 4; ++i)
        for (int k = 0; k < 16; ++k) ((Offer *)offers[lane])->sums[i] += left[lane / 4 + i / 2 * 8][k] * right[k][lane % 4 * 2 + i % 2];
  });
}
#else
TENON_INLINE unsigned shared_address(const void *p) { return (unsigned)__cvta_generic_to_shared(p); }
template <int size> TENON_INLINE void copy_part(void *to, const void *from, int bytes) {
  if (size == 16) asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(to)), "l"(__cvta_generic_to_global(from)), "r"(bytes) : "memory");
  else asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(shared_address(to)), "l"(__cvta_generic_to_global(from)), "n"(size), "r"(bytes) : "memory");
}
TENON_INLINE void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int left> TENON_INLINE void wait_copies() { asm volatile("cp.async.wait_group %0;" ::"n"(left) : "memory"); }
template <bool turned> TENON_INLINE void load_matrices(unsigned (&r)[4], const void *row) {
  if (turned) asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
  else asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(shared_address(row)) : "memory");
}
TENON_INLINE void multiply_add(bf16, float *d, const unsigned *a, const unsigned *b) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
TENON_INLINE void multiply_add(f16, float *d, const unsigned *a, const unsigned *b) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#endif

// Where element (row, k) of a tile of `rows` x 32 halves lies: along k, or along the rows. The pieces of 16 bytes of a line change places, so that
// 8 of them, one below the other, are in different banks.
template <int rows, bool along> TENON_INLINE int half_place(int row, int k) {
  constexpr int width = along ? 32 : rows;
  const int line = along ? row : k, place = along ? k : row;
  return line * width + ((place / 8 ^ (width == 32 ? line / 2 % 4 : line % 8)) * 8 + place % 8);
}

// 8 neighbours to shared memory; the first `exist` of them exist, the others become zeros. What is not aligned to 4 bytes arrives at once.
template <class T, class I> TENON_INLINE void copy_eight(T *to, const T *from, I exist) {
  const int count = exist < 0 ? 0 : exist < 8 ? (int)exist : 8;
  const int alignment = (int)((unsigned long long)from % 16);
  if (alignment == 0) copy_part<16>(to, from, count * 2);
  else if (alignment % 4 == 0) {
#pragma unroll
    for (int i = 0; i < 8; i += 2) copy_part<4>(to + i, from + i, count <= i ? 0 : count - i < 2 ? 2 : 4);
  } else {
#pragma unroll
    for (int i = 0; i < 8; ++i) to[i] = i < count ? from[i] : T{0};
  }
}

// A thread's part of the product of two tiles of 32 terms by 8 warps: squares of 16 x 8 one after the other, four sums of each.
template <int m, int n, bool alongA, bool alongB, class T> TENON_INLINE void multiply_halves(float *sums, const T *a, const T *b) {
  constexpr int across = n < m ? 2 : 4, rows = m * across / 8, columns = n / across;
  const int lane = (int)threadIdx.x % 32, warp = (int)threadIdx.x / 32, row = warp / across * rows, column = warp % across * columns;
#pragma unroll
  for (int k = 0; k < 32; k += 16) {
    unsigned left[rows / 16][4], right[columns / 16][4];
#pragma unroll
    for (int i = 0; i < rows / 16; ++i)
      load_matrices<!alongA>(left[i], a + (alongA ? half_place<m, alongA>(row + i * 16 + lane % 16, k + lane / 16 * 8)
                                                  : half_place<m, alongA>(row + i * 16 + lane / 8 % 2 * 8, k + lane / 16 * 8 + lane % 8)));
#pragma unroll
    for (int j = 0; j < columns / 16; ++j)
      load_matrices<!alongB>(right[j], b + (alongB ? half_place<n, alongB>(column + j * 16 + lane / 16 * 8 + lane % 8, k + lane / 8 % 2 * 8)
                                                   : half_place<n, alongB>(column + j * 16 + lane / 16 * 8, k + lane / 8 % 2 * 8 + lane % 8)));
#pragma unroll
    for (int i = 0; i < rows / 16; ++i)
#pragma unroll
      for (int j = 0; j < columns / 8; ++j) multiply_add(T{}, sums + (i * (columns / 8) + j) * 4, left[i], right[j / 2] + j % 2 * 2);
  }
}

// The same without tensor cores, of 16 terms, lines of a tile padded by 4: a thread's rows and columns are groups of up to 4 neighbours.
template <class T, int n> struct __align__(sizeof(T) * n < 16 ? sizeof(T) * n : 16) Few { T at[n]; };
template <int m, int n, class T> TENON_INLINE void multiply_tiles(T *sums, const T *a, const T *b) {
  constexpr int rows = m / 16, columns = n / 16, down = rows < 4 ? rows : 4, across = columns < 4 ? columns : 4;
  const int lane = (int)threadIdx.x % 32, warp = (int)threadIdx.x / 32, x = warp % 2 * 8 + lane % 8, y = warp / 2 * 4 + lane / 8;
#pragma unroll
  for (int k = 0; k < 16; ++k) {
    Few<T, down> left[rows / down];
    Few<T, across> right[columns / across];
#pragma unroll
    for (int i = 0; i < rows / down; ++i) left[i] = *(const Few<T, down> *)(a + k * (m + 4) + (i * 16 + y) * down);
#pragma unroll
    for (int j = 0; j < columns / across; ++j) right[j] = *(const Few<T, across> *)(b + k * (n + 4) + (j * 16 + x) * across);
#pragma unroll
    for (int i = 0; i < rows; ++i)
#pragma unroll
      for (int j = 0; j < columns; ++j) sums[i * columns + j] = fma(left[i / down].at[i % down], right[j / across].at[j % across], sums[i * columns + j]);
  }
}
)";
}

} // namespace tenon::compiler::cuda
