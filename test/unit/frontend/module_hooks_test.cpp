// Hooks of modules.
#include "expect_error.h"

#include <map>

using namespace tenon;

namespace {

struct PairImpl : nn::Module {
  std::tuple<Tensor, Tensor> forward(Tensor x) { return {x * 2, x * 3}; }
};
TENON_MODULE(Pair);

TEST(ModuleHooksTest, ForwardAndPreHooks) {
  nn::Linear linear(2, 2);
  NoGradGuard no_grad;
  linear->weight.copy_(tensor({1.0f, 0.0f, 0.0f, 1.0f}).view({2, 2}));
  linear->bias.zero_();
  std::vector<std::string> order;
  auto pre = linear->register_forward_pre_hook([&](nn::Module &m, const TensorList &inputs) {
    order.push_back("pre " + m.name());
    return inputs[0] * 2;
  });
  auto seen = linear->register_forward_hook([&](nn::Module &, const TensorList &inputs, const Tensor &y) {
    order.push_back("forward");
    EXPECT_TRUE(equal(inputs[0], y));
  });
  linear->register_forward_hook([](nn::Module &, const TensorList &, const TensorList &outputs) { return TensorList{outputs[0] + 1}; });
  auto x = tensor({1.0f, 2.0f}).view({1, 2});
  EXPECT_TRUE(equal(linear(x), 2 * x + 1));
  EXPECT_EQ(order, (std::vector<std::string>{"pre Linear", "forward"}));
  EXPECT_TRUE(equal(linear->forward(x), x)) << "forward() itself has no hooks";
  pre.remove();
  seen.remove();
  pre.remove();
  EXPECT_TRUE(equal(linear(x), x + 1));
  nn::Sequential net(linear, nn::ReLU());
  EXPECT_TRUE(equal(net(-x), relu(-x + 1)));
}

TEST(ModuleHooksTest, PartsOfATransformerHaveTheirs) {
  nn::Transformer net(nn::TransformerOptions(4, 2, 1, 1).dim_feedforward(8).dropout(0.0));
  std::map<std::string, int> calls;
  for (const auto &item : net->named_modules("", false))
    if (item.key().find("out_proj") == std::string::npos) // its weights alone are used, as in PyTorch
      item.value()->register_forward_hook([&calls, name = item.key()](nn::Module &, const TensorList &inputs, const Tensor &y) {
        EXPECT_TRUE(inputs[0].defined() && y.defined());
        ++calls[name];
      });
  net->decoder->norm->register_forward_hook([](nn::Module &, const TensorList &, const Tensor &y) { return y * 0 + 7; });
  EXPECT_TRUE(equal(net(ones({3, 2, 4}), ones({5, 2, 4})), full({5, 2, 4}, 7.f)));
  for (const char *name : {"encoder", "decoder", "encoder.norm", "encoder.layers.0", "encoder.layers.0.self_attn", "encoder.layers.0.linear1", "encoder.layers.0.dropout2",
                           "decoder.layers.0.norm3", "decoder.layers.0.multihead_attn"})
    EXPECT_EQ(calls[name], 1) << name;
}

TEST(ModuleHooksTest, SeveralOutputs) {
  Pair pair;
  pair->register_forward_hook([](nn::Module &, const TensorList &, const TensorList &y) { return TensorList{y[0], y[1] + 1}; });
  auto [a, b] = pair(ones({2}));
  EXPECT_TRUE(equal(a, full({2}, 2.0)));
  EXPECT_TRUE(equal(b, full({2}, 4.0)));
}

TEST(ModuleHooksTest, BackwardHooks) {
  nn::Sequential net(nn::Linear(3, 4), nn::Tanh(), nn::Linear(4, 1));
  net->to(kDouble);
  auto x = ones({2, 3}, kDouble);
  auto plain = [&] { return grad(net(x).sum(), net->parameters()); };
  auto before = plain();
  TensorList tanh_in, tanh_out, first_in;
  auto watch = net->ptr(1)->register_full_backward_hook([&](nn::Module &, const TensorList &in, const TensorList &out) {
    tanh_in = in;
    tanh_out = out;
  });
  net->ptr(0)->register_full_backward_hook([&](nn::Module &, const TensorList &in, const TensorList &) { first_in = in; });
  auto same = plain();
  for (size_t i = 0; i < same.size(); ++i)
    EXPECT_TRUE(equal(before[i], same[i]));
  ASSERT_EQ(first_in.size(), 1u);
  EXPECT_FALSE(first_in[0].defined()) << "x needs none";
  auto y = net->at<nn::Tanh>(1).forward(net->at<nn::Linear>(0).forward(x));
  EXPECT_TRUE(equal(tanh_out[0], net->at<nn::Linear>(2).weight.expand({2, 4})));
  EXPECT_TRUE(allclose(tanh_in[0], tanh_out[0] * (1 - y * y)));
  watch.remove();
  net->ptr(1)->register_full_backward_hook([](nn::Module &, const TensorList &in, const TensorList &) { return in[0] * 10; });
  auto larger = plain();
  EXPECT_TRUE(allclose(larger[0], 10 * before[0]));
  EXPECT_TRUE(equal(larger[2], before[2]));
  auto step = compile([&](Tensor x) { return grad(net(x).sum(), net->parameters()); });
  for (int i = 0; i < 3; ++i) {
    auto compiled = step(x);
    for (size_t k = 0; k < larger.size(); ++k)
      EXPECT_TRUE(equal(compiled[k], larger[k]));
  }
}

TEST(ModuleHooksTest, Mistakes) {
  nn::Linear linear(2, 2);
  auto x = ones({1, 2});
  auto two = linear->register_forward_pre_hook([](nn::Module &, const TensorList &in) { return TensorList{in[0], in[0]}; });
  EXPECT_ERROR(linear(x), "forward pre-hook of Linear", "expected 1 inputs, came 2");
  two.remove();
  auto none = linear->register_forward_hook([](nn::Module &, const TensorList &, const Tensor &) { return TensorList{}; });
  EXPECT_ERROR(linear(x), "forward hook of Linear", "expected 1 outputs, came 0");
  none.remove();
  linear->register_full_backward_hook([](nn::Module &, const TensorList &in, const TensorList &) { return TensorList{in[0].sum()}; });
  EXPECT_ERROR_TEXT(linear(x.clone().requires_grad_()).sum().backward(), "backward hook", "float32[1, 2]", "float32[]", "module_hooks_test.cpp");
}

} // namespace
