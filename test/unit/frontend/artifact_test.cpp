// save_artifact: what the runtime runs from the file alone is what the program would have done, bit for bit.
#include "expect_error.h"

#include "frontend/tensor/names.h"
#include "runtime/tenon.h"

#include <filesystem>
#include <unistd.h>

using namespace tenon;

namespace {

struct Model {
  Tensor w = zeros({4, 3}), b = zeros({3});
  StateScalar rate{0.1, kFloat, "rate"};
  Model() {
    w.uniform_(-1, 1);
    w.requires_grad_();
    b.requires_grad_();
  }
  Tensor predict(const Tensor &x) const { return x.matmul(w).tanh() + b; }
  Tensor train(const Tensor &x, const Tensor &y) const {
    w.reset_grad();
    b.reset_grad();
    auto loss = (predict(x) - y + rand({x.size(0), 3}) * 0.01).square().mean();
    loss.backward();
    NoGradGuard no_grad;
    w.sub_(w.grad() * rate);
    b.sub_(b.grad() * rate);
    rate = rate.tensor() * 0.5;
    return loss;
  }
};

class ArtifactTest : public testing::Test {
protected:
  void SetUp() override {
    if (std::getenv("TENON_EVALUATE") && std::string(std::getenv("TENON_EVALUATE")) == "1")
      GTEST_SKIP() << "nothing is compiled";
  }
  ~ArtifactTest() override {
    tenon_context_free(context);
    tenon_state_free(state);
    tenon_model_free(model);
    std::filesystem::remove(path);
  }
  void load() {
    ASSERT_EQ(tenon_model_load(path.c_str(), &model), TENON_OK) << tenon_last_error();
    ASSERT_EQ(tenon_state_create(model, &state), TENON_OK) << tenon_last_error();
    ASSERT_EQ(tenon_context_create(model, nullptr, &context), TENON_OK) << tenon_last_error();
  }
  static tenon_array array(const Tensor &t) { return {t.data_ptr(), TENON_FLOAT32, uint32_t(t.dim()), t.sizes().data()}; }
  bool call(const char *name, const std::vector<Tensor> &inputs, const Tensor &output) {
    std::vector<tenon_array> in;
    for (auto &t : inputs)
      in.push_back(array(t));
    auto out = array(output);
    return tenon_call(context, state, name, in.data(), in.size(), &out, 1) == TENON_OK;
  }
  Tensor get(const char *name, IntArrayRef sizes) {
    auto t = empty(sizes);
    EXPECT_EQ(tenon_state_get(state, name, t.data_ptr(), t.nbytes()), TENON_OK) << tenon_last_error();
    return t;
  }
  std::string path = (std::filesystem::temp_directory_path() / ("tenon-artifact-test-" + std::to_string(::getpid()) + ".so")).string();
  tenon_model *model = nullptr;
  tenon_state *state = nullptr;
  tenon_context *context = nullptr;
};

TEST_F(ArtifactTest, GoesOnAsTheProgramWould) {
  manual_seed(4);
  Model m;
  auto x = randn({8, 4}), y = randn({8, 3}), last = randn({5, 4}), last_y = randn({5, 3});
  auto train = compile([&](Tensor x, Tensor y) { return m.train(x, y); }, {.inputs = {"x", "y"}, .outputs = {"loss"}});
  auto predict = compile([&](Tensor x) {
    NoGradGuard no_grad;
    return m.predict(x);
  });
  train(x, y);
  train(last, last_y);
  predict(x);
  save_artifact(path, {{"train_step", train}, {"predict", predict}});
  load();

  auto loss = empty({});
  for (int i = 0; i < 4; ++i) {
    auto expected = i == 2 ? m.train(last, last_y) : m.train(x, y);
    ASSERT_TRUE(call("train_step", i == 2 ? TensorList{last, last_y} : TensorList{x, y}, loss)) << tenon_last_error();
    EXPECT_TRUE(equal(expected, loss)) << i;
  }
  EXPECT_TRUE(equal(m.rate.tensor(), get("rate", {})));
  EXPECT_TRUE(equal(m.b, get("tensor1", 3)));
  auto prediction = empty({8, 3});
  ASSERT_TRUE(call("predict", {x}, prediction)) << tenon_last_error();
  EXPECT_TRUE(equal(m.predict(x), prediction));

  EXPECT_FALSE(call("predict", {last}, prediction));
  EXPECT_NE(std::string(tenon_last_error()).find("8"), std::string::npos) << "says which shapes there are: " << tenon_last_error();
  tenon_function_info info;
  tenon_function_describe(model, 0, &info);
  EXPECT_NE(std::string(info.text).find("train_step(x float32[8,4], y float32[8,3])"), std::string::npos) << info.text;
}

TEST_F(ArtifactTest, TiedAndEqualNames) {
  auto a = ones({2}), b = full({2}, 2.f), tied = full({2}, 3.f);
  int one = 0, two = 0;
  record::add_state_name(a, [&] { return record::StateName{"weight", "Generator", &one}; });
  record::add_state_name(b, [&] { return record::StateName{"weight", "Critic", &two}; });
  record::add_state_name(tied, [&] { return record::StateName{"head", "Generator", &one}; });
  record::add_state_name(tied, [&] { return record::StateName{"embedding", "Generator", &one}; });
  auto f = compile([&](Tensor x) { return x * a + b * tied; });
  f(ones({2}));
  save_artifact(path, {{"f", f}});
  load();
  EXPECT_TRUE(equal(get("Generator/weight", 2), a));
  EXPECT_TRUE(equal(get("Critic/weight", 2), b));
  EXPECT_TRUE(equal(get("head", 2), tied));
  EXPECT_TRUE(equal(get("embedding", 2), tied));
}

TEST_F(ArtifactTest, LargeStateIsWrittenFromWhereItLies) {
  auto w = arange(0, 40000, 1).to(kFloat).reshape({200, 200}), zero = zeros({200, 200});
  auto flags = (w.remainder(3) == 0).repeat({2, 1});
  flags.data_ptr();
  auto f = compile([&](Tensor x) { return (x * w + zero).masked_fill(flags.slice(0, 0, 200), 0); });
  auto x = full({200, 200}, 2.f), y = empty({200, 200});
  f(x);
  save_artifact(path, {{"f", f}});
  load();
  ASSERT_TRUE(call("f", {x}, y)) << tenon_last_error();
  EXPECT_TRUE(equal(y, f(x)));
  EXPECT_EQ(y[199][199].item<float>(), 0); // 39999 is divisible by 3
  EXPECT_EQ(y[199][198].item<float>(), 2 * 39998.f);
}

TEST_F(ArtifactTest, MistakesAreErrors) {
  auto f = compile([](Tensor x) { return x + 1; });
  EXPECT_ERROR(save_artifact(path, {{"f", f}}), "save_artifact: expected a function that was called once", "\"f\" was never called");
  EXPECT_ERROR(save_artifact(path, {}), "at least one function");
  f(ones({2}));
  EXPECT_ERROR(save_artifact(path, {{"f", f}, {"f", f}}), "\"f\" twice");
  EXPECT_ERROR(save_artifact("/proc/no/such/file.so", {{"f", f}}), "save_artifact: ");
}

} // namespace
