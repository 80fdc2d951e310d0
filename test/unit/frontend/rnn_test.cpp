// Recurrent layers: names, initial values, printing, cells against layers, trained compiled as define-by-run, bad input. Numbers are in test/parity/ops/recurrent.
#include "expect_error.h"

#include <sstream>

using namespace tenon;

namespace {

TEST(Rnn, NamesShapesAndInitialValues) {
  nn::LSTM net(nn::LSTMOptions(3, 4).num_layers(2).bidirectional(true));
  std::vector<std::string> names;
  for (auto &item : net->named_parameters())
    names.push_back(item.key());
  EXPECT_EQ(names, (std::vector<std::string>{"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse",
                                             "bias_hh_l0_reverse", "weight_ih_l1", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1", "weight_ih_l1_reverse", "weight_hh_l1_reverse",
                                             "bias_ih_l1_reverse", "bias_hh_l1_reverse"}));
  auto p = net->named_parameters();
  EXPECT_EQ(p["weight_ih_l0"].sizes(), (Shape{16, 3}));
  EXPECT_EQ(p["weight_ih_l1_reverse"].sizes(), (Shape{16, 8}));
  for (auto &t : net->parameters()) {
    EXPECT_LE(t.detach().abs().max().item<float>(), 0.5f);
    EXPECT_GT(t.detach().abs().max().item<float>(), 0.3f);
  }
  auto [y, last] = net->forward(randn({5, 2, 3}));
  EXPECT_EQ(y.sizes(), (Shape{5, 2, 8}));
  EXPECT_EQ(std::get<0>(last).sizes(), (Shape{4, 2, 4}));
  EXPECT_EQ(std::get<1>(last).sizes(), (Shape{4, 2, 4}));
  std::ostringstream out;
  out << net;
  EXPECT_EQ(out.str(), "LSTM(3, 4, num_layers=2, bidirectional=true)");
}

TEST(Rnn, ALayerIsItsCellRepeated) {
  manual_seed(2);
  nn::GRU layer(nn::GRUOptions(3, 4));
  nn::GRUCell cell(3, 4);
  NoGradGuard no_grad;
  for (const char *name : {"weight_ih", "weight_hh", "bias_ih", "bias_hh"})
    cell->named_parameters()[name].copy_(layer->named_parameters()[std::string(name) + "_l0"]);
  auto x = randn({6, 2, 3});
  auto [y, last] = layer->forward(x);
  Tensor h;
  for (int t = 0; t < 6; ++t) {
    h = cell->forward(x[t], h);
    EXPECT_TRUE(allclose(y[t], h, 1e-5, 1e-6));
  }
  EXPECT_TRUE(allclose(last[0], h, 1e-5, 1e-6));
}

TEST(Rnn, TrainsCompiledAsDefineByRunWithDropout) {
  auto train = [](bool compiled) {
    manual_seed(4);
    nn::LSTM net(nn::LSTMOptions(3, 4).num_layers(2).dropout(0.3));
    optim::SGD optimizer(net->parameters(), optim::SGDOptions(0.1));
    auto step = [&](Tensor x) {
      optimizer.zero_grad();
      auto loss = std::get<0>(net->forward(x)).square().mean();
      loss.backward();
      optimizer.step();
      return loss;
    };
    auto replay = compile(step);
    std::vector<float> losses;
    for (int i = 0; i < 4; ++i) {
      auto x = randn({5, 2, 3});
      losses.push_back((compiled ? replay(x) : step(x)).item<float>());
    }
    return losses;
  };
  EXPECT_EQ(train(true), train(false));
}

TEST(Rnn, PackedSequencesAreLengths) {
  namespace rnn = nn::utils::rnn;
  manual_seed(3);
  auto x = randn({3, 5, 2});
  auto lengths = tensor({4, 2, 1});
  auto packed = rnn::pack_padded_sequence(x, lengths, true);
  auto check = [&](auto layer, auto states) {
    auto [y, last] = layer->forward_with_packed_input(packed);
    auto [padded, n] = rnn::pad_packed_sequence(y, true);
    EXPECT_EQ(padded.sizes(), (Shape{3, 4, 6}));
    EXPECT_TRUE(equal(n, lengths));
    auto [expected, state] = layer->forward(x, {}, lengths);
    EXPECT_TRUE(equal(padded, expected.slice(1, 0, 4)));
    EXPECT_TRUE(equal(states(last), states(state)));
  };
  check(nn::LSTM(nn::LSTMOptions(2, 3).batch_first(true).bidirectional(true)), [](auto &s) { return std::get<1>(s); });
  check(nn::GRU(nn::GRUOptions(2, 3).bidirectional(true).batch_first(true)), [](auto &s) { return s; });
  check(nn::RNN(nn::RNNOptions(2, 6).batch_first(true)), [](auto &s) { return s; });
  auto [longer, n] = rnn::pad_packed_sequence(packed, false, -7, 6);
  EXPECT_EQ(longer.sizes(), (Shape{6, 3, 2}));
  EXPECT_TRUE(equal(longer.slice(0, 0, 1), x.transpose(0, 1).slice(0, 0, 1)));
  EXPECT_EQ(longer.slice(0, 4, 6).eq(-7).all().item<bool>(), true);
  auto list = rnn::pack_sequence({ones({3, 2}), ones({1, 2})});
  EXPECT_EQ(list.padded.sizes(), (Shape{3, 2, 2}));
  EXPECT_EQ(list.padded.sum().item<float>(), 8);
  EXPECT_EQ(rnn::pad_sequence({ones({1}), ones({2})}, true, 5)[0][1].item<float>(), 5);
  // As PyTorch packs them: step by step, the longest sequence first.
  auto steps = arange(6, kFloat).view({3, 2, 1});
  auto unsorted = rnn::pack_padded_sequence(steps, tensor({1, 3}), false, false);
  EXPECT_TRUE(equal(unsorted.data().view({-1}), tensor({1.f, 0.f, 3.f, 5.f})));
  EXPECT_TRUE(equal(unsorted.batch_sizes(), tensor({2, 1, 1})));
  rnn::PackedSequence again(unsorted.data() * 2, unsorted.batch_sizes(), unsorted.sorted_indices(), unsorted.unsorted_indices());
  auto [back, ends] = rnn::pad_packed_sequence(again);
  EXPECT_TRUE(equal(back.squeeze(2), tensor({{0.f, 2.f}, {0.f, 6.f}, {0.f, 10.f}})));
  EXPECT_TRUE(equal(ends, tensor({1, 3})));
  EXPECT_ERROR(rnn::PackedSequence(ones({3, 1}), tensor({1, 2})), "PackedSequence: expected batch sizes that are positive, do not grow");
  EXPECT_ERROR(rnn::pack_padded_sequence(x, tensor({1, 2, 3}), true), "pack_padded_sequence: expected lengths that do not grow, as enforce_sorted says; got 2 after 1");
  EXPECT_ERROR(rnn::pack_padded_sequence(x, tensor({6, 2, 3}), true), "pack_padded_sequence: expected lengths in [1, 5], got 6");
  EXPECT_ERROR(rnn::pack_padded_sequence(x, tensor({6, 2}), true), "pack_padded_sequence: expected an input");
  EXPECT_ERROR(rnn::pad_packed_sequence(packed, true, 0, 3), "pad_packed_sequence: expected a total_length of at least 4");
  EXPECT_ERROR(rnn::pad_sequence({}), "pad_sequence: expected at least one sequence");
}

TEST(Rnn, BadInput) {
  EXPECT_ERROR_TEXT(nn::RNN(0, 4), "RNN: expected positive sizes, came input_size 0");
  EXPECT_ERROR_TEXT(nn::GRU(nn::GRUOptions(3, 4).dropout(1.5)), "GRU: expected a dropout in [0, 1]");
  EXPECT_ERROR_TEXT(nn::RNN(nn::RNNOptions(3, 4).nonlinearity(kSigmoid)), "RNN: expected the nonlinearity kTanh or kReLU");
  nn::GRU net(3, 4);
  EXPECT_ERROR(net->forward(randn({5, 2, 2})), "GRU: expected an input of floating point [steps, batch, 3], or without a batch, came float32[5, 2, 2]");
  EXPECT_ERROR(net->forward(randn({5, 2, 3}), randn({2, 4})), "GRU: expected a first state of float32[1, 2, 4], came float32[2, 4]");
  EXPECT_ERROR(net->forward(randn({5, 2, 3}), {}, ones({2})), "GRU: expected lengths of dtype int64, one for each of 2 sequences, came float32[2]");
  nn::LSTMCell cell(3, 4);
  EXPECT_ERROR(cell->forward(randn({2, 4})), "LSTMCell: expected an input [batch, 3], or without a batch, came float32[2, 4]");
  EXPECT_ERROR(cell->forward(randn({2, 3}), std::tuple(randn({2, 4}), randn({2, 5}))), "LSTMCell: expected a state of float32[2, 4], came float32[2, 5]");
}

} // namespace
