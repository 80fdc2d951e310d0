// Compiles plan.c and appends trailers. The trailer is written byte by byte as abi.h describes it, apart from the runtime's own code.
#include "artifact.h"
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace tenon::test {

Bytes readBytes(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

void writeBytes(const std::string &path, const Bytes &bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string temporary(const std::string &name) {
  struct Folder {
    std::string path = (std::filesystem::temp_directory_path() / ("tenon-test-" + std::to_string(getpid()))).string();
    pid_t owner = getpid();
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() {
      if (getpid() == owner)
        std::filesystem::remove_all(path);
    }
  };
  static Folder folder;
  return folder.path + "/" + name;
}

Bytes compilePlan(const std::map<std::string, std::string> &changes, const std::string &file, const std::string &flags) {
  std::map<std::string, std::string> numbers = {
      {"KERNEL_NAME", "\"check_labels\""}, {"KERNEL_CODE", "check_labels"}, {"STATE_PANEL", "2"}, {"STATE_ALIAS", "0"}, {"STATE_SIZE", "3"},
      {"STATE_NAME", "\"layer.bias\""}, {"STATE_BITS", "32"}, {"STATE_RANK", "1"}, {"STATE_SHAPE", "SIZES(2)"}, {"STATE_INITIAL", "NULL"},
      {"STATE_COUNT", "COUNT(state)"}, {"CONSTANT_BYTES", "4"}, {"EXPRESSION_OPERATION", "TENON_EXPR_MUL"}, {"EXPRESSION_OPERAND", "BATCH"},
      {"ARGUMENT_SPACE", "CONSTANT"}, {"ARGUMENT_INDEX", "0"}, {"ARGUMENT_OFFSET", "0"}, {"CALL_KERNEL", "5"}, {"CALL_ARGUMENT", "2"},
      {"COMMAND_KIND", "TENON_COMMAND_FILL"}, {"COMMAND_FIRST", "0"}, {"COMMAND_BYTES", "20"}, {"LAUNCH_COUNT", "3"},
      {"LOOP_COUNT", "4"}, {"LOOP_OTHERS", "0"}, {"LOOP_MOVES", "5"}, {"LOOP_PASSES", "5"}, {"LOOP_STRIDE", "-16"}, {"MOVE_ARGUMENT", "0"}, {"INNER_COUNT", "1"},
      {"FLAG_OFFSET", "0"}, {"BRANCH_OTHERS", "1"},
      {"PLAN_MAGIC", "TENON_PLAN_MAGIC"}, {"PLAN_VERSION", "TENON_ABI_VERSION"}, {"PLAN_SYMBOL", "tenon_plan_v2"}, {"KERNELS", "kernels"}};
  for (const auto &[name, value] : changes)
    numbers.at(name) = value;
  std::string library = temporary("plan.so");
  std::string command = "cc -O2 -shared -fPIC -fvisibility=hidden -w -I" TENON_SOURCE_DIR " " TENON_SOURCE_DIR "/" + file + " -o " + library + " " + flags;
  for (const auto &[name, value] : numbers)
    command += " '-D" + name + "=" + value + "'";
  if (std::system(command.c_str()))
    throw std::runtime_error("cc failed: " + command);
  return readBytes(library);
}

Bytes withTrailer(Bytes bytes, Trailer t) {
  auto append = [&](auto value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes.insert(bytes.end(), raw, raw + sizeof value);
  };
  uint64_t length = bytes.size();
  uint16_t machine;
  std::memcpy(&machine, &bytes.at(18), 2); // e_machine
  append(t.magic);
  append(t.version);
  append(t.arch < 0 ? uint32_t(machine) : uint32_t(t.arch));
  append(t.features);
  append(length + t.lengthError);
  uint64_t digest = 0xcbf29ce484222325, prime = 0x100000001b3;
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, &bytes[i], 8);
    digest = (digest ^ word) * prime;
  }
  for (; i < bytes.size(); ++i)
    digest = (digest ^ static_cast<unsigned char>(bytes[i])) * prime;
  append(digest);
  return bytes;
}

std::string artifact(const std::map<std::string, std::string> &changes) {
  static std::map<std::map<std::string, std::string>, std::string> made;
  std::string &path = made[changes];
  if (path.empty()) {
    path = temporary("plan" + std::to_string(made.size()) + ".tenon");
    writeBytes(path, withTrailer(compilePlan(changes)));
  }
  return path;
}

static tenon_options options(unsigned threads, bool profile) {
  tenon_options o = {};
  o.threads = threads, o.profile = profile;
  return o;
}

Opened::Opened(unsigned threads, bool profile) : model(artifact()), state(model), context(model, options(threads, profile)) {}

float Opened::train(std::vector<int64_t> labels) {
  std::vector<float> x(2 * labels.size());
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = float(i + 1);
  int64_t n = int64_t(labels.size());
  float loss = 0;
  context.call(state, "train", {{x.data(), {n, 2}}, {labels.data(), {n}}}, {{&loss, {}}});
  return loss;
}

testing::AssertionResult failsWith(tenon_status got, tenon_status status, const std::string &part) {
  if (got != status)
    return testing::AssertionFailure() << "status " << got << ", expected " << status << ": " << tenon_last_error();
  if (!std::strstr(tenon_last_error(), part.c_str()))
    return testing::AssertionFailure() << "\"" << tenon_last_error() << "\" does not contain \"" << part << "\"";
  return testing::AssertionSuccess();
}

} // namespace tenon::test
