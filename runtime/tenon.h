/* Tenon's runtime for C: load an artifact, own its state, run its functions. Needs no compiler and no framework.
 *
 *   tenon_model *model; tenon_state *state; tenon_context *context;
 *   if (tenon_model_load("mlp.so", &model) || tenon_state_create(model, &state) || tenon_context_create(model, NULL, &context))
 *     return fprintf(stderr, "%s\n", tenon_last_error()), 1;
 *   int64_t xs[] = {64, 784}, ys[] = {64};
 *   tenon_array in[] = {{x, TENON_FLOAT32, 2, xs}, {y, TENON_INT64, 1, ys}}, out[] = {{&loss, TENON_FLOAT32, 0, NULL}};
 *   if (tenon_call(context, state, "train_step", in, 2, out, 1)) ...
 *
 * A MODEL is an opened artifact: read-only, shared by everybody. A STATE is one training or deployment: the values of the
 * model's named tensors. A CONTEXT is what it takes to run: scratch memory, threads, resolved arguments.
 * Threads: a model may be used from anywhere; a context runs one call at a time; several contexts may run at once on one state
 * as long as the functions they run do not write it, and nobody sets, loads or binds that state meanwhile.
 * Tensors are row-major and contiguous. Sizes are in elements, `bytes` in bytes, times in nanoseconds.
 * Every function that can fail returns a tenon_status; the sentence that explains it is tenon_last_error().
 * A failed call changes nothing, except where its comment says otherwise. NULL is accepted by the _free functions.
 *
 * An artifact is code: load only what you trust. The checks made before it is opened catch damage and mistakes, not malice.
 */
#ifndef TENON_RUNTIME_TENON_H
#define TENON_RUNTIME_TENON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TENON_API __attribute__((visibility("default")))
#else
#define TENON_API
#endif

#define TENON_RANK_LIMIT 16

typedef enum {
  TENON_OK = 0,
  TENON_ERROR_ARGUMENT = 1, /* what the caller passed: unknown name, wrong dtype, rank, shape, size, NULL */
  TENON_ERROR_FILE = 2,     /* the system refused: cannot open, read, write, rename; disk full */
  TENON_ERROR_FORMAT = 3,   /* the file's contents are damaged or foreign */
  TENON_ERROR_VERSION = 4,  /* the artifact is for another version of the runtime */
  TENON_ERROR_DEVICE = 5,   /* the artifact is for another processor, or needs features that this one lacks; no GPU or driver; the GPU failed */
  TENON_ERROR_CHECK = 6,    /* data failed a check inside the function (a label out of range): the state is untouched */
  TENON_ERROR_MEMORY = 7,   /* out of memory */
  TENON_ERROR_BUSY = 8      /* the context is running another call */
} tenon_status;

/* Element types: DLPack's code << 8 | bits. Booleans are one byte, 0 or 1. */
typedef enum {
  TENON_INT8 = 0x0008, TENON_INT16 = 0x0010, TENON_INT32 = 0x0020, TENON_INT64 = 0x0040,
  TENON_UINT8 = 0x0108, TENON_UINT16 = 0x0110, TENON_UINT32 = 0x0120, TENON_UINT64 = 0x0140,
  TENON_FLOAT16 = 0x0210, TENON_FLOAT32 = 0x0220, TENON_FLOAT64 = 0x0240,
  TENON_BFLOAT16 = 0x0410, TENON_BOOL = 0x0608
} tenon_type;

typedef struct tenon_model tenon_model;
typedef struct tenon_state tenon_state;
typedef struct tenon_context tenon_context;

/* A tensor in the caller's memory, bound without a copy. Inputs are only read. `shape` may be NULL where rank is 0. */
typedef struct {
  void *data;
  tenon_type type;
  uint32_t rank;
  const int64_t *shape;
} tenon_array;

/* ---- errors ---- */

