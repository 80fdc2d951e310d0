/* A plan by hand, as the compiler would write it, small enough to check with a pencil. Compiled at test time to the artifact of the tests.
 * The numbers that the tests of bad plans change come from the command line (artifact.cpp has their names and good values). */
#include "runtime/abi.h"
#include <math.h>
#include <stddef.h>

#define SIZES(...) (const tenon_size[]){__VA_ARGS__}
#define COUNT(table) (sizeof(table) / sizeof *(table))
#define F32 {TENON_KIND_FLOAT, 32, 1}
#define I64 {TENON_KIND_INT, 64, 1}

/* ---- kernels ---- */

/* flags[i] = 0 <= y[i] < 3; blocks are examples */
static void check_labels(void *const *a, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i)
    ((char *)a[1])[i] = ((const int64_t *)a[0])[i] >= 0 && ((const int64_t *)a[0])[i] < 3;
}
/* w [3][2] in panels of 2 rows, [2][2][2]: row r of w grows by the sum of the examples of label r; blocks are rows of w */
static void update(void *const *a, int64_t begin, int64_t end, int64_t examples) {
  const float *x = a[0];
  const int64_t *y = a[1];
  float *w = a[2];
  for (int64_t r = begin; r < end; ++r)
    for (int64_t c = 0; c < 2; ++c)
      for (int64_t i = 0; i < examples; ++i)
        if (y[i] == r)
          w[(r / 2) * 4 + c * 2 + r % 2] += x[i * 2 + c];
}
static void update4(void *const *a, int64_t begin, int64_t end) { update(a, begin, end, 4); }
static void update2(void *const *a, int64_t begin, int64_t end) { update(a, begin, end, 2); }
/* loss = sum of x, step = step + 1 */
static void finish(void *const *a, int64_t examples) {
  float sum = 0;
  for (int64_t i = 0; i < 2 * examples; ++i)
    sum += ((const float *)a[0])[i];
  *(float *)a[1] = fmodf(sum, 1e30f); /* from libm, to which the artifact is not linked */
  ++*(int64_t *)a[2];
}
static void finish4(void *const *a, int64_t begin, int64_t end) { (void)begin, (void)end, finish(a, 4); }
static void finish2(void *const *a, int64_t begin, int64_t end) { (void)begin, (void)end, finish(a, 2); }
/* out = copy * factor + bias, a block is a row of 2 */
static void scale(void *const *a, int64_t begin, int64_t end) {
  for (int64_t i = begin * 2; i < end * 2; ++i)
    ((float *)a[3])[i] = ((const float *)a[0])[i] * *(const float *)a[1] + ((const float *)a[2])[i % 2];
}
/* out[b] = a long sum that depends on b: work for threads; 64 blocks */
static void grind(void *const *a, int64_t begin, int64_t end) {
  for (int64_t b = begin; b < end; ++b) {
    double x = b + *(const double *)a[0];
    for (int i = 0; i < 3000; ++i)
      x = x * 0.999 + 1.0 / (x + i + 1);
    ((double *)a[1])[b] = x;
  }
}
/* total += *step; more = total < limit; even = total is even */
static void advance(void *const *a, int64_t begin, int64_t end) {
  int64_t *total = a[0];
  (void)begin, (void)end;
  *total += *(const int64_t *)a[1];
  ((char *)a[3])[0] = *total < *(const int64_t *)a[2];
  ((char *)a[3])[1] = *total % 2 == 0;
}
/* out[i] += row[i] for the rows' 2 elements */
static void gather(void *const *a, int64_t begin, int64_t end) {
  (void)begin, (void)end;
  for (int64_t i = 0; i < 2; ++i)
    ((int64_t *)a[1])[i] += ((const int64_t *)a[0])[i];
}
static void nothing(void *const *a, int64_t begin, int64_t end) { (void)a, (void)begin, (void)end; }

