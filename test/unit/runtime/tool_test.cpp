// tenon-run: what it prints of an artifact, and a run from files to files.
#include "artifact.h"
#include <cstdio>

using namespace tenon::test;

static std::string tool(const std::string &arguments) {
  std::string text;
  FILE *pipe = popen((TENON_BINARY_DIR "/bin/tenon-run " + arguments + " 2>&1").c_str(), "r");
  char buffer[256];
  while (pipe && std::fgets(buffer, sizeof buffer, pipe))
    text += buffer;
  return pipe && pclose(pipe) == 0 ? text : text + "(failed)";
}

static testing::AssertionResult contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos ? testing::AssertionSuccess() : testing::AssertionFailure() << "no \"" << part << "\" in:\n" << text;
}

TEST(Tool, Describes) {
  std::string text = tool(artifact());
  EXPECT_TRUE(contains(text, "compiled by by hand for test"));
  EXPECT_TRUE(contains(text, "train(x float32[4,2], y int64[4]) -> (loss float32[])"));
  EXPECT_TRUE(contains(text, "w[y] += x"));
  EXPECT_TRUE(contains(text, "user.cpp:16"));
  EXPECT_TRUE(contains(text, "stored in panels of 2 rows"));
}

TEST(Tool, RunsOnFiles) {
  float x[4] = {1, 2, 3, 4};
  int64_t y[2] = {2, 0}, xs[] = {2, 2}, ys[] = {2};
  tenon_named_array inputs[] = {{"y", {y, TENON_INT64, 1, ys}}, {"x", {x, TENON_FLOAT32, 2, xs}}};
  std::string in = temporary("in.safetensors"), out = temporary("out.safetensors"), state = temporary("trained.safetensors");
  ASSERT_EQ(tenon_file_write(in.c_str(), inputs, 2), TENON_OK);
  std::string text = tool(artifact() + " train --input " + in + " --output " + out + " --save-state " + state + " --repeat 3 --profile");
  EXPECT_TRUE(contains(text, "loss float32[] = 10\n"));
  EXPECT_TRUE(contains(text, "train: 3 runs"));
  EXPECT_TRUE(contains(text, "check_labels"));
  EXPECT_EQ(*static_cast<float *>(tenon::runtime::File(out)[0].array.data), 10);
  Opened o;
  o.state.load(state);
  EXPECT_EQ(o.step(), 3);
  EXPECT_EQ(o.w(), (std::vector<float>{10, 14, 3, 4, 8, 12}));
  EXPECT_TRUE(contains(tool(artifact() + " train --state " + state + " --input " + in + " --save-state " + state), "train: 1 run"));
  o.state.load(state);
  EXPECT_EQ(o.step(), 4);
}

TEST(Tool, SaysWhatIsWrong) {
  EXPECT_TRUE(contains(tool("/nonexistent"), "tenon-run: /nonexistent: cannot open: No such file or directory\n(failed)"));
  EXPECT_TRUE(contains(tool(artifact() + " evaluate"), "no function called evaluate; the artifact has train"));
  EXPECT_TRUE(contains(tool(artifact() + " scale"), "input x float32[batch,2] has a symbolic size: give it with --input"));
  EXPECT_TRUE(contains(tool(artifact() + " train --state /tmp"), "/tmp: is not a regular file"));
}
