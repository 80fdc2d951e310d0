// State as safetensors: what is written, what is read back, and every way in which a file can be wrong.
#include "artifact.h"
#include <csignal>
#include <cstring>
#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace tenon::test;

static Bytes safetensors(const std::string &header, size_t dataBytes, uint64_t claimed = UINT64_MAX) {
  uint64_t length = claimed == UINT64_MAX ? header.size() : claimed;
  Bytes bytes(8);
  std::memcpy(bytes.data(), &length, 8);
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.resize(bytes.size() + dataBytes, 0);
  return bytes;
}

static std::string entry(const std::string &name, const std::string &type, const std::string &shape, int begin, int end) {
  return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":[" + shape + "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
}
static const std::string step = entry("step", "I64", "", 0, 8), w = entry("w", "F32", "3,2", 8, 32), bias = entry("layer.bias", "F32", "2", 32, 40);

class StateFile : public testing::Test {
protected:
  Opened o;
  std::string path = temporary("state.safetensors");
  tenon_status load(const Bytes &bytes) {
    writeBytes(path, bytes);
    return tenon_state_load(o.state.get(), path.c_str());
  }
  void untouched() {
    EXPECT_EQ(o.w(), (std::vector<float>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(o.step(), 0);
  }
  size_t filesBeside() { return size_t(std::distance(std::filesystem::directory_iterator(std::filesystem::path(path).parent_path()), {})); }
};

TEST_F(StateFile, ComesBack) {
  o.train();
  o.state.save(path);
  tenon::runtime::State other(o.model);
  other.load(path);
  EXPECT_EQ(other.values<float>("w", 6), o.w());
  EXPECT_EQ(other.values<int64_t>("step", 1)[0], 1);
  Bytes bytes = readBytes(path);
  uint64_t length;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ(length % 8, 0u);
  std::string header(bytes.data() + 8, length);
  EXPECT_EQ(header.substr(0, header.find_last_not_of(' ') + 1), "{\"__metadata__\":{\"tied\":\"w\"}," + step + "," + w + "," + bias + "}");
}

TEST_F(StateFile, ReadsWhatOthersWrite) {
  Bytes bytes = safetensors("{ \"__metadata__\" : {\"a\":\"b\"}, " + w + ",\n" + bias + ", " + step + "}  ", 40);
  bytes[bytes.size() - 40] = 77; // step, at offset 0 of the data
  ASSERT_EQ(load(bytes), TENON_OK) << tenon_last_error();
  EXPECT_EQ(o.step(), 77);
  EXPECT_EQ(o.w(), std::vector<float>(6));
}

TEST_F(StateFile, AcceptsAliases) {
  std::string both = "{" + step + "," + w + "," + bias + "," + entry("tied", "F32", "3,2", 40, 64) + "}";
  EXPECT_EQ(load(safetensors(both, 64)), TENON_OK) << tenon_last_error();
  std::string only = "{" + step + "," + entry("tied", "F32", "3,2", 8, 32) + "," + bias + "}";
  EXPECT_EQ(load(safetensors(only, 40)), TENON_OK) << tenon_last_error();
  Bytes differ = safetensors(both, 64);
  differ.back() = 1;
  EXPECT_TRUE(failsWith(load(differ), TENON_ERROR_ARGUMENT, "tied and w share their storage, but their values differ"));
}

TEST_F(StateFile, NamesWhatDoesNotFit) {
  EXPECT_TRUE(failsWith(load(safetensors("{" + step + "," + w + "}", 32)), TENON_ERROR_ARGUMENT, "does not fit the model: missing layer.bias"));
  EXPECT_TRUE(failsWith(load(safetensors("{" + step + "," + w + "," + bias + "," + entry("fc9", "F32", "1", 40, 44) + "}", 44)), TENON_ERROR_ARGUMENT, "unknown fc9"));
  EXPECT_TRUE(failsWith(load(safetensors("{" + step + "," + entry("w", "F32", "2,3", 8, 32) + "," + bias + "}", 40)), TENON_ERROR_ARGUMENT, "w is float32[2,3], the model has float32[3,2]"));
  EXPECT_TRUE(failsWith(load(safetensors("{" + step + "," + entry("w", "I32", "3,2", 8, 32) + "," + bias + "}", 40)), TENON_ERROR_ARGUMENT, "w is int32[3,2], the model has float32[3,2]"));
  EXPECT_TRUE(failsWith(load(safetensors("{}", 0)), TENON_ERROR_ARGUMENT, "missing w, step, tied, layer.bias"));
  untouched();
}

TEST_F(StateFile, RefusesWrongLengths) {
  std::string good = "{" + step + "," + w + "," + bias + "}";
  for (uint64_t claimed : {uint64_t(0), uint64_t(1), uint64_t(1000), uint64_t(1) << 40, UINT64_MAX - 1, UINT64_MAX - 8})
    EXPECT_TRUE(failsWith(load(safetensors(good, 40, claimed)), TENON_ERROR_FORMAT, path)) << claimed;
  EXPECT_TRUE(failsWith(load(safetensors(good, 39)), TENON_ERROR_FORMAT, "has 39 bytes of data, its tensors take 40"));
  EXPECT_TRUE(failsWith(load(safetensors(good, 41)), TENON_ERROR_FORMAT, "has 41 bytes of data"));
  Bytes whole = safetensors(good, 40);
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_TRUE(failsWith(load(Bytes(whole.begin(), whole.begin() + long(size))), TENON_ERROR_FORMAT, path)) << size;
  untouched();
}

TEST_F(StateFile, RefusesOverlapsAndHugeOffsets) {
  auto with = [&](const std::string &entry) { return safetensors("{" + step + "," + entry + "," + bias + "}", 40); };
  EXPECT_TRUE(failsWith(load(with(entry("w", "F32", "3,2", 4, 28))), TENON_ERROR_FORMAT, "overlap or leave a hole"));
  EXPECT_TRUE(failsWith(load(with(entry("w", "F32", "3,2", 32, 8))), TENON_ERROR_FORMAT, "data_offsets that do not fit"));
  EXPECT_TRUE(failsWith(load(with(entry("w", "F32", "3,2", 8, 31))), TENON_ERROR_FORMAT, "data_offsets that do not fit"));
  EXPECT_TRUE(failsWith(load(with(entry("w", "F32", "3,3", 8, 32))), TENON_ERROR_FORMAT, "data_offsets that do not fit"));
  for (const char *offsets : {"[8]", "[8,32,33]", "[-8,16]", "[8.0,32]", "[9223372036854775807,9223372036854775808]", "[1e3,2e3]", "\"8\"", "[08,32]"})
    EXPECT_TRUE(failsWith(load(with(std::string("\"w\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":") + offsets + "}")), TENON_ERROR_FORMAT, "tensor w has")) << offsets;
  for (const char *shape : {"9223372036854775807,9223372036854775807", "4611686018427387904,2", "-3,-2", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,3,2"})
    EXPECT_TRUE(failsWith(load(with(entry("w", "F32", shape, 8, 32))), TENON_ERROR_FORMAT, "tensor w has")) << shape;
  EXPECT_TRUE(failsWith(load(safetensors("{" + step + "," + w + "," + w + "," + bias + "}", 40)), TENON_ERROR_FORMAT, "two tensors are called w"));
  EXPECT_TRUE(failsWith(load(with(entry("w", "F8_E4M3", "3,2", 8, 32))), TENON_ERROR_FORMAT, "unknown dtype"));
  untouched();
}

TEST_F(StateFile, SurvivesEveryFlippedBit) {
  Bytes good = safetensors("{" + step + "," + w + "," + bias + "}", 40);
  for (size_t at = 0; at < (good.size() - 40) * 8; ++at) {
    Bytes bad = good;
    bad[at / 8] = char(bad[at / 8] ^ (1 << at % 8));
    load(bad); // some still are a good file; none may crash
  }
}

TEST_F(StateFile, CannotBeRead) {
  EXPECT_TRUE(failsWith(tenon_state_load(o.state.get(), "/nonexistent/x"), TENON_ERROR_FILE, "/nonexistent/x: cannot open"));
  EXPECT_TRUE(failsWith(tenon_state_load(o.state.get(), "/tmp"), TENON_ERROR_FILE, "not a regular file"));
  untouched();
}

TEST_F(StateFile, CannotBeWritten) {
  EXPECT_TRUE(failsWith(tenon_state_save(o.state.get(), "/nonexistent/x"), TENON_ERROR_FILE, "/nonexistent/x: cannot create"));
  EXPECT_TRUE(failsWith(tenon_state_save(o.state.get(), "/tmp"), TENON_ERROR_FILE, "cannot write"));
  EXPECT_TRUE(failsWith(tenon_state_save(o.state.get(), "/dev/full"), TENON_ERROR_FILE, "No space left"));
  struct stat s;
  ASSERT_EQ(stat("/dev/full", &s), 0);
  EXPECT_TRUE(S_ISCHR(s.st_mode)) << "a device is written to, not replaced";
}

TEST_F(StateFile, AFullDiskKeepsTheOldFile) {
  o.state.save(path);
  Bytes before = readBytes(path);
  size_t files = filesBeside();
  signal(SIGXFSZ, SIG_IGN);
  rlimit old, small;
  getrlimit(RLIMIT_FSIZE, &old);
  small = {100, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  o.train();
  tenon_status status = tenon_state_save(o.state.get(), path.c_str());
  setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_TRUE(failsWith(status, TENON_ERROR_FILE, "cannot write"));
  EXPECT_EQ(readBytes(path), before);
  EXPECT_EQ(filesBeside(), files);
}

TEST_F(StateFile, FollowsALink) {
  std::string link = temporary("link.safetensors");
  writeBytes(path, {});
  std::filesystem::create_symlink(path, link);
  o.state.save(link);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_GT(readBytes(path).size(), 40u);
}

TEST_F(StateFile, AnyTensorsByName) {
  float a[6] = {1, 2, 3, 4, 5, 6};
  bool b[3] = {true, false, true};
  int64_t as[] = {2, 3}, bs[] = {3};
  tenon_named_array arrays[] = {{"flags \"quoted\"\n\u00e9", {b, TENON_BOOL, 1, bs}}, {"a", {a, TENON_FLOAT32, 2, as}}};
  ASSERT_EQ(tenon_file_write(path.c_str(), arrays, 2), TENON_OK) << tenon_last_error();
  tenon::runtime::File file(path);
  ASSERT_EQ(file.size(), 2u);
  EXPECT_STREQ(file[0].name, "a"); // wide elements first
  EXPECT_EQ(file[0].array.shape[1], 3);
  EXPECT_EQ(static_cast<float *>(file[0].array.data)[5], 6);
  EXPECT_STREQ(file[1].name, "flags \"quoted\"\n\u00e9");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file[1].array.data) % 64, 0u);
  EXPECT_EQ(tenon_file_get(file.get(), 2), nullptr);
  arrays[0].name = "a";
  EXPECT_TRUE(failsWith(tenon_file_write(path.c_str(), arrays, 2), TENON_ERROR_ARGUMENT, "two tensors are called a"));
}
