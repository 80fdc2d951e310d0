/* The plan of test/unit/runtime, and beside it one for GPUs over the same state and functions, with the images that the command line names. */
#include "runtime/abi.h"
static const tenon_kernel cuda_kernels[10]; /* an artifact without code for CPUs has them in both plans */
#include "test/unit/runtime/plan.c"

#ifndef CUDA_THREADS
#define CUDA_THREADS 256
#endif
#ifndef CUDA_KERNEL
#define CUDA_KERNEL "check_labels"
#endif
#ifndef CUDA_FUNCTIONS
#define CUDA_FUNCTIONS COUNT(functions)
#endif
#ifndef CUDA_STATE
#define CUDA_STATE state
#endif
#ifndef CUDA_STATE_COUNT
#define CUDA_STATE_COUNT COUNT(CUDA_STATE)
#endif
#ifndef CUDA_SYMBOL_NAMES
#define CUDA_SYMBOL_NAMES symbols
#endif
#ifndef CUDA_IMAGES
#define CUDA_IMAGES images
#endif
#ifndef CUDA_IMAGE_COUNT
#define CUDA_IMAGE_COUNT COUNT(images)
#endif
#ifndef CUDA_PTX_BYTES
#define CUDA_PTX_BYTES PTX_BYTES
#endif
#ifndef CUDA_KIND
#define CUDA_KIND TENON_IMAGE_PTX
#endif
#ifndef CUDA_ARCH
#define CUDA_ARCH 80
#endif
#ifndef CUDA_VERSION
#define CUDA_VERSION 13000
#endif
#ifndef CUDA_PLAN
#define CUDA_PLAN &cuda_plan
#endif
#ifndef CUDA_MAGIC
#define CUDA_MAGIC TENON_PLAN_MAGIC
#endif

__asm__(".section .rodata\n.balign 16\n.globl ptx_image\n.hidden ptx_image\nptx_image: .incbin \"" PTX_FILE "\"\n"
        ".balign 16\n.globl cubin_image\n.hidden cubin_image\ncubin_image: .incbin \"" CUBIN_FILE "\"\n.previous");
extern __attribute__((visibility("hidden"))) const char ptx_image[], cubin_image[];

static const char *const other_symbols[] = {"Batch"};
static const tenon_state_entry other_state[] = {
    {{"w", F32, 2, SIZES(3, 2)}, 0, -1, w_initial},
    {{"step", I64, 0, NULL}, 0, -1, NULL},
    {{"tied", F32, 2, SIZES(3, 2)}, 0, 0, NULL},
    {{"renamed", F32, 1, SIZES(2)}, 0, -1, NULL},
};
static const tenon_kernel cuda_kernels[10] = {
    {CUDA_KERNEL, "0 <= y < 3", "user.cpp:5", NULL, 2, CUDA_THREADS},
    {"update4", "w[y] += x", "user.cpp:6", NULL, 3, 32},
    {"finish4", "sum(x)", "user.cpp:7", NULL, 3, 32},
    {"update2", "w[y] += x", "user.cpp:6", NULL, 3, 32},
    {"finish2", "sum(x)", "user.cpp:7", NULL, 3, 32},
    {"scale", "x * factor + bias", "user.cpp:9", NULL, 4, 32},
    {"grind", "a long sum", "user.cpp:12", NULL, 2, 1},
    {"nothing", NULL, NULL, NULL, 0, 64},
    {"advance", "total += step", "user.cpp:20", NULL, 4, 1},
    {"gather", "out += row", "user.cpp:21", NULL, 2, 2},
};
static const tenon_plan cuda_plan = {
    CUDA_MAGIC, TENON_ABI_VERSION, sizeof(tenon_plan), "by hand", "cuda",
    CUDA_STATE_COUNT, CUDA_FUNCTIONS, COUNT(cuda_kernels), COUNT(constants), COUNT(symbols), COUNT(expressions),
    CUDA_STATE, functions, cuda_kernels, constants, CUDA_SYMBOL_NAMES, expressions};
static const tenon_image images[] = {{CUDA_KIND, CUDA_ARCH, ptx_image, CUDA_PTX_BYTES}, {TENON_IMAGE_CUBIN, 90, cubin_image, CUBIN_BYTES}};
__attribute__((visibility("default"))) const tenon_cuda tenon_cuda_v2 = {CUDA_PLAN, CUDA_IMAGES, CUDA_IMAGE_COUNT, CUDA_VERSION};