/* The last failure of this thread, one full sentence; "" if there was none. Valid until the thread's next failure. */
TENON_API const char *tenon_last_error(void);
/* "0.1.0": the runtime's own version. */
TENON_API const char *tenon_version(void);
/* "float32", or "unknown". */
TENON_API const char *tenon_type_name(tenon_type type);
/* Bytes of an element; 0 for an unknown type. */
TENON_API size_t tenon_type_bytes(tenon_type type);

/* ---- model ---- */

/* Reads the artifact, checks its trailer (magic, version, length, digest, processor) before opening a private copy of exactly
 * those bytes, then every number in its plan. Errors: FILE, FORMAT, VERSION, DEVICE, MEMORY. */
TENON_API tenon_status tenon_model_load(const char *path, tenon_model **model);
/* Models are counted: a state or context keeps its model alive. */
TENON_API void tenon_model_free(tenon_model *model);

/* ---- describe (all pointers live as long as the model) ---- */

typedef struct {
  const char *compiler, *target; /* "tenon 0.1.0, LLVM 22.1.8"; "x86_64 znver4 avx512" */
  uint32_t functions, states, kernels; /* counts; functions counts each shape variant */
  uint64_t file_bytes, state_bytes, constant_bytes;
} tenon_model_info;
TENON_API tenon_status tenon_model_describe(const tenon_model *model, tenon_model_info *info);

/* A tensor's name, type and shape. shape[d] is -1 where the size is symbolic; `text` then has its name: "float32[batch,784]". */
typedef struct {
  const char *name;
  const char *text;
  tenon_type type;
  uint32_t rank;
  int64_t shape[TENON_RANK_LIMIT];
  int64_t bytes; /* -1: symbolic */
} tenon_tensor_info;

/* Function number `function`: one variant by shape of the name it carries. */
typedef struct {
  const char *name;
  const char *text; /* "train_step(x float32[64,784], y int64[64]) -> (loss float32[])" */
  uint32_t inputs, outputs, launches, calls; /* calls: kernels run; launches: groups of calls run at once */
  int64_t arena_bytes; /* scratch memory; -1: symbolic */
} tenon_function_info;
TENON_API tenon_status tenon_function_describe(const tenon_model *model, uint32_t function, tenon_function_info *info);
TENON_API tenon_status tenon_input_describe(const tenon_model *model, uint32_t function, uint32_t input, tenon_tensor_info *info);
TENON_API tenon_status tenon_output_describe(const tenon_model *model, uint32_t function, uint32_t output, tenon_tensor_info *info);

/* State entry number `entry`. panel: 0, or the rows per panel in which it is stored inside. alias: -1, or the entry that owns
 * the storage (tied weights). */
typedef struct {
  tenon_tensor_info tensor;
  int32_t panel, alias;
} tenon_state_info;
TENON_API tenon_status tenon_state_describe(const tenon_model *model, uint32_t entry, tenon_state_info *info);

/* Call number `call` of a function: a kernel over its grid. `locations` are the user's lines, "train.cpp:12;train.cpp:13". */
typedef struct {
  const char *kernel, *source, *locations;
  uint32_t kernel_number, launch;
  int64_t blocks; /* -1: symbolic */
  int64_t work;   /* the compiler's estimate, nanoseconds on one core */
} tenon_call_info;
TENON_API tenon_status tenon_call_describe(const tenon_model *model, uint32_t function, uint32_t call, tenon_call_info *info);

/* The first function of this name; ARGUMENT lists the names there are. */
TENON_API tenon_status tenon_function_find(const tenon_model *model, const char *name, uint32_t *function);
/* The variant of this name that takes inputs of these types and shapes (data is not looked at); ARGUMENT lists the variants. */
TENON_API tenon_status tenon_function_match(const tenon_model *model, const char *name, const tenon_array *inputs, size_t n_inputs, uint32_t *function);
/* Output `output` of `function` for these inputs, symbolic sizes resolved. */
TENON_API tenon_status tenon_output_resolve(const tenon_model *model, uint32_t function, const tenon_array *inputs, size_t n_inputs, uint32_t output, tenon_tensor_info *info);
/* The state entry of this name. */
TENON_API tenon_status tenon_state_find(const tenon_model *model, const char *name, uint32_t *entry);

