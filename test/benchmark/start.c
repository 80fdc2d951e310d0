/* From process start to the first finished step, in C: start ARTIFACT runs train_step once on zeros and prints what the artifact
 * is made of, as one JSON line. */
#include <stdio.h>
#include <stdlib.h>
#include <tenon.h>

static void must(tenon_status status) {
  if (status != TENON_OK) {
    fprintf(stderr, "%s\n", tenon_last_error());
    exit(1);
  }
}

int main(int argc, char **argv) {
  tenon_model *model;
  tenon_state *state;
  tenon_context *context;
  tenon_model_info info;
  tenon_function_info function;
  tenon_tensor_info tensor;
  uint32_t number;
  void *inputs[8], *outputs[8];
  if (argc != 2)
    return 2;
  must(tenon_model_load(argv[1], &model));
  must(tenon_state_create(model, &state));
  must(tenon_context_create(model, NULL, &context));
  must(tenon_model_describe(model, &info));
  must(tenon_function_find(model, "train_step", &number));
  must(tenon_function_describe(model, number, &function));
  for (uint32_t i = 0; i < function.inputs && i < 8; ++i) {
    must(tenon_input_describe(model, number, i, &tensor));
    inputs[i] = aligned_alloc(64, (tensor.bytes + 63) / 64 * 64);
    for (int64_t b = 0; b < tensor.bytes; ++b)
      ((char *)inputs[i])[b] = 0;
  }
  for (uint32_t i = 0; i < function.outputs && i < 8; ++i) {
    must(tenon_output_describe(model, number, i, &tensor));
    outputs[i] = aligned_alloc(64, (tensor.bytes + 63) / 64 * 64);
  }
  must(tenon_run(context, state, number, (const void *const *)inputs, outputs));
  printf("{\"calls\": %u, \"launches\": %u, \"kernels\": %u, \"file_bytes\": %llu, \"state_bytes\": %llu, \"arena_bytes\": %lld}\n", function.calls,
         function.launches, info.kernels, (unsigned long long)info.file_bytes, (unsigned long long)info.state_bytes, (long long)function.arena_bytes);
  return 0;
}
