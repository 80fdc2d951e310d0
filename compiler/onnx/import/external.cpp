// External data: only regular files below the model's folder.
#include "compiler/onnx/import/external.h"
#include "compiler/onnx/import/node.h"
#include <filesystem>

namespace tenon::onnx::imports {
namespace fs = std::filesystem;

External External::open(const ::onnx::TensorProto &t, llvm::StringRef folder, int64_t length) {
  std::string location;
  uint64_t offset = 0;
  int64_t declared = -1;
  auto bad = [&](const llvm::Twine &what) -> Failure { return {("tensor '" + t.name() + "': external data '" + location + "' " + what).str()}; };
  for (const auto &e : t.external_data()) {
    if (e.key() == "location")
      location = e.value();
    else if (e.key() == "offset" && llvm::StringRef(e.value()).getAsInteger(10, offset))
      throw bad("has no number for an offset: '" + e.value() + "'");
    else if (e.key() == "length" && (llvm::StringRef(e.value()).getAsInteger(10, declared) || declared < 0))
      throw bad("has no number for a length: '" + e.value() + "'");
  }
  if (folder.empty())
    throw bad("cannot be read: the model came without a folder");
  if (location.empty() || location.find('\0') != std::string::npos)
    throw bad("has no usable location");
  fs::path path(location);
  if (path.is_absolute() || llvm::any_of(path, [](const fs::path &part) { return part == ".."; }))
    throw bad("leaves the model's folder");
  std::error_code code;
  fs::path root = fs::canonical(folder.str(), code), whole = code ? fs::path() : fs::canonical(root / path, code);
  if (code || !fs::is_regular_file(whole, code))
    throw bad("is no file");
  auto [end, at] = std::mismatch(root.begin(), root.end(), whole.begin(), whole.end());
  if (end != root.end())
    throw bad("is a link that leaves the model's folder");
  uint64_t size = fs::file_size(whole, code);
  if (code || offset > size || uint64_t(length) > size - offset)
    throw bad("has " + llvm::Twine(size) + " bytes; " + llvm::Twine(length) + " from " + llvm::Twine(offset) + " on are asked for");
  if (declared >= 0 && declared != length)
    throw bad("declares " + llvm::Twine(declared) + " bytes; the tensor's shape needs " + llvm::Twine(length));
  External result;
  if (length == 0) {
    result.bytes = nullptr;
    return result;
  }
  auto buffer = llvm::MemoryBuffer::getFileSlice(whole.string(), length, offset);
  if (!buffer || (*buffer)->getBufferSize() != uint64_t(length))
    throw bad("cannot be read");
  result.file = std::move(*buffer);
  result.bytes = result.file->getBufferStart();
  return result;
}

} // namespace tenon::onnx::imports
