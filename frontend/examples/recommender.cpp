// Neural collaborative filtering (He et al., 2017): embeddings of users and items, their product and a network beside it. The task
// is made here: a user likes an item if their hidden vectors of 8 numbers agree; the best possible accuracy is 1.
#include "example.h"

using namespace tenon;

struct RecommenderImpl : nn::Module {
  nn::Embedding users, items;
  nn::Linear fc1, fc2, out;
  RecommenderImpl(int64_t n_users, int64_t n_items, int64_t size)
      : users(n_users, size), items(n_items, size), fc1(2 * size, 4 * size), fc2(4 * size, size), out(2 * size, 1) {
    register_module("users", users);
    register_module("items", items);
    register_module("fc1", fc1);
    register_module("fc2", fc2);
    register_module("out", out);
  }
  /// user [N], item [N]: logits [N]
  Tensor forward(Tensor user, Tensor item) {
    auto u = users(user), i = items(item);
    auto deep = relu(fc2(relu(fc1(cat({u, i}, 1)))));
    return out(cat({u * i, deep}, 1)).squeeze(1);
  }
};
TENON_MODULE(Recommender);

int main() {
  manual_seed(0);
  constexpr int64_t n_users = 500, n_items = 200, batch = 512;
  auto taste = randn({n_users, 8}), kind = randn({n_items, 8});
  auto likes = taste.matmul(kind.t()).gt(0).to(kFloat).flatten(); // [users * items]
  Recommender net(n_users, n_items, 16);
  optim::Adam optimizer(net->parameters(), optim::AdamOptions(3e-3));
  auto step = compile([&](Tensor user, Tensor item, Tensor liked) {
    optimizer.zero_grad();
    auto loss = F::binary_cross_entropy_with_logits(net(user, item), liked);
    loss.backward();
    optimizer.step();
    return loss;
  });
  auto draw = [&](int64_t n) {
    auto user = randint(n_users, {n}), item = randint(n_items, {n});
    return std::tuple{user, item, likes.index_select(0, user * n_items + item)};
  };
  for (int64_t i = 0; i < example::steps(3000, 10); ++i) {
    auto [user, item, liked] = draw(batch);
    if (auto loss = step(user, item, liked); i % 500 == 499)
      std::printf("step %lld: loss %.4f\n", (long long)i + 1, loss.item<float>());
  }
  NoGradGuard no_grad;
  auto [user, item, liked] = draw(10000);
  std::printf("accuracy %.4f\n", net(user, item).gt(0).eq(liked.gt(0.5)).to(kFloat).mean().item<float>());
  example::save_onnx("recommender", net, [](int64_t n) { return TensorList{randint(n_users, {n}), randint(n_items, {n})}; });
}