extern const tenon_plan PLAN_SYMBOL;
static const tenon_kernel kernels[] = {
    {KERNEL_NAME, "0 <= y < 3", "user.cpp:5", KERNEL_CODE, 2, 0},
    {"update", "w[y] += x", "user.cpp:6", update4, 3, 0},
    {"finish", "sum(x)", "user.cpp:7", finish4, 3, 0},
    {"update", "w[y] += x", "user.cpp:6", update2, 3, 0},
    {"finish", "sum(x)", "user.cpp:7", finish2, 3, 0},
    {"scale", "x * factor + bias", "user.cpp:9", scale, 4, 0},
    {"grind", "a long sum", "user.cpp:12", grind, 2, 0},
    {"nothing", NULL, NULL, nothing, 0, 0},
    {"advance", "total += step", "user.cpp:20", advance, 4, 0},
    {"gather", "out += row", "user.cpp:21", gather, 2, 0},
};

/* ---- state, constants, expressions ---- */

static const float w_initial[6] = {1, 2, 3, 4, 5, 6};
static const tenon_state_entry state[] = {
    {{"w", F32, 2, SIZES(3, 2)}, STATE_PANEL, -1, w_initial},
    {{"step", I64, 0, NULL}, 0, -1, NULL},
    {{"tied", F32, 2, SIZES(STATE_SIZE, 2)}, 0, STATE_ALIAS, NULL},
    {{STATE_NAME, {TENON_KIND_FLOAT, STATE_BITS, 1}, STATE_RANK, STATE_SHAPE}, 0, -1, STATE_INITIAL},
};
static const float factor = 10;
static const tenon_constant constants[] = {{&factor, CONSTANT_BYTES}};
static const char *const symbols[] = {"batch"};
#define BATCH (-1)
#define BATCH_BYTES (-2)
static const tenon_expr expressions[] = {
    {TENON_EXPR_SYMBOL, 0, 0, 0},
    {EXPRESSION_OPERATION, 0, EXPRESSION_OPERAND, 8},
};

/* ---- functions ---- */

enum { INPUT = TENON_SPACE_INPUT, OUTPUT = TENON_SPACE_OUTPUT, STATE = TENON_SPACE_STATE, ARENA = TENON_SPACE_ARENA, CONSTANT = TENON_SPACE_CONSTANT };

#define TRAIN(N, UPDATE, FINISH)                                                                                                           \
  static const tenon_tensor train##N##_inputs[] = {{"x", F32, 2, SIZES(N, 2)}, {"y", I64, 1, SIZES(N)}};                                   \
  static const tenon_argument train##N##_arguments[] = {{INPUT, 1, 0}, {ARENA, 0, 64}, {INPUT, 0, 0}, {INPUT, 1, 0}, {STATE, 2, 0},        \
                                                        {INPUT, 0, 0}, {OUTPUT, 0, 0}, {STATE, 1, 0}};                                     \
  static const tenon_grid train##N##_calls[] = {{0, 0, N, 100, NULL}, {UPDATE, 2, 3, 100, "user.cpp:16"}, {FINISH, 5, 1, 50, NULL}};       \
  static const tenon_command train##N##_commands[] = {{TENON_COMMAND_LAUNCH, 0, 1, 0, 0, 0, 0, NULL, NULL},                                      \
                                                      {TENON_COMMAND_CHECK, 1, 0, 0, 0, 0, N, "labels: expected 0 to 2", "user.cpp:5"},          \
                                                      {TENON_COMMAND_LAUNCH, 1, 2, 0, 0, 0, 0, NULL, NULL}};
static const tenon_tensor loss[] = {{"loss", F32, 0, NULL}};
TRAIN(4, 1, 2)
TRAIN(2, 3, 4)

