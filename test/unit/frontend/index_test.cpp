// Places that are data: what gather, scatter, embeddings and sorting refuse, where their errors point, and what a failed step leaves.
#include "expect_error.h"

using namespace tenon;
using indexing::None, indexing::Slice;

namespace {

std::vector<float> numbers(const Tensor &t) { return {t.data_ptr<float>(), t.data_ptr<float>() + t.numel()}; }

TEST(IndexTest, AnIndexThatDoesNotExistFailsTheStepAndNamesTheLine) {
  auto x = arange(6, kFloat).view({2, 3});
  EXPECT_ERROR(x.index_select(1, tensor({0, 3})).sum().item<float>(), "index_select: an index is not in [0, 3)");
  EXPECT_ERROR(x.gather(0, tensor({{0, -1, 1}})).sum().item<float>(), "gather: an index is not in [0, 2)");
  EXPECT_ERROR(x.take(tensor({6})).sum().item<float>(), "take: an index is not in [-6, 6)");
  EXPECT_ERROR(x.index({tensor({-3})}).sum().item<float>(), "index: an index is not in [-2, 2)");
  EXPECT_ERROR(x.scatter(0, tensor({{2}}), 1.f).sum().item<float>(), "scatter: an index is not in [0, 2)");
  EXPECT_ERROR(F::one_hot(tensor({0, 4}), 4).sum().item<int64_t>(), "one_hot: an index is not in [0, 4)");
  EXPECT_ERROR(bincount(tensor({0, 4}), {}, 4).sum().item<int64_t>(), "bincount: an index is not in [0, 4)");
}

struct Table {
  nn::Embedding rows{nn::EmbeddingOptions(4, 3)};
  optim::SGD optimizer{rows->parameters(), optim::SGDOptions(0.5)};
  Tensor step(const Tensor &i) {
    optimizer.zero_grad();
    auto loss = rows(i).square().sum();
    loss.backward();
    optimizer.step();
    return loss;
  }
};

TEST(IndexTest, AFailedLookUpLeavesTheTableAlone) {
  Table net;
  auto before = net.rows->weight.detach().clone();
  before.data_ptr();
  auto loss = net.step(tensor({1, 4}));
  EXPECT_ERROR_TEXT(loss.item<float>(), "embedding: an index is not in [0, 4)", "index_test.cpp:27");
  EXPECT_TRUE(equal(net.rows->weight, before));
  auto step = compile([&](Tensor i) { return net.step(i); });
  for (int i = 0; i < 3; ++i)
    step(tensor({1, 3}));
  before = net.rows->weight.detach().clone();
  before.data_ptr();
  EXPECT_ERROR_TEXT(step(tensor({-1, 3})), "embedding: an index is not in [0, 4)", "index_test.cpp:27");
  EXPECT_TRUE(equal(net.rows->weight, before));
}

TEST(IndexTest, OnlyRowsThatWereReadAreTrained) {
  Table net;
  auto before = net.rows->weight.detach().clone();
  before.data_ptr();
  auto step = compile([&](Tensor i) { return net.step(i); });
  for (int i = 0; i < 3; ++i)
    step(tensor({1, 1}));
  auto after = net.rows->weight.detach();
  for (int row : {0, 2, 3})
    EXPECT_TRUE(equal(after[row].clone(), before[row].clone())) << row;
  EXPECT_FALSE(equal(after[1].clone(), before[1].clone()));
}

TEST(IndexTest, PaddingStartsAsZerosAndGetsNoGradient) {
  nn::Embedding rows(nn::EmbeddingOptions(4, 3).padding_idx(-2));
  EXPECT_EQ(numbers(rows->weight.detach()[2].clone()), std::vector<float>(3, 0));
  rows(tensor({2, 1, 2})).sum().backward();
  EXPECT_EQ(numbers(rows->weight.grad().sum(1)), (std::vector<float>{0, 3, 0, 0}));
}

TEST(IndexTest, PretrainedTablesAreFrozenUnlessAskedFor) {
  auto table = arange(6, kFloat).view({3, 2});
  auto rows = nn::Embedding::from_pretrained(table);
  EXPECT_FALSE(rows->weight.requires_grad());
  EXPECT_TRUE(equal(rows(tensor({2, 0})), tensor({{4.f, 5.f}, {0.f, 1.f}})));
  EXPECT_TRUE(nn::Embedding::from_pretrained(table, false)->weight.requires_grad());
  auto bags = nn::EmbeddingBag::from_pretrained(table, true, kSum);
  EXPECT_EQ(nn::EmbeddingBagOptions(5, 2).mode(kMax).mode(), EmbeddingBagMode::Max);
  EXPECT_ERROR_TEXT(nn::EmbeddingBagOptions(5, 2).mode(kNone), "expected mode kSum, kMean or kMax, got kNone");
  EXPECT_TRUE(equal(bags(tensor({2, 0, 1}), tensor({0, 2})), tensor({{4.f, 6.f}, {2.f, 3.f}})));
  EXPECT_ERROR(nn::Embedding::from_pretrained(tensor({1.f})), "Embedding::from_pretrained: expected a floating-point table [V, D]");
}

TEST(IndexTest, ShapesAndDtypesAreCheckedWhereTheyAreWritten) {
  auto x = arange(6, kFloat).view({2, 3}), i = tensor({0, 1});
  EXPECT_ERROR(x.gather(0, i), "gather: expected an index of the input's rank", "int64[2]");
  EXPECT_ERROR(x.gather(2, i.view({1, 2})), "gather", "2");
  EXPECT_ERROR(x.gather(0, x), "gather: expected indices of int64 or int32, got float32[2, 3]");
  EXPECT_ERROR(x.index_select(0, i.view({1, 2})), "index_select: expected a one-dimensional index");
  EXPECT_ERROR(x.scatter_add(0, i.view({2, 1}), ones({1, 1})), "scatter_add: expected an index of the input's rank", "src");
  EXPECT_ERROR(x.scatter_add(0, i.view({2, 1}), ones({2, 1}, kDouble)), "scatter_add: expected a src of the input's dtype");
  EXPECT_ERROR(x.index_add(0, i, ones({3, 3})), "index_add: expected a source [2, 3]");
  EXPECT_ERROR(x.index_copy(0, i, ones({2, 2})), "index_copy: expected a source [2, 3]");
  EXPECT_ERROR(x.scatter_reduce(0, i.view({2, 1}), ones({2, 1}), "prod"), "scatter_reduce: expected reduce", "prod");
  EXPECT_ERROR(x.index({i, i, i}), "index: expected at most one \"...\" and 2 indices", "got 3");
  EXPECT_ERROR(x.index({i, tensor({0, 1, 2})}), "index");
  EXPECT_ERROR(x.topk(4), "topk: expected k in [0, 3]", "got 4");
  EXPECT_ERROR(x.kthvalue(0), "kthvalue: expected k in [1, 3]", "got 0");
  EXPECT_ERROR(x.to(kLong).logcumsumexp(0), "logcumsumexp: expected a floating-point tensor");
  EXPECT_ERROR(searchsorted(x, i), "searchsorted: expected a one-dimensional sequence");
  EXPECT_ERROR(bucketize(x, x), "bucketize: expected one-dimensional boundaries");
  EXPECT_ERROR(histc(x, 0), "histc: expected", "at least one bin");
  EXPECT_ERROR(multinomial(ones({3}), 4), "multinomial: expected 1 to 3 samples without replacement, got 4");
  EXPECT_ERROR(randperm(-1), "randperm");
  EXPECT_ERROR(F::embedding(x, x), "embedding: expected indices of int64 or int32");
  EXPECT_ERROR(F::embedding(i, i), "embedding: expected weight of floating point");
  EXPECT_ERROR(F::embedding(i, x, F::EmbeddingFuncOptions().padding_idx(2)), "embedding: expected padding_idx in [-2, 2), came 2");
  EXPECT_ERROR(F::embedding(i, x, F::EmbeddingFuncOptions().max_norm(1.0)), "embedding: max_norm is not supported");
  EXPECT_ERROR(F::embedding(i, x, F::EmbeddingFuncOptions().scale_grad_by_freq(true)), "embedding: scale_grad_by_freq is not supported");
  EXPECT_ERROR(F::embedding_bag(i, x), "embedding_bag: expected an input [B, N] without offsets");
  EXPECT_ERROR(F::embedding_bag(i, x, F::EmbeddingBagFuncOptions().offsets(i.view({2, 1}))), "embedding_bag: expected one-dimensional integer offsets");
  EXPECT_ERROR(F::embedding_bag(i, x, F::EmbeddingBagFuncOptions().offsets(tensor({0})).per_sample_weights(ones({2}))), "embedding_bag: expected per_sample_weights", "mode sum");
  EXPECT_ERROR_TEXT(nn::Embedding(0, 3), "Embedding: expected positive sizes", "num_embeddings 0");
}

TEST(IndexTest, WritesGoThroughViews) {
  auto x = zeros({3, 4});
  x.select(0, 1).index_put_({tensor({0, 0, 2})}, tensor({1.f, 2.f, 3.f}), true);
  EXPECT_EQ(numbers(x[1].clone()), (std::vector<float>{3, 0, 3, 0}));
  x.t().scatter_(1, tensor({{2}, {0}}), 5.f);
  EXPECT_EQ(numbers(x.sum(1)), (std::vector<float>{5, 6, 5}));
  x.index_put_({Slice(), -1}, 7.f);
  EXPECT_EQ(numbers(x.index({"...", 3}).clone()), std::vector<float>(3, 7));
  EXPECT_EQ(x.index({None, Slice(None, None, 2)}).sizes().vec(), (Shape{1, 2, 4}));
  x.index_fill_(0, tensor({0}), -1.f);
  x.index_add_(1, tensor({3}), ones({3, 1}), 2);
  x.index_copy_(0, tensor({2}), ones({1, 4}));
  EXPECT_EQ(numbers(x.sum(1)), (std::vector<float>{-2, 15, 4}));
}

TEST(IndexTest, DrawsAreWhatTheyShouldBe) {
  manual_seed(3);
  auto order = randperm(50);
  EXPECT_TRUE(equal(std::get<0>(order.sort()), arange(50)));
  EXPECT_FALSE(equal(order, arange(50)));
  auto p = tensor({0.f, 1.f, 3.f, 0.f});
  auto counts = bincount(multinomial(p, 4000, true), {}, 4);
  EXPECT_EQ(counts[0].item<int64_t>() + counts[3].item<int64_t>(), 0);
  EXPECT_NEAR(counts[1].item<int64_t>() / 4000.0, 0.25, 0.03);
  auto rows = multinomial(p.expand({20, 4}), 2);
  EXPECT_EQ(rows.sizes().vec(), (Shape{20, 2}));
  EXPECT_TRUE(equal(std::get<0>(rows.sort()), tensor({1, 2}).expand({20, 2}).clone()));
}

TEST(IndexTest, NarrowTypesSortAndScatter) {
  auto x = tensor({3.f, 1.f, 2.f}).to(kBFloat16), i = tensor({1, 1, 0});
  EXPECT_EQ(numbers(std::get<0>(x.sort()).to(kFloat)), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(numbers(zeros({2}, kBFloat16).scatter_add(0, i, x).to(kFloat)), (std::vector<float>{2, 4}));
  EXPECT_EQ(numbers(x.cumsum(0).to(kFloat)), (std::vector<float>{3, 4, 6}));
  auto flags = x.gt(1.5f);
  EXPECT_EQ(numbers(flags.index_select(0, i).to(kFloat)), (std::vector<float>{0, 0, 1}));
  EXPECT_EQ(numbers(std::get<1>(flags.sort()).to(kFloat)), (std::vector<float>{1, 0, 2}));
}

} // namespace
