// Running: variants, checks, symbolic sizes, and what is said when a call does not fit.
#include "artifact.h"
#include <cfenv>

using namespace tenon::test;
using tenon::runtime::Array;

TEST(Run, Trains) {
  Opened o;
  EXPECT_EQ(o.train(), 36);
  EXPECT_EQ(o.step(), 1);
  EXPECT_EQ(o.w(), (std::vector<float>{2, 4, 6, 8, 17, 20}));
}

TEST(Run, PicksTheVariantByShape) {
  Opened o;
  EXPECT_EQ(o.train({0, 1}), 10);
  EXPECT_EQ(o.w(), (std::vector<float>{2, 4, 6, 8, 5, 6}));
}

TEST(Run, FailedCheckLeavesTheStateAlone) {
  Opened o;
  try {
    o.train({0, 1, 3, 2});
    FAIL();
  } catch (const tenon::runtime::Error &error) {
    EXPECT_EQ(error.status, TENON_ERROR_CHECK);
    EXPECT_STREQ(error.what(), "labels: expected 0 to 2 (user.cpp:5)");
  }
  EXPECT_EQ(o.w(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(o.step(), 0);
  EXPECT_EQ(o.train(), 36) << "and the context still works";
}

TEST(Run, SymbolicSizes) {
  Opened o;
  o.state.set<float>("layer.bias", {1, 2});
  for (int64_t batch : {3, 1, 1000, 0, 3}) {
    std::vector<float> x(size_t(2 * batch), 2), out(size_t(2 * batch));
    float none = 0;
    o.context.call(o.state, "scale", {Array(batch ? x.data() : &none, {batch, 2})}, {Array(batch ? out.data() : &none, {batch, 2})});
    for (size_t i = 0; i < out.size(); ++i)
      ASSERT_EQ(out[i], i % 2 ? 22 : 21);
  }
}

TEST(Run, SymbolicFastPathNeedsABinding) {
  Opened o;
  float x[4] = {1, 2, 3, 4}, out[4];
  const void *in[] = {x};
  void *outs[] = {out};
  EXPECT_TRUE(failsWith(tenon_run(o.context.get(), o.state.get(), 1, in, outs), TENON_ERROR_ARGUMENT, "symbolic and not bound"));
  int64_t shape[] = {2, 2};
  tenon_array a = {x, TENON_FLOAT32, 2, shape};
  ASSERT_EQ(tenon_context_bind(o.context.get(), 1, &a, 1), TENON_OK);
  ASSERT_EQ(tenon_run(o.context.get(), o.state.get(), 1, in, outs), TENON_OK);
  EXPECT_EQ(out[3], 40);
  tenon_tensor_info info;
  ASSERT_EQ(tenon_output_resolve(o.model.get(), 1, &a, 1, 0, &info), TENON_OK);
  EXPECT_EQ(info.shape[0], 2);
  EXPECT_EQ(info.bytes, 16);
}

TEST(Run, Fills) {
  Opened o;
  float ones[5];
  unsigned char bytes[8] = {};
  o.context.call(o.state, "ones", {}, {{ones, {5}}, {bytes, TENON_BOOL, {7}}});
  EXPECT_EQ(ones[4], 1);
  EXPECT_EQ(bytes[6], 1);
  EXPECT_EQ(bytes[7], 0);
}

TEST(Run, SaysWhatDoesNotFit) {
  Opened o;
  float x[10] = {};
  int64_t y[5] = {};
  float loss;
  auto call = [&](const char *name, std::vector<Array> inputs, std::vector<Array> outputs) {
    std::vector<tenon_array> in, out;
    for (auto &a : inputs)
      in.push_back(a.get());
    for (auto &a : outputs)
      out.push_back(a.get());
    return tenon_call(o.context.get(), o.state.get(), name, in.data(), in.size(), out.data(), out.size());
  };
  const char *variants = "the artifact has (x float32[4,2], y int64[4]), (x float32[2,2], y int64[2])";
  EXPECT_TRUE(failsWith(call("train", {{x, {5, 2}}, {y, {5}}}, {{&loss, {}}}), TENON_ERROR_ARGUMENT, std::string("train: got (float32[5,2], int64[5]), ") + variants));
  EXPECT_TRUE(failsWith(call("train", {{y, {4, 2}}, {y, {4}}}, {{&loss, {}}}), TENON_ERROR_ARGUMENT, "got (int64[4,2], int64[4])"));
  EXPECT_TRUE(failsWith(call("train", {{x, {8}}, {y, {4}}}, {{&loss, {}}}), TENON_ERROR_ARGUMENT, "got (float32[8], int64[4])"));
  EXPECT_TRUE(failsWith(call("train", {{x, {4, 2}}}, {{&loss, {}}}), TENON_ERROR_ARGUMENT, "got (float32[4,2])"));
  EXPECT_TRUE(failsWith(call("scale", {{x, {5, 3}}}, {}), TENON_ERROR_ARGUMENT, "the artifact has (x float32[batch,2])"));
  EXPECT_TRUE(failsWith(call("scale", {{x, {-1, 2}}}, {}), TENON_ERROR_ARGUMENT, "got (float32[-1,2])"));
  EXPECT_TRUE(failsWith(call("scale", {{x, {INT64_MAX / 2, 2}}}, {{x, {INT64_MAX / 2, 2}}}), TENON_ERROR_ARGUMENT, "no size for these inputs"));
  EXPECT_TRUE(failsWith(call("scale", {{x, {5, 2}}}, {{x, {4, 2}}}), TENON_ERROR_ARGUMENT, "output out is float32[batch,2], got float32[4,2]"));
  EXPECT_TRUE(failsWith(call("train", {{x, {4, 2}}, {y, {4}}}, {}), TENON_ERROR_ARGUMENT, "expected 1 outputs, got 0"));
  EXPECT_TRUE(failsWith(call("train", {{x, {4, 2}}, {y, {4}}}, {{&loss, {1}}}), TENON_ERROR_ARGUMENT, "output loss is float32[], got float32[1]"));
  EXPECT_TRUE(failsWith(call("Train", {}, {}), TENON_ERROR_ARGUMENT, "no function called Train; the artifact has train, scale, ones, grind, nothing"));
  EXPECT_EQ(o.step(), 0);
}

TEST(Run, SaysWhatIsNull) {
  Opened o;
  float x[8] = {}, loss;
  const void *in[] = {x, nullptr};
  void *out[] = {&loss};
  EXPECT_TRUE(failsWith(tenon_run(o.context.get(), o.state.get(), 0, in, out), TENON_ERROR_ARGUMENT, "input y is NULL"));
  EXPECT_TRUE(failsWith(tenon_run(o.context.get(), o.state.get(), 0, nullptr, out), TENON_ERROR_ARGUMENT, "input x is NULL"));
  int64_t y[4] = {};
  in[1] = y;
  EXPECT_TRUE(failsWith(tenon_run(o.context.get(), o.state.get(), 0, in, nullptr), TENON_ERROR_ARGUMENT, "output loss is NULL"));
  EXPECT_TRUE(failsWith(tenon_run(o.context.get(), nullptr, 0, in, out), TENON_ERROR_ARGUMENT, "the state is NULL"));
  EXPECT_TRUE(failsWith(tenon_run(nullptr, nullptr, 0, in, out), TENON_ERROR_ARGUMENT, "context is NULL"));
  EXPECT_TRUE(failsWith(tenon_run(o.context.get(), nullptr, 8, in, out), TENON_ERROR_ARGUMENT, "no function 8"));
  tenon::runtime::Model other(artifact({{"STATE_NAME", "\"renamed\""}}));
  tenon::runtime::State foreign(other);
  EXPECT_TRUE(failsWith(tenon_run(o.context.get(), foreign.get(), 0, in, out), TENON_ERROR_ARGUMENT, "another model"));
}

TEST(Run, FollowsAddressesAndStates) {
  Opened o;
  tenon::runtime::State second(o.model);
  o.train();
  float x[8] = {1, 1, 1, 1, 1, 1, 1, 1}, loss[2];
  int64_t y[4] = {};
  o.context.call(second, "train", {{x, {4, 2}}, {y, {4}}}, {{&loss[1], {}}});
  EXPECT_EQ(loss[1], 8);
  EXPECT_EQ(second.values<int64_t>("step", 1)[0], 1);
  o.train();
  EXPECT_EQ(o.step(), 2);
  EXPECT_EQ(second.values<float>("w", 6), (std::vector<float>{5, 6, 3, 4, 5, 6}));
}

TEST(Run, KeepsTheCallersRounding) {
  Opened o;
  std::fesetround(FE_UPWARD);
  std::vector<double> upward(150), nearest(150);
  double start = 1.1;
  o.context.call(o.state, "grind", {{&start, {}}}, {{upward.data(), {150}}});
  EXPECT_EQ(std::fegetround(), FE_UPWARD);
  std::fesetround(FE_TONEAREST);
  o.context.call(o.state, "grind", {{&start, {}}}, {{nearest.data(), {150}}});
  EXPECT_EQ(upward, nearest);
}

TEST(Run, ProfilesEachCall) {
  Opened o(1, true);
  for (int i = 0; i < 3; ++i)
    o.train();
  std::vector<tenon_profile> rows = o.context.profile();
  ASSERT_GE(rows.size(), 4u);
  EXPECT_STREQ(rows[0].name, "check_labels");
  EXPECT_STREQ(rows[1].name, "check");
  EXPECT_STREQ(rows[2].name, "update");
  EXPECT_STREQ(rows[2].source, "w[y] += x");
  EXPECT_STREQ(rows[2].locations, "user.cpp:16");
  EXPECT_EQ(rows[2].count, 3u);
  uint64_t count, nanoseconds;
  ASSERT_EQ(tenon_profile_function(o.context.get(), 0, &count, &nanoseconds), TENON_OK);
  EXPECT_EQ(count, 3u);
  EXPECT_GE(nanoseconds, rows[0].nanoseconds + rows[1].nanoseconds + rows[2].nanoseconds);
  EXPECT_TRUE(Opened().context.profile().empty());
}

TEST(Run, LoopsMoveTheirArguments) {
  Opened o;
  std::vector<int64_t> x(10), deep(30), turned(10), sums(10);
  for (size_t i = 0; i < 30; ++i)
    deep[i] = int64_t(i * i), x[i % 10] = int64_t(i);
  for (int again = 0; again < 3; ++again) { // the addresses are back where they were
    std::fill(turned.begin(), turned.end(), -1);
    o.context.call(o.state, "turn", {Array(x.data(), {5, 2}), Array(deep.data(), {5, 3, 2})}, {Array(turned.data(), {5, 2}), Array(sums.data(), {5, 2})});
    for (size_t t = 0; t < 5; ++t)
      for (size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(turned[2 * (4 - t) + i], x[2 * t + i]);
        EXPECT_EQ(sums[2 * t + i], deep[6 * t + i] + deep[6 * t + 2 + i] + deep[6 * t + 4 + i]);
      }
    x.push_back(0), x.shrink_to_fit(); // and follow the inputs
  }
}

TEST(Run, LoopsEndAtTheirFlag) {
  Opened o;
  for (auto [step, limit, total, parity] : {std::tuple<int64_t, int64_t, int64_t, int64_t>{3, 7, 9, 2}, {2, 1000, 20, 1}, {5, -1, 5, 2}}) {
    int64_t got = -1, is = 0;
    o.context.call(o.state, "until", {Array(&step, {}), Array(&limit, {})}, {Array(&got, {}), Array(&is, {})});
    EXPECT_EQ(got, total);
    EXPECT_EQ(is, parity);
  }
}