static const tenon_tensor scale_inputs[] = {{"x", F32, 2, SIZES(BATCH, 2)}}, scale_outputs[] = {{"out", F32, 2, SIZES(BATCH, 2)}};
static const tenon_argument scale_arguments[] = {{ARENA, 0, 0}, {INPUT, 0, 0}, {ARENA, 0, 0}, {ARGUMENT_SPACE, ARGUMENT_INDEX, 0}, {STATE, 3, 0}, {OUTPUT, 0, 0}};
static const tenon_grid scale_calls[] = {{CALL_KERNEL, CALL_ARGUMENT, BATCH, 10, NULL}};
static const tenon_command scale_commands[] = {{TENON_COMMAND_COPY, 0, 0, 0, 0, 0, BATCH_BYTES, NULL, NULL}, {TENON_COMMAND_LAUNCH, 0, 1, 0, 0, 0, 0, NULL, NULL}};

static const tenon_tensor ones_outputs[] = {{"ones", F32, 1, SIZES(5)}, {"bytes", {TENON_KIND_BOOL, 8, 1}, 1, SIZES(7)}};
static const tenon_argument ones_arguments[] = {{OUTPUT, 0, ARGUMENT_OFFSET}, {OUTPUT, 1, 0}};
static const tenon_command ones_commands[] = {{COMMAND_KIND, COMMAND_FIRST, 0x3f800000, 0, 0, 0, COMMAND_BYTES, NULL, NULL}, {TENON_COMMAND_FILL, 1, 0x01010101, 0, 0, 0, 7, NULL, NULL}};

static const tenon_tensor grind_inputs[] = {{"start", {TENON_KIND_FLOAT, 64, 1}, 0, NULL}}, grind_outputs[] = {{"sums", {TENON_KIND_FLOAT, 64, 1}, 1, SIZES(150)}};
static const tenon_argument grind_arguments[] = {{INPUT, 0, 0}, {OUTPUT, 0, 0}, {INPUT, 0, 0}, {OUTPUT, 0, 64 * 8}, {INPUT, 0, 0}, {OUTPUT, 0, 128 * 8}};
static const tenon_grid grind_calls[] = {{6, 0, 64, 400000, NULL}, {6, 2, 64, 400000, NULL}, {6, 4, 22, 140000, NULL}};
static const tenon_command grind_commands[] = {{TENON_COMMAND_LAUNCH, 0, LAUNCH_COUNT, 0, 0, 0, 0, NULL, NULL}};

static const tenon_grid nothing_calls[] = {{7, 0, 4, 100, NULL}, {7, 0, 4, 100, NULL}, {7, 0, 4, 100, NULL}};
static const tenon_argument nothing_arguments[] = {{INPUT, 0, 0}, {INPUT, 1, 0}, {OUTPUT, 0, 0}};
static const tenon_command nothing_commands[] = {{TENON_COMMAND_LAUNCH, 0, 1, 0, 0, 0, 0, NULL, NULL}, {TENON_COMMAND_LAUNCH, 1, 1, 0, 0, 0, 0, NULL, NULL}, {TENON_COMMAND_LAUNCH, 2, 1, 0, 0, 0, 0, NULL, NULL}};

/* turned[4 - t] = x[t], five times; sums of the rows [5][3][2] of a deeper stack by a loop inside a loop */
static const tenon_tensor turn_inputs[] = {{"x", I64, 2, SIZES(5, 2)}, {"deep", I64, 3, SIZES(5, 3, 2)}}, turn_outputs[] = {{"turned", I64, 2, SIZES(5, 2)}, {"sums", I64, 2, SIZES(5, 2)}};
static const tenon_argument turn_arguments[] = {{OUTPUT, 0, 64}, {INPUT, 0, 0}, {OUTPUT, 1, 0}, {INPUT, 1, 0}, {OUTPUT, 1, 0}};
static const tenon_grid turn_calls[] = {{9, 3, 1, 10, NULL}};
static const tenon_command turn_commands[] = {{TENON_COMMAND_LOOP, TENON_NO_ARGUMENT, LOOP_COUNT, LOOP_OTHERS, 0, LOOP_MOVES, LOOP_PASSES, NULL, NULL},
                                              {TENON_COMMAND_COPY, 0, 0, 0, 0, 0, 16, NULL, NULL},
                                              {TENON_COMMAND_FILL, 2, 0, 0, 0, 0, 16, NULL, NULL},
                                              {TENON_COMMAND_LOOP, TENON_NO_ARGUMENT, INNER_COUNT, 0, 5, 1, 3, NULL, NULL},
                                              {TENON_COMMAND_LAUNCH, 0, 1, 0, 0, 0, 0, NULL, NULL}};
