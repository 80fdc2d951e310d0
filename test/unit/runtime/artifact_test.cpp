// Loading: a good artifact opens, everything else says why not before any of it runs.
#include "artifact.h"
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>

using namespace tenon::test;

static tenon_status load(const std::string &path) {
  tenon_model *model = reinterpret_cast<tenon_model *>(1);
  tenon_status status = tenon_model_load(path.c_str(), &model);
  EXPECT_EQ(model != nullptr, status == TENON_OK) << "a failed load leaves NULL";
  if (status == TENON_OK)
    tenon_model_free(model);
  return status;
}

static tenon_status loadBytes(const Bytes &bytes) {
  std::string path = temporary("bytes.tenon");
  writeBytes(path, bytes);
  return load(path);
}

TEST(Artifact, Describes) {
  Opened o;
  tenon_model_info info = o.model.describe();
  EXPECT_STREQ(info.compiler, "by hand");
  EXPECT_EQ(info.functions, 8u);
  EXPECT_EQ(info.states, 4u);
  EXPECT_EQ(info.state_bytes, 32u + 8 + 8); // w padded to 4 rows, step, bias; tied costs nothing
  EXPECT_STREQ(o.model.function(0).text, "train(x float32[4,2], y int64[4]) -> (loss float32[])");
  EXPECT_STREQ(o.model.function(1).text, "scale(x float32[batch,2]) -> (out float32[batch,2])");
  EXPECT_EQ(o.model.function(1).arena_bytes, -1);
  EXPECT_EQ(o.model.function(0).launches, 2u);
  EXPECT_EQ(o.model.input(1, 0).shape[0], -1);
  EXPECT_EQ(o.model.input(1, 0).shape[1], 2);
  EXPECT_EQ(o.model.output(3, 1).bytes, 7);
  EXPECT_EQ(o.model.state(2).alias, 0);
  EXPECT_EQ(o.model.state(0).panel, 2);
  EXPECT_STREQ(o.model.call(0, 1).kernel, "update");
  EXPECT_STREQ(o.model.call(0, 1).locations, "user.cpp:16"); // of the call
  EXPECT_STREQ(o.model.call(0, 2).locations, "user.cpp:7");  // of the kernel
  EXPECT_EQ(o.model.call(0, 2).launch, 1u);
  EXPECT_EQ(o.model.find("grind"), 4u);
  tenon_tensor_info tensor;
  EXPECT_TRUE(failsWith(tenon_output_describe(o.model.get(), 0, 1, &tensor), TENON_ERROR_ARGUMENT, "no number 1"));
}

TEST(Artifact, Missing) {
  EXPECT_TRUE(failsWith(load(temporary("absent")), TENON_ERROR_FILE, "cannot open"));
  EXPECT_TRUE(failsWith(load("/tmp"), TENON_ERROR_FILE, "not a regular file"));
  std::string pipe = temporary("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_TRUE(failsWith(load(pipe), TENON_ERROR_FILE, "not a regular file"));
  EXPECT_TRUE(failsWith(tenon_model_load(nullptr, nullptr), TENON_ERROR_ARGUMENT, "NULL"));
}

TEST(Artifact, Foreign) {
  EXPECT_TRUE(failsWith(loadBytes({}), TENON_ERROR_FORMAT, "is not a Tenon artifact"));
  EXPECT_TRUE(failsWith(loadBytes(Bytes(1000, 'x')), TENON_ERROR_FORMAT, "is not a Tenon artifact"));
  EXPECT_TRUE(failsWith(loadBytes(compilePlan()), TENON_ERROR_FORMAT, "no trailer"));
  EXPECT_TRUE(failsWith(load(artifact({{"PLAN_SYMBOL", "another"}})), TENON_ERROR_FORMAT, "exports no tenon_plan_v2"));
}

TEST(Artifact, Truncated) {
  Bytes good = readBytes(artifact());
  for (size_t size = 0; size < good.size(); size += size < 200 || good.size() - size < 200 ? 1 : 97)
    EXPECT_TRUE(failsWith(loadBytes(Bytes(good.begin(), good.begin() + long(size))), TENON_ERROR_FORMAT, "bytes.tenon: is not a Tenon artifact")) << size;
}

TEST(Artifact, EveryFlippedBitIsNoticed) {
  Bytes good = readBytes(artifact());
  for (size_t at = 0; at < good.size(); at += good.size() - at < 64 ? 1 : 61) {
    Bytes bad = good;
    bad[at] = char(bad[at] ^ (1 << at % 8));
    EXPECT_NE(loadBytes(bad), TENON_OK) << "byte " << at;
    EXPECT_NE(std::strlen(tenon_last_error()), 0u);
  }
  Bytes damaged = good;
  damaged[good.size() / 2] ^= 4;
  EXPECT_TRUE(failsWith(loadBytes(damaged), TENON_ERROR_FORMAT, "is damaged: its digest"));
}

TEST(Artifact, OtherVersion) {
  for (uint32_t version : {1u, 3u})
    EXPECT_TRUE(failsWith(loadBytes(withTrailer(compilePlan(), {.version = version})), TENON_ERROR_VERSION, "plan version"));
  EXPECT_TRUE(failsWith(load(artifact({{"PLAN_VERSION", "3"}})), TENON_ERROR_VERSION, "version 3"));
}

TEST(Artifact, OtherProcessor) {
  EXPECT_TRUE(failsWith(loadBytes(withTrailer(compilePlan(), {.arch = 243})), TENON_ERROR_DEVICE, "compiled for riscv"));
  EXPECT_TRUE(failsWith(loadBytes(withTrailer(compilePlan(), {.features = 1ull << 62})), TENON_ERROR_DEVICE, "needs feature number 62"));
  EXPECT_TRUE(failsWith(loadBytes(withTrailer(compilePlan(), {.lengthError = 1})), TENON_ERROR_FORMAT, "bytes before the trailer"));
}

TEST(Artifact, CopiesAreTheirOwn) {
  // Descriptors are used again; two artifacts opened through the same one must not be taken for each other.
  for (int i = 0; i < 3; ++i) {
    tenon::runtime::Model one(artifact()), two(artifact({{"STATE_NAME", "\"renamed\""}}));
    EXPECT_STREQ(one.state(3).tensor.name, "layer.bias");
    EXPECT_STREQ(two.state(3).tensor.name, "renamed");
    tenon::runtime::Model again(artifact());
    EXPECT_STREQ(again.state(3).tensor.name, "layer.bias");
  }
}

TEST(Artifact, SurvivesItsFile) {
  std::string path = temporary("moved.tenon");
  writeBytes(path, readBytes(artifact()));
  tenon::runtime::Model model(path);
  writeBytes(path, Bytes(100000, 0));
  std::filesystem::remove(path);
  tenon::runtime::State state(model);
  EXPECT_EQ(state.values<float>("w", 6)[5], 6);
}
