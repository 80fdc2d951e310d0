// State: initial values, panels, aliases, the caller's memory.
#include "artifact.h"

using namespace tenon::test;

TEST(State, BeginsWithInitialValues) {
  Opened o;
  EXPECT_EQ(o.w(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(o.step(), 0);
  EXPECT_EQ(o.state.values<float>("layer.bias", 2), (std::vector<float>{0, 0}));
}

TEST(State, IsRowMajorFromOutside) {
  Opened o;
  o.train(); // the kernel adds in panels
  EXPECT_EQ(o.w(), (std::vector<float>{2, 4, 6, 8, 17, 20}));
  o.state.set<float>("w", {6, 5, 4, 3, 2, 1});
  EXPECT_EQ(o.w(), (std::vector<float>{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(tenon_state_data(o.state.get(), 0), nullptr);
}

TEST(State, AliasesShareTheirStorage) {
  Opened o;
  o.state.set<float>("tied", {1, 1, 1, 1, 1, 9});
  EXPECT_EQ(o.w(), (std::vector<float>{1, 1, 1, 1, 1, 9}));
  o.train();
  EXPECT_EQ(o.state.values<float>("tied", 6), o.w());
}

TEST(State, LivesInTheCallersMemory) {
  Opened o;
  alignas(64) int64_t mine[8] = {41}, unaligned[9];
  uint32_t entry = o.model.findState("step");
  o.state.bind(entry, mine);
  o.train();
  EXPECT_EQ(mine[0], 42);
  EXPECT_EQ(o.step(), 42);
  EXPECT_EQ(tenon_state_data(o.state.get(), entry), mine);
  o.state.bind(entry, nullptr);
  o.train();
  EXPECT_EQ(o.step(), 1);
  EXPECT_EQ(mine[0], 42);
  EXPECT_TRUE(failsWith(tenon_state_bind(o.state.get(), entry, reinterpret_cast<char *>(unaligned) + 8), TENON_ERROR_ARGUMENT, "not aligned to 64 bytes"));
  EXPECT_TRUE(failsWith(tenon_state_bind(o.state.get(), 0, mine), TENON_ERROR_ARGUMENT, "w is stored in panels of 2 rows"));
  EXPECT_TRUE(failsWith(tenon_state_bind(o.state.get(), 4, mine), TENON_ERROR_ARGUMENT, "no entry 4"));
}

TEST(State, SaysWhatIsWrong) {
  Opened o;
  float v[6];
  EXPECT_TRUE(failsWith(tenon_state_get(o.state.get(), "wx", v, 24), TENON_ERROR_ARGUMENT, "no state called wx among 4; the nearest is w"));
  EXPECT_TRUE(failsWith(tenon_state_get(o.state.get(), "w", v, 20), TENON_ERROR_ARGUMENT, "w is float32[3,2] of 24 bytes, got 20"));
  EXPECT_TRUE(failsWith(tenon_state_set(o.state.get(), "w", nullptr, 24), TENON_ERROR_ARGUMENT, "NULL"));
  EXPECT_TRUE(failsWith(tenon_state_set(nullptr, "w", v, 24), TENON_ERROR_ARGUMENT, "NULL"));
}

TEST(State, KeepsItsModel) {
  tenon_model *model;
  tenon_state *state;
  ASSERT_EQ(tenon_model_load(artifact().c_str(), &model), TENON_OK);
  ASSERT_EQ(tenon_state_create(model, &state), TENON_OK);
  tenon_model_free(model);
  float w[6];
  EXPECT_EQ(tenon_state_get(state, "w", w, sizeof w), TENON_OK);
  tenon_state_free(state);
  tenon_state_free(nullptr);
  tenon_model_free(nullptr);
  tenon_context_free(nullptr);
  tenon_file_free(nullptr);
}