static const tenon_move turn_moves[] = {{MOVE_ARGUMENT, 0, LOOP_STRIDE}, {1, 0, 16}, {2, 0, 16}, {3, 0, 48}, {4, 0, 16}, {3, 0, 16}};

/* While total < limit, at most 10 times: total += step, from 0; each time, and at the end, `parity` is 1 or 2 as the total is even or odd. */
static const tenon_tensor until_inputs[] = {{"step", I64, 0, NULL}, {"limit", I64, 0, NULL}}, until_outputs[] = {{"total", I64, 0, NULL}, {"parity", I64, 0, NULL}};
static const tenon_argument until_arguments[] = {{OUTPUT, 0, 0}, {ARENA, 0, 0}, {ARENA, 0, FLAG_OFFSET}, {OUTPUT, 0, 0}, {INPUT, 0, 0}, {INPUT, 1, 0}, {ARENA, 0, 0}, {ARENA, 0, 1}, {OUTPUT, 1, 0}, {OUTPUT, 1, 0}};
static const tenon_grid until_calls[] = {{8, 3, 1, 10, NULL}};
static const tenon_command until_commands[] = {{TENON_COMMAND_FILL, 0, 0, 0, 0, 0, 8, NULL, NULL},
                                               {TENON_COMMAND_FILL, 1, 0x01010101, 0, 0, 0, 2, NULL, NULL},
                                               {TENON_COMMAND_LOOP, 2, 4, 0, 0, 0, 10, NULL, NULL},
                                               {TENON_COMMAND_LAUNCH, 0, 1, 0, 0, 0, 0, NULL, NULL},
                                               {TENON_COMMAND_BRANCH, 7, 1, BRANCH_OTHERS, 0, 0, 0, NULL, NULL},
                                               {TENON_COMMAND_FILL, 8, 1, 0, 0, 0, 4, NULL, NULL},
                                               {TENON_COMMAND_FILL, 9, 2, 0, 0, 0, 4, NULL, NULL}};

#define FUNCTION(name, prefix, ins, outs, arena)                                                                                           \
  {name, COUNT(ins), COUNT(outs), COUNT(prefix##_arguments), COUNT(prefix##_calls), COUNT(prefix##_commands), 0, ins, outs,                \
   prefix##_arguments, prefix##_calls, prefix##_commands, NULL, arena}
static const tenon_function functions[] = {
    FUNCTION("train", train4, train4_inputs, loss, 128),
    FUNCTION("scale", scale, scale_inputs, scale_outputs, BATCH_BYTES),
    FUNCTION("train", train2, train2_inputs, loss, 128),
    {"ones", 0, 2, COUNT(ones_arguments), 0, COUNT(ones_commands), 0, NULL, ones_outputs, ones_arguments, NULL, ones_commands, NULL, 0},
    FUNCTION("grind", grind, grind_inputs, grind_outputs, 0),
    FUNCTION("nothing", nothing, train4_inputs, loss, 0),
    {"turn", 2, 2, COUNT(turn_arguments), COUNT(turn_calls), COUNT(turn_commands), COUNT(turn_moves), turn_inputs, turn_outputs, turn_arguments, turn_calls, turn_commands, turn_moves, 0},
    FUNCTION("until", until, until_inputs, until_outputs, 64),
};

__attribute__((visibility("default"))) const tenon_plan PLAN_SYMBOL = {
    PLAN_MAGIC, PLAN_VERSION, sizeof(tenon_plan), "by hand", "test",
    STATE_COUNT, COUNT(functions), COUNT(kernels), COUNT(constants), COUNT(symbols), COUNT(expressions),
    state, functions, KERNELS, constants, symbols, expressions};
