/* A program in C, as a user would write it: loads, trains twice, saves, prints. */
#include <stdio.h>
#include <tenon.h>

int main(int argc, char **argv) {
  tenon_model *model = NULL;
  tenon_state *state = NULL;
  tenon_context *context = NULL;
  float x[] = {1, 2, 3, 4, 5, 6, 7, 8}, loss = 0, w[6];
  int64_t y[] = {0, 1, 2, 2}, x_shape[] = {4, 2}, y_shape[] = {4};
  tenon_array in[] = {{x, TENON_FLOAT32, 2, x_shape}, {y, TENON_INT64, 1, y_shape}}, out[] = {{&loss, TENON_FLOAT32, 0, NULL}};
  tenon_status status = argc != 3 ? TENON_ERROR_ARGUMENT : TENON_OK;
  if (status == TENON_OK) status = tenon_model_load(argv[1], &model);
  if (status == TENON_OK) status = tenon_state_create(model, &state);
  if (status == TENON_OK) status = tenon_context_create(model, NULL, &context);
  for (int i = 0; i < 2 && status == TENON_OK; ++i)
    status = tenon_call(context, state, "train", in, 2, out, 1);
  if (status == TENON_OK) status = tenon_state_get(state, "w", w, sizeof w);
  if (status == TENON_OK) status = tenon_state_save(state, argv[2]);
  if (status == TENON_OK)
    printf("loss %g, w[2][1] %g\n", loss, w[5]);
  else
    fprintf(stderr, "%s\n", tenon_last_error());
  tenon_context_free(context);
  tenon_state_free(state);
  tenon_model_free(model);
  return status;
}
