/* The plan: what an artifact exports and the runtime executes. The one header that compiler and runtime share.
 *
 * An artifact is a shared library with one exported symbol, TENON_PLAN_SYMBOL of type tenon_plan, followed by a
 * tenon_trailer (the last bytes of the file) that is checked before the library is opened.
 *
 * Notation:  a tenon_size s >= 0 is the number s; s < 0 is expression number -1 - s of the plan's table, a function of
 * the symbols that a call binds from the shapes of its inputs (symbolic batch sizes). Everything is position
 * independent POD; pointers are relocated by the dynamic linker. The format is target neutral: commands run in order
 * over one arena, a kernel computes blocks [begin, end) of its grid.
 */
#ifndef TENON_RUNTIME_ABI_H
#define TENON_RUNTIME_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TENON_ABI_VERSION 2u
#define TENON_PLAN_SYMBOL "tenon_plan_v2"
#define TENON_PLAN_MAGIC 0x4e4f4e4554ull     /* "TENON" */
#define TENON_TRAILER_MAGIC 0x4c52544e4f4e4554ull /* "TENONTRL" */
#define TENON_MAX_RANK 16

typedef int64_t tenon_size;

/* DLPack's type codes and widths. */
enum { TENON_KIND_INT = 0, TENON_KIND_UINT = 1, TENON_KIND_FLOAT = 2, TENON_KIND_BFLOAT = 4, TENON_KIND_BOOL = 6 };
typedef struct { uint8_t code, bits; uint16_t lanes; } tenon_dtype;

/* a op b over numbers and other expressions (operands follow the rule of tenon_size). */
enum { TENON_EXPR_SYMBOL = 0 /* symbol number a */, TENON_EXPR_ADD, TENON_EXPR_SUB, TENON_EXPR_MUL, TENON_EXPR_CEILDIV, TENON_EXPR_FLOORDIV, TENON_EXPR_MIN, TENON_EXPR_MAX };
typedef struct { int32_t op, reserved; tenon_size a, b; } tenon_expr;

/* A tensor's name, type and shape (row-major, contiguous). */
typedef struct {
  const char *name;
  tenon_dtype dtype;
  uint32_t rank;
  const tenon_size *shape;
} tenon_tensor;

/* Named state. `panel` > 0: rows are stored in panels, [ceil(rows / panel)][columns][panel] (zero padded), although
 * whoever reads or writes it from outside sees the canonical row-major tensor. `alias`: -1, or the number of the entry
 * that owns the storage (tied weights). `initial`: NULL (zeros) or canonical bytes. */
typedef struct {
  tenon_tensor tensor;
  int32_t panel;
  int32_t alias;
  const void *initial;
} tenon_state_entry;

/* Where an argument of a command lives. */
enum { TENON_SPACE_INPUT = 0, TENON_SPACE_OUTPUT, TENON_SPACE_STATE, TENON_SPACE_ARENA, TENON_SPACE_CONSTANT };
typedef struct {
  int32_t space;
  int32_t index;     /* of the input, output, state entry or constant; 0 for the arena */
  tenon_size offset; /* bytes */
} tenon_argument;

typedef void (*tenon_kernel_fn)(void *const *arguments, int64_t begin, int64_t end);

/* `locations`: user's lines, "file.cpp:12;file.cpp:13". `source`: what it computes, in words, for profiles. */
typedef struct {
  const char *name;
  const char *source;
  const char *locations;
  tenon_kernel_fn cpu; /* NULL where the artifact has no CPU code */
  uint32_t n_arguments;
  uint32_t threads; /* of a block, where it is a kernel for GPUs; else 0 */
} tenon_kernel;

/* One kernel over its grid: arguments [first_argument, + kernel.n_arguments) of the function's table. */
typedef struct {
  uint32_t kernel, first_argument;
  tenon_size blocks;
  int64_t work; /* the compiler's estimate of the whole grid, nanoseconds on one core */
  const char *locations; /* of this call: identical kernels are compiled once */
} tenon_grid;

enum {
  TENON_COMMAND_LAUNCH = 0, /* calls [first, first + count): independent, may run at once */
  TENON_COMMAND_COPY,       /* argument first <- argument first + 1, `bytes` */
  TENON_COMMAND_FILL,       /* argument first, `bytes`, each 4-byte word = count */
  TENON_COMMAND_CHECK,      /* argument first: `bytes` bytes, all nonzero, or the function fails with `message` */
  TENON_COMMAND_LOOP,       /* the `count` commands that follow, `bytes` times; argument first, unless TENON_NO_ARGUMENT: a byte read before each pass, 0 ends the loop */
  TENON_COMMAND_BRANCH,     /* argument first: a byte; nonzero: the `count` commands that follow, 0: the `others` after them */
  TENON_COMMAND_COLLECTIVE, /* reserved from here on */
  TENON_COMMAND_CUSTOM
};
#define TENON_NO_ARGUMENT UINT32_MAX
/* After each pass of a loop an argument of a command inside it moves by `stride` bytes; after the loop it is where it was before. An argument is moved
 * by the loops around its command only, so that where it points is its offset plus, for each of them, a number of strides less than its passes. */
