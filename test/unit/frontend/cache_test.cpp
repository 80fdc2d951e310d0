// The cache of compiled steps on disk: found again, shared, checked, bounded, and never in the way.
#include "expect_error.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace tenon;
namespace fs = std::filesystem;

namespace {

/// A directory of its own as the cache, for this process and its children.
class CacheTest : public testing::Test {
protected:
  CacheTest() : folder(fs::temp_directory_path() / ("tenon-cache-test-" + std::to_string(::getpid()))), before(std::getenv("TENON_CACHE") ? std::getenv("TENON_CACHE") : "") {
    fs::remove_all(folder);
    ::setenv("TENON_CACHE", folder.c_str(), 1);
    ::setenv("TENON_QUIET", "1", 1);
  }
  ~CacheTest() override {
    ::setenv("TENON_CACHE", before.c_str(), 1);
    ::unsetenv("TENON_CACHE_MB");
    ::unsetenv("TENON_QUIET");
    fs::permissions(folder, fs::perms::owner_all, ec);
    fs::remove_all(folder);
  }
  /// A program that nobody compiled before in this process: its shape is new. The result is checked.
  static bool works(int64_t size) {
    auto x = full({size}, 3.f);
    return ((x * x).sum() + 1).item<float>() == 9 * float(size) + 1;
  }
  std::vector<fs::path> files(const std::string &extension) const {
    std::vector<fs::path> result;
    if (fs::exists(folder))
      for (auto &f : fs::directory_iterator(folder))
        if (f.path().extension() == extension)
          result.push_back(f.path());
    return result;
  }
  /// Runs in a process of its own, as another program would; true if it held.
  static bool in_another_process(const std::function<bool()> &test) {
    auto child = ::fork();
    if (child == 0)
      ::_exit(test() ? 0 : 1);
    int status = 1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  fs::path folder;
  std::string before;
  std::error_code ec;
};

#define SKIP_WITHOUT_COMPILER()                                                                                                            \
  if (std::getenv("TENON_EVALUATE") && std::string(std::getenv("TENON_EVALUATE")) == "1")                                                  \
  GTEST_SKIP() << "nothing is compiled"

TEST_F(CacheTest, KeepsWhatWasCompiledForThisUserOnly) {
  SKIP_WITHOUT_COMPILER();
  ASSERT_TRUE(works(1001));
  EXPECT_EQ(files(".so").size(), 1u);
  EXPECT_EQ(files(".key").size(), 1u);
  struct stat info;
  ASSERT_EQ(::stat(folder.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  ASSERT_TRUE(works(1001));
  EXPECT_EQ(files(".so").size(), 1u);
}

TEST_F(CacheTest, ServesOtherProcesses) {
  SKIP_WITHOUT_COMPILER();
  ASSERT_TRUE(in_another_process([] { return works(1002); }));
  ASSERT_EQ(files(".so").size(), 1u);
  auto made = fs::last_write_time(files(".so")[0]);
  auto inode = [&] {
    struct stat info;
    ::stat(files(".so")[0].c_str(), &info);
    return info.st_ino;
  };
  auto first = inode();
  ASSERT_TRUE(in_another_process([] { return works(1002); }));
  EXPECT_EQ(inode(), first) << "not compiled again";
  EXPECT_GE(fs::last_write_time(files(".so")[0]), made) << "used now";
}

TEST_F(CacheTest, LinesAreThoseOfTheProgramThatAsks) {
  SKIP_WITHOUT_COMPILER();
  // The label is out of range; the second process finds on the disk what the first compiled from another line.
  auto says = [](const std::function<Tensor()> &loss, int line) {
    try {
      loss().item<float>();
    } catch (const Error &e) {
      return std::string(e.what()).find("(cache_test.cpp:" + std::to_string(line) + ")") != std::string::npos;
    }
    return false;
  };
  auto x = zeros({2, 7}), y = tensor({0, 9});
  EXPECT_TRUE(in_another_process([&] { return says([&] { return F::cross_entropy(x, y); }, __LINE__); }));
  EXPECT_TRUE(in_another_process([&] { return says([&] { return F::cross_entropy(x, y); }, __LINE__); }));
  EXPECT_EQ(files(".so").size(), 1u);
}

TEST_F(CacheTest, ManyProcessesAtOnce) {
  SKIP_WITHOUT_COMPILER();
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    auto child = ::fork();
    if (child == 0)
      ::_exit(works(1003) && works(1004) ? 0 : 1);
    children.push_back(child);
  }
  for (auto child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(files(".so").size(), 2u);
  for (auto &f : fs::directory_iterator(folder))
    EXPECT_TRUE(f.path().extension() == ".so" || f.path().extension() == ".key") << "left behind: " << f.path();
}

TEST_F(CacheTest, DamageIsRepaired) {
  SKIP_WITHOUT_COMPILER();
  ASSERT_TRUE(in_another_process([] { return works(1005); }));
  auto artifact = files(".so")[0];
  auto size = fs::file_size(artifact);
  {
    std::fstream file(artifact, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(long(size / 2));
    file.put('\x5a');
    file.put('\x5a');
  }
  ASSERT_TRUE(in_another_process([] { return works(1005); }));
  fs::resize_file(artifact, size / 3);
  ASSERT_TRUE(in_another_process([] { return works(1005); }));
  EXPECT_EQ(fs::file_size(artifact), size);
}

TEST_F(CacheTest, AnotherProgramOfEqualHashIsNotTaken) {
  SKIP_WITHOUT_COMPILER();
  ASSERT_TRUE(in_another_process([] { return works(1006); }));
  auto key = files(".key")[0];
  std::ofstream(key, std::ios::app) << "something else";
  ASSERT_TRUE(in_another_process([] { return works(1006); }));
  std::ifstream in(key);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(text.find("something else"), std::string::npos) << "compared whole, and made again";
}

TEST_F(CacheTest, IsBounded) {
  SKIP_WITHOUT_COMPILER();
  ASSERT_TRUE(works(1007));
  ::setenv("TENON_CACHE_MB", "0", 1);
  ASSERT_TRUE(works(1008));
  EXPECT_TRUE(files(".so").empty());
  ASSERT_TRUE(works(1008)) << "what is loaded stays";
}

TEST_F(CacheTest, NoDirectoryNoHarm) {
  SKIP_WITHOUT_COMPILER();
  ::setenv("TENON_CACHE", "/proc/no/such/place", 1);
  EXPECT_TRUE(works(1009));
  ::setenv("TENON_CACHE", "off", 1);
  EXPECT_TRUE(works(1010));
  auto file = folder.string() + ".file";
  std::ofstream(file) << "a file";
  ::setenv("TENON_CACHE", file.c_str(), 1);
  EXPECT_TRUE(works(1011));
  fs::remove(file);
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms::all);
  ::setenv("TENON_CACHE", folder.c_str(), 1);
  EXPECT_TRUE(works(1012));
  EXPECT_TRUE(files(".so").empty()) << "others may write there: not used";
}

TEST_F(CacheTest, AFullDiskIsSaid) {
  SKIP_WITHOUT_COMPILER();
  // No file of this process may grow beyond a few bytes, in the cache or elsewhere.
  EXPECT_TRUE(in_another_process([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{1024, 1024};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      return works(1013);
    } catch (const Error &) {
      return true;
    }
  }));
  EXPECT_TRUE(files(".so").empty() && files(".key").empty()) << "nothing half written";
  EXPECT_TRUE(works(1013));
}

/// Pictures that depend on their index in what is written, not only in the numbers.
struct Pictures : data::datasets::Dataset<Pictures> {
  data::Example<> get(size_t i) override {
    auto picture = zeros({4, 5});
    auto k = int64_t(i % 3);
    picture.index_put_({indexing::Slice(k, k + 2)}, 1.f);
    return {picture + 0.5, tensor(k)};
  }
  std::optional<size_t> size() const override { return 12; }
};
TEST_F(CacheTest, TheFormOfABatchDoesNotDependOnItsExamples) {
  SKIP_WITHOUT_COMPILER();
  auto loader = data::make_data_loader(Pictures().map(data::transforms::Stack<>()), data::DataLoaderOptions(4)); // in random order
  auto epoch = [&] {
    for (auto &batch : *loader)
      EXPECT_EQ(batch.data.sum({1, 2}).sub(20).abs().max().item<float>(), 0);
    return files(".so").size();
  };
  auto first = epoch();
  EXPECT_EQ(epoch(), first);
}

} // namespace
