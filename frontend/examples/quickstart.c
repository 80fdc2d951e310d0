/* Trains on, from C alone: loads the artifact that quickstart.cpp saved (its state starts where that program ended),
 * trains one more epoch of Fashion-MNIST, saves the state as safetensors and prints the accuracy. Needs libtenon_runtime:
 * no compiler, no C++, no framework.
 *
 *   cc quickstart.c -ltenon_runtime && ./a.out mlp.so FOLDER-OF-IDX-FILES mlp.safetensors
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tenon.h>

enum { PIXELS = 784, BATCH = 64 };

typedef struct {
  int64_t count;
  float *images;   /* [count, 784] in [0, 1] */
  int64_t *labels; /* [count] */
} dataset;

static void fail(const char *what) {
  fprintf(stderr, "quickstart: %s\n", what);
  exit(1);
}

static void must(tenon_status status) {
  if (status != TENON_OK)
    fail(tenon_last_error());
}

/* The bytes of an idx file behind its header of `header` bytes; *count is its first dimension. */
static unsigned char *read_idx(const char *folder, const char *name, size_t header, size_t bytes_each, int64_t *count) {
  char path[4096];
  unsigned char head[16], *bytes = NULL;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file || fread(head, 1, header, file) != header)
    fail(path);
  *count = (int64_t)head[4] << 24 | head[5] << 16 | head[6] << 8 | head[7];
  if (!(bytes = malloc(*count * bytes_each)) || fread(bytes, bytes_each, *count, file) != (size_t)*count)
    fail(path);
  fclose(file);
  return bytes;
}

static dataset read_dataset(const char *folder, const char *images, const char *labels) {
  dataset d;
  unsigned char *pixels = read_idx(folder, images, 16, PIXELS, &d.count), *digits = read_idx(folder, labels, 8, 1, &d.count);
  d.images = malloc(d.count * PIXELS * sizeof *d.images);
  d.labels = malloc(d.count * sizeof *d.labels);
  if (!d.images || !d.labels)
    fail("out of memory");
  for (int64_t i = 0; i < d.count * PIXELS; ++i)
    d.images[i] = pixels[i] / 255.0f;
  for (int64_t i = 0; i < d.count; ++i)
    d.labels[i] = digits[i];
  free(pixels);
  free(digits);
  return d;
}

int main(int argc, char **argv) {
  if (argc != 4)
    fail("usage: quickstart ARTIFACT FOLDER STATE");
  tenon_model *model;
  tenon_state *state;
  tenon_context *context;
  must(tenon_model_load(argv[1], &model));
  must(tenon_state_create(model, &state));
  must(tenon_context_create(model, NULL, &context));

  dataset train = read_dataset(argv[2], "train-images-idx3-ubyte", "train-labels-idx1-ubyte");
  dataset test = read_dataset(argv[2], "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");

  int64_t *order = malloc(train.count * sizeof *order), y[BATCH];
  static float x[BATCH * PIXELS];
  double total = 0;
  if (!order)
    fail("out of memory");
  srand(1);
  for (int64_t i = 0; i < train.count; ++i) { /* a random order */
    int64_t j = rand() % (i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  for (int64_t first = 0; first < train.count; first += BATCH) { /* the last batch is smaller: another variant of train_step */
    int64_t n = train.count - first < BATCH ? train.count - first : BATCH, x_shape[] = {n, PIXELS};
    for (int64_t i = 0; i < n; ++i) {
      memcpy(x + i * PIXELS, train.images + order[first + i] * PIXELS, PIXELS * sizeof *x);
      y[i] = train.labels[order[first + i]];
    }
    float loss;
    tenon_array in[] = {{x, TENON_FLOAT32, 2, x_shape}, {y, TENON_INT64, 1, &n}}, out[] = {{&loss, TENON_FLOAT32, 0, NULL}};
    must(tenon_call(context, state, "train_step", in, 2, out, 1));
    total += loss * n;
  }
  printf("one more epoch in C: loss %.4f\n", total / train.count);
  must(tenon_state_save(state, argv[3]));

  int64_t correct = 0, chunk = 1000, x_shape[] = {chunk, PIXELS};
  for (int64_t first = 0; first < test.count; first += chunk) {
    int64_t hits;
    tenon_array in[] = {{test.images + first * PIXELS, TENON_FLOAT32, 2, x_shape}, {test.labels + first, TENON_INT64, 1, &chunk}};
    tenon_array out[] = {{&hits, TENON_INT64, 0, NULL}};
    must(tenon_call(context, state, "evaluate", in, 2, out, 1));
    correct += hits;
  }
  tenon_context_free(context);
  tenon_state_free(state);
  tenon_model_free(model);
  printf("test accuracy %.4f\n", (double)correct / test.count);
  return 0;
}