typedef struct {
  uint32_t argument, reserved;
  tenon_size stride; /* a plain number, of either sign: no expression */
} tenon_move;
typedef struct {
  int32_t kind;
  uint32_t first, count, others;
  uint32_t first_move, n_moves; /* LOOP: moves [first_move, first_move + n_moves) of the function's table */
  tenon_size bytes;
  const char *message;   /* CHECK: "op: what was expected"; else NULL */
  const char *locations; /* the user's line, or NULL */
} tenon_command;

/* One function for one tuple of input shapes; entries of equal name are its variants, tried in order. */
typedef struct {
  const char *name;
  uint32_t n_inputs, n_outputs, n_arguments, n_calls, n_commands, n_moves;
  const tenon_tensor *inputs, *outputs;
  const tenon_argument *arguments;
  const tenon_grid *calls;
  const tenon_command *commands;
  const tenon_move *moves;
  tenon_size arena; /* bytes, 64-byte aligned base */
} tenon_function;

typedef struct { const void *data; uint64_t bytes; } tenon_constant;

typedef struct {
  uint64_t magic;
  uint32_t version, size; /* sizeof(tenon_plan) */
  const char *compiler;   /* "tenon 0.1.0, LLVM 22.1.8" */
  const char *target;     /* "x86_64 znver4 avx512" */
  uint32_t n_state, n_functions, n_kernels, n_constants, n_symbols, n_expressions;
  const tenon_state_entry *state;
  const tenon_function *functions;
  const tenon_kernel *kernels;
  const tenon_constant *constants;
  const char *const *symbols;
  const tenon_expr *expressions;
} tenon_plan;

/* Code for CUDA GPUs, under a symbol of its own: a plan over the same state and functions as the artifact's plan (names, types and shapes are equal, in the same order),
 * whose kernels are functions of the images, found by name. A kernel takes the addresses of its arguments and then that of a 32-bit status word, all of them 64 bits wide;
 * block b of its grid is blockIdx.x. Where the status word is not zero a kernel does nothing, so that a step whose check failed leaves the state as it was. Every image
 * also holds the commands that are no kernels, each one block of 256 threads for every 64 KiB or part of it, at least one:
 *   tenon_copy(to, from, uint64 bytes, status)         tenon_fill(to, uint64 bytes, uint32 word, status)
 *   tenon_check(flags, uint64 bytes, uint32 number, status): writes `number` to the status word where it is zero and one of the bytes is zero
 * An artifact without CPU code has this plan twice: its kernels' `cpu` is NULL. */
#define TENON_CUDA_SYMBOL "tenon_cuda_v2"
enum { TENON_IMAGE_PTX = 0, TENON_IMAGE_CUBIN };
typedef struct {
  uint32_t kind, arch; /* arch: 80 for sm_80 or compute_80; what only runs there ("90a") has 1000 added */
  const void *data;
  uint64_t bytes;
} tenon_image;
typedef struct {
  const tenon_plan *plan;
  const tenon_image *images;
  uint32_t n_images, version; /* version: of the CUDA that made the images: 13000 is 13.0; 0: unknown */
} tenon_cuda;

/* CPU features that the code needs: bits of tenon_trailer.features. */
enum {
  TENON_CPU_SSE42 = 1, TENON_CPU_AVX = 2, TENON_CPU_AVX2 = 4, TENON_CPU_FMA = 8, TENON_CPU_F16C = 16, TENON_CPU_BMI2 = 32,
  TENON_CPU_AVX512F = 64, TENON_CPU_AVX512BW = 128, TENON_CPU_AVX512DQ = 256, TENON_CPU_AVX512VL = 512,
  TENON_CPU_AVX512BF16 = 1024, TENON_CPU_AVX512VNNI = 2048
};

/* The last sizeof(tenon_trailer) bytes of the file. digest: FNV-1a (64 bit, over little-endian 8-byte words, then the
 * rest bytewise) of all bytes before it and of the trailer's fields before it: it catches damage and mistakes, not malice. */
typedef struct {
  uint64_t magic;
  uint32_t version, arch; /* arch: ELF e_machine */
  uint64_t features;
  uint64_t length; /* of the file without the trailer */
  uint64_t digest;
} tenon_trailer;

#ifdef __cplusplus
}
#endif
#endif
