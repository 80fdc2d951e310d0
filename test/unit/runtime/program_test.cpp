// A C program against the library, compiled by cc alone: the header is C, and nothing but the C library is needed.
#include "artifact.h"
#include <cstdio>
#include <cstdlib>

using namespace tenon::test;

static std::string output(const std::string &command) {
  std::string text;
  FILE *pipe = popen(command.c_str(), "r");
  char buffer[256];
  while (pipe && std::fgets(buffer, sizeof buffer, pipe))
    text += buffer;
  return pipe && pclose(pipe) == 0 ? text : text + "(failed)";
}

class Program : public testing::Test {
protected:
  std::string program = temporary("program");
  void SetUp() override {
#ifdef TENON_SANITIZED
    GTEST_SKIP() << "a library with sanitizers needs a program with sanitizers";
#endif
    std::string compile = "cc -std=c99 -Wall -Wextra -Wpedantic -Werror -I" TENON_SOURCE_DIR "/runtime " TENON_SOURCE_DIR "/test/unit/runtime/program.c -o " + program + " " TENON_RUNTIME
                          " -Wl,-rpath," TENON_RUNTIME_FOLDER;
    ASSERT_EQ(std::system(compile.c_str()), 0) << compile;
  }
};

TEST_F(Program, TrainsAndSaves) {
  EXPECT_EQ(output(program + " " + artifact() + " " + temporary("out.safetensors")), "loss 36, w[2][1] 34\n");
  EXPECT_GT(readBytes(temporary("out.safetensors")).size(), 40u);
}

TEST_F(Program, SaysWhatIsWrong) {
  EXPECT_EQ(output(program + " /nonexistent x 2>&1"), "/nonexistent: cannot open: No such file or directory\n(failed)");
}
