// Three roads, the same bits: steps written out (with item() before or after backward), replays of a compiled step, and the
// artifact run through the C interface by one thread or two; with dropout and a scheduler.
#include "cases.h"
#include "runtime/tenon.h"

#include <filesystem>
#include <functional>

using namespace tenon;
namespace F = nn::functional;

namespace {

constexpr int steps = 12;

struct Result {
  std::vector<float> losses;
  std::vector<std::vector<float>> parameters;
  bool operator==(const Result &) const = default;
};

enum class Optimizer { SGD, Adam, AdamW, RMSprop, Adagrad };

std::shared_ptr<optim::Optimizer> make_optimizer(Optimizer kind, std::vector<Tensor> p) {
  switch (kind) {
  case Optimizer::SGD:
    return std::make_shared<optim::SGD>(p, optim::SGDOptions(0.05).momentum(0.9).weight_decay(0.01));
  case Optimizer::Adam:
    return std::make_shared<optim::Adam>(p, optim::AdamOptions(1e-2));
  case Optimizer::AdamW:
    return std::make_shared<optim::AdamW>(p, optim::AdamWOptions(1e-2));
  case Optimizer::RMSprop:
    return std::make_shared<optim::RMSprop>(p, optim::RMSpropOptions(1e-3).momentum(0.5));
  default:
    return std::make_shared<optim::Adagrad>(p, optim::AdagradOptions(1e-2));
  }
}

/// One training, always from the same weights, batches and random numbers.
struct Training {
  nn::Sequential net{nullptr};
  std::shared_ptr<optim::Optimizer> optimizer;
  std::shared_ptr<optim::StepLR> scheduler;
  std::vector<std::pair<Tensor, Tensor>> batches;

  explicit Training(Optimizer kind) {
    manual_seed(3);
    net = nn::Sequential(nn::Linear(20, 33), nn::ReLU(), nn::Dropout(0.3), nn::Linear(33, 5));
    optimizer = make_optimizer(kind, net->parameters());
    scheduler = std::make_shared<optim::StepLR>(*optimizer, 4, 0.5);
    Sequence sequence{5};
    for (int b = 0; b < 3; ++b) {
      Tensor x = make(sequence, {16, 20}, 1, kFloat32);
      batches.emplace_back(x, tensor(sequence.labels(16, 5)));
    }
    manual_seed(4);
  }
  Tensor step(const Tensor &x, const Tensor &y, bool early) {
    optimizer->zero_grad();
    Tensor loss = F::cross_entropy(net->forward(x), y);
    if (early)
      loss.item<float>();
    loss.backward();
    optimizer->step();
    scheduler->step();
    return loss;
  }
  Result finish(std::vector<float> losses) {
    Result result{std::move(losses), {}};
    for (const Tensor &p : net->parameters()) {
      Tensor values = p.detach();
      result.parameters.emplace_back(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
    }
    return result;
  }
};

Result written_out(Optimizer kind, bool early) {
  Training t(kind);
  std::vector<float> losses;
  for (int i = 0; i < steps; ++i)
    losses.push_back(t.step(t.batches[i % 3].first, t.batches[i % 3].second, early).item<float>());
  return t.finish(losses);
}

Result compiled(Optimizer kind, const std::string &artifact, int save_after) {
  Training t(kind);
  auto step = compile([&](Tensor x, Tensor y) { return t.step(x, y, false); });
  std::vector<float> losses;
  for (int i = 0; i < steps; ++i) {
    losses.push_back(step(t.batches[i % 3].first, t.batches[i % 3].second).item<float>());
    if (i + 1 == save_after)
      save_artifact(artifact, {{"train_step", step}});
  }
  return t.finish(losses);
}

/// The rest of the steps from C, after `first` were made by the frontend.
Result from_c(const std::string &artifact, const Result &all, int first, uint32_t threads) {
  auto must = [](tenon_status status) {
    if (status != TENON_OK)
      throw std::runtime_error(tenon_last_error());
  };
  tenon_model *model;
  tenon_state *state;
  tenon_context *context;
  tenon_options options{};
  options.threads = threads;
  must(tenon_model_load(artifact.c_str(), &model));
  must(tenon_state_create(model, &state));
  must(tenon_context_create(model, &options, &context));
  Sequence sequence{5};
  std::vector<std::vector<float>> xs;
  std::vector<std::vector<int64_t>> ys;
  for (int b = 0; b < 3; ++b) {
    auto numbers = sequence.numbers(16 * 20);
    xs.emplace_back(numbers.begin(), numbers.end());
    ys.push_back(sequence.labels(16, 5));
  }
  Result result{{all.losses.begin(), all.losses.begin() + first}, {}};
  int64_t x_shape[] = {16, 20}, y_shape[] = {16};
  for (int i = first; i < steps; ++i) {
    float loss;
    tenon_array in[] = {{xs[i % 3].data(), TENON_FLOAT32, 2, x_shape}, {ys[i % 3].data(), TENON_INT64, 1, y_shape}};
    tenon_array out[] = {{&loss, TENON_FLOAT32, 0, nullptr}};
    must(tenon_call(context, state, "train_step", in, 2, out, 1));
    result.losses.push_back(loss);
  }
  for (auto [name, size] : {std::pair{"0.weight", 33 * 20}, {"0.bias", 33}, {"3.weight", 5 * 33}, {"3.bias", 5}}) {
    std::vector<float> values(size);
    must(tenon_state_get(state, name, values.data(), size * sizeof(float)));
    result.parameters.push_back(values);
  }
  tenon_context_free(context);
  tenon_state_free(state);
  tenon_model_free(model);
  return result;
}

class Replay : public testing::TestWithParam<Optimizer> {};

TEST_P(Replay, WrittenOut) {
  Result late = written_out(GetParam(), false), early = written_out(GetParam(), true);
  EXPECT_EQ(late.losses, early.losses);
  EXPECT_EQ(late.parameters, early.parameters);
  EXPECT_NE(late.losses.front(), late.losses[3]) << "the same batch again: the weights should have moved";
}

TEST_P(Replay, CompiledAndFromC) {
  std::string artifact = testing::TempDir() + "replay_" + std::to_string(static_cast<int>(GetParam())) + ".so";
  Result expected = written_out(GetParam(), false), replayed = compiled(GetParam(), artifact, 4);
  EXPECT_EQ(replayed.losses, expected.losses);
  EXPECT_EQ(replayed.parameters, expected.parameters);
  for (uint32_t threads : {1, 2}) {
    Result c = from_c(artifact, expected, 4, threads);
    EXPECT_EQ(c.losses, expected.losses) << threads << " threads";
    EXPECT_EQ(c.parameters, expected.parameters) << threads << " threads";
  }
  std::filesystem::remove(artifact);
}

std::string name_of(const testing::TestParamInfo<Optimizer> &info) {
  const char *names[] = {"SGD", "Adam", "AdamW", "RMSprop", "Adagrad"};
  return names[static_cast<int>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Roads, Replay, testing::Values(Optimizer::SGD, Optimizer::Adam, Optimizer::AdamW, Optimizer::RMSprop, Optimizer::Adagrad), name_of);

} // namespace
