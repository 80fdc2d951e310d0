/* Runs one training step of an artifact with the installed runtime: consumer ARTIFACT. */
#include <stdio.h>
#include <tenon.h>

int main(int argc, char **argv) {
  tenon_model *model = NULL;
  tenon_state *state = NULL;
  tenon_context *context = NULL;
  float x[16 * 4], y[16], loss = -1;
  int64_t x_shape[] = {16, 4}, y_shape[] = {16, 1};
  tenon_array in[] = {{x, TENON_FLOAT32, 2, x_shape}, {y, TENON_FLOAT32, 2, y_shape}}, out[] = {{&loss, TENON_FLOAT32, 0, NULL}};
  for (int i = 0; i < 16; ++i) {
    y[i] = 0;
    for (int j = 0; j < 4; ++j)
      y[i] += x[i * 4 + j] = (float)(i * 5 + j * 3 % 7) / 80 - 0.5f;
  }
  if (argc != 2 || tenon_model_load(argv[1], &model) || tenon_state_create(model, &state) || tenon_context_create(model, NULL, &context) ||
      tenon_call(context, state, "train_step", in, 2, out, 1)) {
    fprintf(stderr, "%s\n", tenon_last_error());
    return 1;
  }
  tenon_context_free(context);
  tenon_state_free(state);
  tenon_model_free(model);
  printf("loss %g\n", loss);
  return loss >= 0 && loss < 0.01f ? 0 : 1; /* it was fitted to such sums */
}
