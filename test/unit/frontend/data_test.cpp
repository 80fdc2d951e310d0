// Datasets, transforms, samplers and loaders, on files written here and on Fashion-MNIST where it is installed.
#include "expect_error.h"

#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>

using namespace tenon;
namespace fs = std::filesystem;
using data::datasets::MNIST;
using data::samplers::SequentialSampler;
using data::transforms::Normalize;
using data::transforms::Stack;

namespace {

std::string big_endian(std::initializer_list<uint32_t> words) {
  std::string bytes;
  for (uint32_t word : words)
    for (int shift : {24, 16, 8, 0})
      bytes.push_back(static_cast<char>(word >> shift));
  return bytes;
}

/// A folder with a training set of `count` images: pixel p of image i is (i + p) % 256, its label i % 10.
class MnistFiles : public testing::Test {
protected:
  void SetUp() override {
    char name[] = "/tmp/tenon-mnist-XXXXXX";
    folder = mkdtemp(name);
    write("train-images-idx3-ubyte", images(count));
    write("train-labels-idx1-ubyte", labels(count));
  }
  void TearDown() override { fs::remove_all(folder); }

  static std::string images(uint32_t n) {
    std::string bytes = big_endian({0x803, n, 28, 28});
    for (uint32_t i = 0; i < n; ++i)
      for (uint32_t p = 0; p < 784; ++p)
        bytes.push_back(static_cast<char>((i + p) % 256));
    return bytes;
  }
  static std::string labels(uint32_t n) {
    std::string bytes = big_endian({0x801, n});
    for (uint32_t i = 0; i < n; ++i)
      bytes.push_back(static_cast<char>(i % 10));
    return bytes;
  }
  std::string path(const std::string &name) const { return folder + "/" + name; }
  void write(const std::string &name, const std::string &bytes) const { std::ofstream(path(name), std::ios::binary) << bytes; }
  void write_gz(const std::string &name, const std::string &bytes) const {
    gzFile file = gzopen(path(name).c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
  }
  std::string read(const std::string &name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  static constexpr uint32_t count = 23;
  std::string folder;
};

TEST_F(MnistFiles, GivesImagesScaledAndLabels) {
  MNIST dataset(folder);
  EXPECT_TRUE(dataset.is_train());
  ASSERT_EQ(dataset.size().value(), count);
  auto example = dataset.get(7);
  EXPECT_EQ(example.data.sizes(), (IntArrayRef{1, 28, 28}));
  EXPECT_EQ(example.data.dtype(), kFloat32);
  EXPECT_EQ(example.data.data_ptr<float>()[3], 10 / 255.0f);
  EXPECT_EQ(example.target.item<int64_t>(), 7);
  EXPECT_EQ(dataset.images().sizes(), (IntArrayRef{count, 1, 28, 28}));
  EXPECT_EQ(dataset.targets().dtype(), kInt64);
  EXPECT_EQ(dataset.targets().data_ptr<int64_t>()[12], 2);
}

TEST_F(MnistFiles, ReadsCompressedFiles) {
  fs::remove(path("train-images-idx3-ubyte"));
  write_gz("train-images-idx3-ubyte.gz", images(count));
  EXPECT_EQ(MNIST(folder).get(5).data.data_ptr<float>()[0], 5 / 255.0f);
}

TEST_F(MnistFiles, LoaderMakesBatchesAndAPartialOne) {
  auto loader = data::make_data_loader<SequentialSampler>(MNIST(folder).map(Stack<>()), 10);
  for (int epoch = 0; epoch < 2; ++epoch) {
    std::vector<int64_t> sizes, labels;
    for (auto &batch : *loader) {
      sizes.push_back(batch.data.size(0));
      EXPECT_EQ(batch.data.sizes(), (IntArrayRef{sizes.back(), 1, 28, 28}));
      ASSERT_EQ(batch.target.sizes(), (IntArrayRef{sizes.back()}));
      EXPECT_EQ(batch.data.template data_ptr<float>()[0], static_cast<float>(labels.size()) / 255.0f);
      labels.insert(labels.end(), batch.target.template data_ptr<int64_t>(), batch.target.template data_ptr<int64_t>() + sizes.back());
    }
    EXPECT_EQ(sizes, (std::vector<int64_t>{10, 10, 3}));
    for (size_t i = 0; i < labels.size(); ++i)
      EXPECT_EQ(labels[i], static_cast<int64_t>(i % 10));
  }
}

TEST_F(MnistFiles, LoaderDropsThePartialBatch) {
  auto loader = data::make_data_loader<SequentialSampler>(MNIST(folder).map(Stack<>()), data::DataLoaderOptions(10).drop_last(true));
  EXPECT_EQ(std::distance(loader->begin(), loader->end()), 2);
  EXPECT_EQ(loader->options().batch_size(), 10u);
}

TEST_F(MnistFiles, StackingAtOnceEqualsStackingExamples) {
  auto at_once = MNIST(folder).map(Normalize<>(0.25, 0.5)).map(Stack<>());
  auto by_example = MNIST(folder).map(data::transforms::Lambda<data::Example<>>([](data::Example<> e) { return e; })).map(Normalize<>(0.25, 0.5)).map(Stack<>());
  static_assert(data::datasets::Stackable<decltype(MNIST(folder).map(Normalize<>(0.25, 0.5)))>);
  static_assert(!data::datasets::Stackable<decltype(MNIST(folder).map(data::transforms::Lambda<data::Example<>>(nullptr)))>);
  std::vector<size_t> indices{22, 3, 3};
  auto a = at_once.get_batch(indices), b = by_example.get_batch(indices);
  EXPECT_TRUE(equal(a.data, b.data));
  EXPECT_TRUE(equal(a.target, b.target));
  EXPECT_EQ(a.data.data_ptr<float>()[0], (22 / 255.0f - 0.25f) / 0.5f);
}

TEST_F(MnistFiles, LoaderWithoutStackGivesExamples) {
  auto loader = data::make_data_loader<SequentialSampler>(MNIST(folder), 4);
  std::vector<data::Example<>> batch = *loader->begin();
  ASSERT_EQ(batch.size(), 4u);
  EXPECT_EQ(batch[3].target.item<int64_t>(), 3);
}

TEST_F(MnistFiles, HostileFilesAreErrors) {
  std::string good_images = images(count), good_labels = labels(count), name = "train-images-idx3-ubyte";
  EXPECT_ERROR(MNIST(folder, MNIST::Mode::kTest), path("t10k-images-idx3-ubyte"), "no file");
  EXPECT_ERROR(MNIST("/nowhere"), "/nowhere/train-images-idx3-ubyte");

  write(name, good_images.substr(0, 7));
  EXPECT_ERROR(MNIST{folder}, path(name), "truncated", "16 bytes", "came 7");
  write(name, "");
  EXPECT_ERROR(MNIST{folder}, path(name), "truncated", "came 0");
  write(name, good_images.substr(0, good_images.size() - 1));
  EXPECT_ERROR(MNIST{folder}, path(name), "truncated", "23 x 28 x 28 = 18032 bytes", "came 18031");
  write(name, good_images + "x");
  EXPECT_ERROR(MNIST{folder}, path(name), "goes on after");
  write(name, good_labels);
  EXPECT_ERROR(MNIST{folder}, path(name), "magic number 0x00000801", "expected 0x00000803");
  write(name, "<html><head>not an archive</head></html>");
  EXPECT_ERROR(MNIST{folder}, path(name), "magic number 0x3c68746d");
  write(name, big_endian({0x803, 0xffffffff, 28, 28}) + "few");
  EXPECT_ERROR(MNIST{folder}, path(name), "truncated", "4294967295 x 28 x 28", "came 3");
  write(name, big_endian({0x803, 1, 32, 32}) + std::string(1024, '\0'));
  EXPECT_ERROR(MNIST{folder}, path(name), "items of 32 x 32", "expected 28 x 28");
  write(name, images(22));
  EXPECT_ERROR(MNIST{folder}, path(name), "22 images", path("train-labels-idx1-ubyte"), "23 labels");
  fs::remove(path(name));
  fs::create_directory(path(name));
  EXPECT_ERROR(MNIST{folder}, path(name), "not a regular file");
  fs::remove(path(name));

  write(name, good_images);
  good_labels[8 + 4] = 10;
  write("train-labels-idx1-ubyte", good_labels);
  EXPECT_ERROR(MNIST{folder}, path("train-labels-idx1-ubyte"), "label 10 at 4", "expected 0 to 9");
}

TEST_F(MnistFiles, HostileArchivesAreErrors) {
  std::string name = "train-images-idx3-ubyte.gz";
  fs::remove(path("train-images-idx3-ubyte"));
  write_gz(name, images(count));
  std::string good = read(name);
  write(name, good.substr(0, good.size() / 2));
  EXPECT_ERROR(MNIST{folder}, path(name), "truncated");
  write(name, good.substr(0, good.size() - 3)); // all data, half a checksum
  EXPECT_ERROR(MNIST{folder}, path(name), "truncated");
  std::string bad = good;
  bad[bad.size() - 6] = static_cast<char>(bad[bad.size() - 6] ^ 1);
  write(name, bad);
  EXPECT_ERROR(MNIST{folder}, path(name), "cannot be read", "incorrect data check");
  write_gz(name, images(count - 1));
  EXPECT_ERROR(MNIST{folder}, path(name), "22 images");
}

TEST(DataTest, MistakesOfTheProgramAreErrors) {
  data::datasets::PairDataset pairs(zeros({3, 2}), zeros({3}));
  EXPECT_ERROR(data::make_data_loader(pairs.map(Stack<>()), 0), "batch_size is 0");
  EXPECT_ERROR(data::datasets::PairDataset(zeros({3, 2}), zeros({4})), "3 rows", "4");
  EXPECT_ERROR_TEXT(pairs.get(3), "index 3", "3 rows");
  EXPECT_ERROR_TEXT(data::datasets::TensorDataset(scalar_tensor(1.0)), "at least one dimension");
  EXPECT_ERROR_TEXT(Normalize<>({0.5, 0.5}, {1.0, 1.0})(zeros({3, 4, 4})), "3 channels", "2 means");
  EXPECT_ERROR_TEXT(Stack<>().apply_batch({{zeros({2}), zeros({})}, {zeros({3}), zeros({})}}), "example 1");
  EXPECT_ERROR_TEXT(Stack<>().apply_batch({}), "empty");
  EXPECT_ERROR_TEXT(data::samplers::DistributedSequentialSampler(10, 2, 2), "rank 2");
}

TEST(DataTest, NormalizeTakesOneMeanPerChannel) {
  Tensor x = ones({2, 2, 2});
  Tensor y = Normalize<>({0.0, 0.5}, {2.0, 0.25})(x);
  const float *numbers = y.data_ptr<float>();
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(numbers[i], i < 4 ? 0.5f : 2.0f);
}

TEST(DataTest, TensorDatasets) {
  Tensor rows = arange(12, kFloat32).view({4, 3});
  auto loader = data::make_data_loader<SequentialSampler>(data::datasets::TensorDataset(rows).map(Stack<data::TensorExample>()), 3);
  auto batch = *loader->begin();
  EXPECT_EQ(batch.data.sizes(), (IntArrayRef{3, 3}));
  EXPECT_EQ(batch.data.data_ptr<float>()[8], 8);
  auto pairs = data::make_data_loader<SequentialSampler>(data::datasets::PairDataset(rows, arange(4)).map(Stack<>()), 3);
  auto last = ++pairs->begin();
  EXPECT_EQ(last->data.sizes(), (IntArrayRef{1, 3}));
  EXPECT_EQ(last->target.item<int64_t>(), 3);
}

/// A dataset as LibTorch's tutorials write it.
struct Squares : data::datasets::Dataset<Squares> {
  data::Example<> get(size_t index) override {
    double x = static_cast<double>(index);
    return {full({1}, x), full({1}, x * x)};
  }
  std::optional<size_t> size() const override { return 5; }
};

TEST(DataTest, DatasetsOfTheProgram) {
  auto loader = data::make_data_loader<SequentialSampler>(Squares().map(Stack<>()), 5);
  auto batch = *loader->begin();
  EXPECT_EQ(batch.target.sizes(), (IntArrayRef{5, 1}));
  EXPECT_EQ(batch.target.data_ptr<float>()[4], 16);
}

TEST(DataTest, RandomOrderIsAPermutationThatTheSeedRepeats) {
  auto epoch = [](data::samplers::RandomSampler &sampler) {
    std::vector<size_t> order;
    for (sampler.reset(); auto piece = sampler.next(7);)
      order.insert(order.end(), piece->begin(), piece->end());
    return order;
  };
  data::samplers::RandomSampler sampler(100);
  manual_seed(3);
  auto first = epoch(sampler), second = epoch(sampler);
  EXPECT_NE(first, second);
  EXPECT_EQ(std::set<size_t>(first.begin(), first.end()).size(), 100u);
  EXPECT_EQ(*std::max_element(first.begin(), first.end()), 99u);
  manual_seed(3);
  EXPECT_EQ(epoch(sampler), first);
  manual_seed(4);
  EXPECT_NE(epoch(sampler), first);
}

TEST(DataTest, DistributedSharesCoverEverything) {
  for (bool duplicates : {true, false}) {
    std::multiset<size_t> seen;
    for (size_t rank = 0; rank < 3; ++rank) {
      data::samplers::DistributedRandomSampler sampler(10, 3, rank, duplicates);
      sampler.set_epoch(2);
      while (auto piece = sampler.next(2))
        seen.insert(piece->begin(), piece->end());
    }
    EXPECT_EQ(seen.size(), duplicates ? 12u : 9u);
    EXPECT_EQ(std::set<size_t>(seen.begin(), seen.end()).size(), duplicates ? 10u : 9u);
  }
}

TEST(DataTest, FashionMnist) {
  const char *folder = "/usr/share/datasets/fashion-mnist";
  if (!fs::exists(folder))
    GTEST_SKIP() << "no " << folder << ": apt install dataset-fashion-mnist";
  MNIST train(folder), test(folder, MNIST::Mode::kTest);
  EXPECT_EQ(train.size().value(), 60000u);
  EXPECT_EQ(test.size().value(), 10000u);
  std::vector<size_t> indices{0, 1, 9999};
  auto batch = test.get_stacked(indices);
  EXPECT_EQ(batch.target.data_ptr<int64_t>()[0], 9); // an ankle boot
  EXPECT_EQ(batch.target.data_ptr<int64_t>()[1], 2);
  const float *pixels = batch.data.data_ptr<float>();
  EXPECT_EQ(*std::max_element(pixels, pixels + 784), 1.0f);
}

} // namespace