/* ---- devices: 0 is the CPU, 1 + n is CUDA GPU number n ---- */

/* How many CUDA GPUs there are; DEVICE says why there is no driver. */
TENON_API tenon_status tenon_gpu_count(uint32_t *count);
typedef struct {
  char name[100];  /* "NVIDIA H200" */
  uint32_t arch;   /* 90: compute capability 9.0; 0 for the CPU */
  uint32_t driver; /* the CUDA that its driver supports: 13000 is 13.0; 0 for the CPU */
  uint64_t memory_bytes, free_bytes; /* of a GPU */
} tenon_device_info;
TENON_API tenon_status tenon_device_describe(uint32_t device, tenon_device_info *info);
/* Memory on a device, aligned to 64 bytes at least, for tensors of the caller's: to bind to a state, to give as inputs and outputs. MEMORY says what is
 * needed and what is free. */
TENON_API tenon_status tenon_device_allocate(uint32_t device, size_t bytes, void **memory);
TENON_API tenon_status tenon_device_release(uint32_t device, void *memory);
/* Copies between the host and a device, or on one device; the bytes have arrived when it returns. */
TENON_API tenon_status tenon_device_copy(uint32_t to_device, void *to, uint32_t from_device, const void *from, size_t bytes);

/* The artifact's code for GPUs: image number `image` of tenon_image_count(). */
typedef struct {
  const char *kind; /* "cubin": runs on GPUs of its architecture's major version; "ptx": the driver compiles it for this GPU or a newer one */
  char name[24];    /* "sm_90a", "compute_80" */
  uint64_t bytes;
  uint32_t cuda; /* the CUDA that made it: 13000 is 13.0; 0: unknown */
} tenon_image_info;
TENON_API uint32_t tenon_image_count(const tenon_model *model);
TENON_API tenon_status tenon_image_describe(const tenon_model *model, uint32_t image, tenon_image_info *info);

/* ---- state ---- */

/* All entries at their initial values (zeros where the artifact has none). */
TENON_API tenon_status tenon_state_create(tenon_model *model, tenon_state **state);
/* The same in the memory of a device. It is for contexts on that device; getting, setting, saving and loading copy. Errors: DEVICE (no such device,
 * no driver, no code for it), MEMORY (with what is needed and what is free). */
TENON_API tenon_status tenon_state_create_on(tenon_model *model, uint32_t device, tenon_state **state);
TENON_API void tenon_state_free(tenon_state *state);
/* Copy one entry out or in, as the row-major tensor of its description; `bytes` must be that tensor's size. */
TENON_API tenon_status tenon_state_get(const tenon_state *state, const char *name, void *data, size_t bytes);
TENON_API tenon_status tenon_state_set(tenon_state *state, const char *name, const void *data, size_t bytes);
/* Let an entry live in the caller's memory: 64-byte aligned, as large as the tensor, alive as long as the state. Values are
 * not copied. Only for entries with panel 0. NULL returns to the state's own memory. An alias binds the entry it stands for.
 * The memory of a state on a GPU is that GPU's. */
TENON_API tenon_status tenon_state_bind(tenon_state *state, uint32_t entry, void *data);
/* Where an entry lives now, on the state's device; NULL for one stored in panels or out of range. */
TENON_API void *tenon_state_data(tenon_state *state, uint32_t entry);
/* Everything, as safetensors. Saving replaces `path` atomically (a temporary file beside it, synced, renamed). Loading needs
 * exactly the model's entries with their types and shapes (an alias may be absent; one that is present must have its owner's
 * values); the state changes only if all is well. Errors: FILE, FORMAT (not safetensors), ARGUMENT (other names, types, shapes). */
TENON_API tenon_status tenon_state_save(const tenon_state *state, const char *path);
TENON_API tenon_status tenon_state_load(tenon_state *state, const char *path);

/* ---- run ---- */

