// Plans with one wrong number each: the runtime says which, and follows none of them.
#include "artifact.h"

using namespace tenon::test;

struct Defect {
  const char *name, *value, *message;
};

class Plan : public testing::TestWithParam<Defect> {};

TEST_P(Plan, IsRefused) {
  tenon_model *model;
  tenon_status status = tenon_model_load(artifact({{GetParam().name, GetParam().value}}).c_str(), &model);
  EXPECT_TRUE(failsWith(status, status == TENON_ERROR_VERSION || status == TENON_ERROR_DEVICE ? status : TENON_ERROR_FORMAT, GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Defects, Plan,
    testing::Values(Defect{"PLAN_MAGIC", "7", "does not begin with its magic number"}, Defect{"STATE_COUNT", "0xffffffff", "lies outside"},
                    Defect{"KERNELS", "(void*)64", "lies outside"}, Defect{"KERNELS", "(const char*)kernels+1", "lies outside"},
                    Defect{"KERNEL_NAME", "NULL", "kernel 0 has no name"}, Defect{"KERNEL_NAME", "(char*)1", "kernel 0 has no name"},
                    Defect{"KERNEL_CODE", "NULL", "has no code for a CPU"}, Defect{"KERNEL_CODE", "(tenon_kernel_fn)&PLAN_SYMBOL", "code of kernel"},
                    Defect{"STATE_PANEL", "-1", "panels of -1 rows"}, Defect{"STATE_PANEL", "1000000", "panels of 1000000"},
                    Defect{"STATE_ALIAS", "9", "alias of entry 9"}, Defect{"STATE_ALIAS", "2", "alias of entry 2"}, Defect{"STATE_ALIAS", "1", "another type or shape"},
                    Defect{"STATE_SIZE", "4", "another type or shape"}, Defect{"STATE_SIZE", "-1", "symbolic size"}, Defect{"STATE_SIZE", "-9", "expression 8 of 2"},
                    Defect{"STATE_SIZE", "(1ll<<62)", "too large"}, Defect{"STATE_NAME", "NULL", "state 3 has no name"}, Defect{"STATE_NAME", "\"w\"", "two state entries are called w"},
                    Defect{"STATE_BITS", "31", "unknown type (code 2, 31 bits"}, Defect{"STATE_RANK", "17", "rank 17"}, Defect{"STATE_SHAPE", "NULL", "no shape"},
                    Defect{"STATE_INITIAL", "(void*)4096", "initial value of state layer.bias"}, Defect{"CONSTANT_BYTES", "(1ull<<40)", "constant 0 lies outside"},
                    Defect{"EXPRESSION_OPERATION", "77", "operation 77"}, Defect{"EXPRESSION_OPERAND", "-2", "operands -2"}, Defect{"EXPRESSION_OPERAND", "-99", "operands -99"},
                    Defect{"ARGUMENT_SPACE", "5", "in space 5"}, Defect{"ARGUMENT_INDEX", "1", "number 1 of 1"}, Defect{"ARGUMENT_INDEX", "-1", "number -1"},
                    Defect{"ARGUMENT_OFFSET", "4", "takes bytes 4 to 24 of 20"}, Defect{"ARGUMENT_OFFSET", "(1ll<<62)", "of 20"}, Defect{"CALL_KERNEL", "10", "kernel 10 of 10"},
                    Defect{"CALL_ARGUMENT", "3", "arguments 3 and on of 6"}, Defect{"CALL_ARGUMENT", "0xffffffff", "arguments 4294967295"},
                    Defect{"COMMAND_KIND", "TENON_COMMAND_COLLECTIVE", "kind 6"}, Defect{"COMMAND_KIND", "-1", "kind -1"}, Defect{"COMMAND_FIRST", "2", "argument 2 of 2"},
                    Defect{"COMMAND_BYTES", "21", "takes bytes 0 to 21 of 20"}, Defect{"LAUNCH_COUNT", "4", "launches calls 0 to 4 of 3"},
                    Defect{"LAUNCH_COUNT", "0xffffffff", "launches calls"},
                    // Loops and branches: what they hold, how often they run, where their arguments go in each pass.
                    Defect{"LOOP_COUNT", "5", "holds commands up to 6, what it is in ends at 5"}, Defect{"LOOP_COUNT", "0xffffffff", "holds commands up to"},
                    Defect{"LOOP_COUNT", "3", "holds commands up to 5, what it is in ends at 4"}, Defect{"INNER_COUNT", "2", "holds commands up to 6"},
                    Defect{"LOOP_OTHERS", "1", "a loop with two bodies"}, Defect{"BRANCH_OTHERS", "2", "holds commands up to 8"}, Defect{"LOOP_MOVES", "7", "has moves 0 and on of 6"},
                    Defect{"MOVE_ARGUMENT", "5", "of argument 5 of 5"}, Defect{"LOOP_PASSES", "6", "argument 0 takes bytes"}, Defect{"LOOP_PASSES", "-9", "sizes that lie outside"},
                    Defect{"LOOP_STRIDE", "16", "takes bytes 128 to 128 of 80"}, Defect{"LOOP_STRIDE", "-17", "argument 0 takes bytes"},
                    Defect{"LOOP_STRIDE", "(1ll<<62)", "moves argument 0 by 4611686018427387904 bytes, 5 times"}, Defect{"FLAG_OFFSET", "64", "takes bytes 64 to 65 of 64"}),
    [](const testing::TestParamInfo<Defect> &info) { return std::string(info.param.name) + "_" + std::to_string(info.index); });