/* All zero: the defaults. */
typedef struct {
  uint32_t threads; /* 0: $TENON_NUM_THREADS, else the cores that this process may use, at most 16. Results never depend on it */
  uint32_t profile; /* nonzero: time every call (kernels of one launch then run one after the other) */
  uint32_t device;  /* 0: the CPU, 1 + n: CUDA GPU n */
  uint32_t reserved[5];
} tenon_options;
TENON_API tenon_status tenon_context_create(tenon_model *model, const tenon_options *options, tenon_context **context);
TENON_API void tenon_context_free(tenon_context *context);
TENON_API uint32_t tenon_context_threads(const tenon_context *context);

/* The checked call: picks the variant of `name` by the inputs' shapes. ARGUMENT says what was expected, what came and which
 * shapes there are; CHECK carries the user's line. `state` may be NULL for a model without state.
 * After a failed CHECK the outputs' contents are undefined.
 * On a GPU inputs and outputs may be in the host's memory or in the GPU's; what writes inputs there must be complete, and the call returns when the
 * outputs are there. Where the GPU fails in the middle of a call (DEVICE), the state on it is lost, and using it says so; where its inputs cannot be
 * copied, nothing has happened. */
TENON_API tenon_status tenon_call(tenon_context *context, tenon_state *state, const char *name, const tenon_array *inputs, size_t n_inputs, tenon_array *outputs, size_t n_outputs);

/* The fast path: the raw pointers of the inputs and outputs of function number `function`, in order; only NULL is checked.
 * Memory must be aligned to its element type; outputs overlap nothing. Not for symbolic sizes before tenon_context_bind. */
TENON_API tenon_status tenon_run(tenon_context *context, tenon_state *state, uint32_t function, const void *const *inputs, void *const *outputs);
/* For a function with symbolic sizes: fixes them to those of these inputs for the tenon_run that follow. */
TENON_API tenon_status tenon_context_bind(tenon_context *context, uint32_t function, const tenon_array *inputs, size_t n_inputs);

/* Begins to copy the inputs of a later tenon_run to the context's GPU and returns: the run of this function with these pointers takes them from there, so
 * that the next batch travels while this one is computed (prefetch(b), run(a), prefetch(a), run(b), ...). What they point to must stay as it is until that
 * run has returned; a run of the function that fails forgets what was sent ahead for it. Two batches can be ahead; a third takes the place of the
 * first. On a CPU it does nothing. */
TENON_API tenon_status tenon_prefetch(tenon_context *context, uint32_t function, const void *const *inputs);

/* ---- profile ---- */

/* One command of one function since the context was created: a kernel call ("matmul_bias_relu"), or "copy", "fill", "check". */
typedef struct {
  uint32_t function;
  const char *name, *source, *locations; /* never NULL */
  uint64_t count, nanoseconds;           /* runs, their total time */
} tenon_profile;
TENON_API size_t tenon_profile_count(const tenon_context *context); /* 0 unless the context was created with profile */
TENON_API tenon_status tenon_profile_get(const tenon_context *context, size_t row, tenon_profile *profile);
/* Whole runs of one function: how many, and their total time. */
TENON_API tenon_status tenon_profile_function(const tenon_context *context, uint32_t function, uint64_t *count, uint64_t *nanoseconds);

/* ---- safetensors files ---- */

typedef struct {
  const char *name;
  tenon_array array;
} tenon_named_array;
typedef struct tenon_file tenon_file;
/* Reads and checks the whole file: header, names, offsets (no holes, no overlap), lengths. Errors: FILE, FORMAT, MEMORY. */
TENON_API tenon_status tenon_file_read(const char *path, tenon_file **file);
TENON_API void tenon_file_free(tenon_file *file);
TENON_API size_t tenon_file_count(const tenon_file *file);
/* Tensor number `i`, in the order of the file's header; NULL if out of range. Its data is 64-byte aligned. */
TENON_API const tenon_named_array *tenon_file_get(const tenon_file *file, size_t i);
/* Writes named tensors, replacing `path` atomically. */
TENON_API tenon_status tenon_file_write(const char *path, const tenon_named_array *arrays, size_t count);

#ifdef __cplusplus
}
#endif
#endif
