// Artifacts on disk, by the whole text of their IR: $TENON_CACHE, else $XDG_CACHE_HOME/tenon, else ~/.cache/tenon.
// Per program <hash>.so and <hash>.key; the key's text is compared, so that equal hashes of different programs do no harm.
// Processes share the directory: files appear by rename, the artifact before its key, and vanish whole.
#include "compiler/api/compiler.h"
#include "frontend/tensor/program.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace tenon::detail {

namespace fs = std::filesystem;

namespace {

constexpr uintmax_t default_limit = uintmax_t(512) << 20; // bytes; TENON_CACHE_MB says otherwise

/// TENON_TARGET=haswell: code for another processor than this one, which must be able to run it.
compiler::Options options(DeviceNumber device) {
  compiler::Options options;
  if (device) {
    options.target = "cuda"; // PTX: the driver makes machine code for the GPU at hand, and keeps it
    return options;
  }
  if (auto *target = std::getenv("TENON_TARGET"); target && *target)
    options.target = target;
  return options;
}

/// Everything that the compiled form depends on; lines are not in it (number_places).
std::string key_of(mlir::ModuleOp module, DeviceNumber device) {
  std::string text = compiler::buildKey(options(device)) + "\n";
  llvm::raw_string_ostream out(text);
  module->print(out, mlir::OpPrintingFlags().enableDebugInfo(false).assumeVerified());
  return text;
}

/// The directory, made if need be; empty where it cannot be used (said once).
fs::path directory() {
  fs::path path;
  if (auto *given = std::getenv("TENON_CACHE")) {
    if (!*given || std::string(given) == "off")
      return {};
    path = given;
  } else if (auto *xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg) {
    path = fs::path(xdg) / "tenon";
  } else if (auto *home = std::getenv("HOME"); home && *home) {
    path = fs::path(home) / ".cache" / "tenon";
  } else {
    return {};
  }
  std::error_code error;
  if (!fs::exists(path, error)) {
    fs::create_directories(path.parent_path(), error);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
      say_once("the cache " + path.string() + " cannot be made (" + std::strerror(errno) + "); compiled steps are not kept");
      return {};
    }
  }
  struct stat info;
  if (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || (info.st_uid != ::geteuid() && info.st_uid != 0) || (info.st_mode & 022)) {
    say_once("the cache " + path.string() + " is not a directory that only this user writes; compiled steps are not kept");
    return {};
  }
  return path;
}

std::string read_file(const fs::path &path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return in ? text.str() : std::string();
}
bool write_file(const fs::path &path, const std::string &text) {
  auto temporary = path;
  temporary += "." + std::to_string(::getpid());
  std::ofstream out(temporary, std::ios::binary);
  out << text;
  out.close();
  std::error_code error;
  if (out)
    fs::rename(temporary, path, error);
  if (!out || error) {
    fs::remove(temporary, error);
    return false;
  }
  return true;
}

/// Removes the programs that were not used for longest until the rest fits.
void evict(const fs::path &folder) {
  auto limit = default_limit;
  if (auto *mb = std::getenv("TENON_CACHE_MB"))
    limit = uintmax_t(std::strtoull(mb, nullptr, 10)) << 20;
  struct Item {
    fs::file_time_type used;
    fs::path path;
    uintmax_t bytes;
  };
  std::vector<Item> items;
  uintmax_t total = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code e;
    auto bytes = at->file_size(e);
    auto used = at->last_write_time(e);
    if (!e) {
      items.push_back({used, at->path(), bytes});
      total += bytes;
    }
  }
  std::sort(items.begin(), items.end(), [](auto &a, auto &b) { return a.used < b.used; });
  for (auto &item : items) {
    if (total <= limit)
      break;
    fs::remove(item.path, error);
    total -= item.bytes;
  }
}

std::shared_ptr<Executable> compile_to(mlir::ModuleOp module, const fs::path &path, DeviceNumber device) {
  std::string said;
  mlir::ScopedDiagnosticHandler handler(&record::context(), [&](mlir::Diagnostic &d) {
    if (d.getSeverity() == mlir::DiagnosticSeverity::Error && said.empty()) {
      llvm::raw_string_ostream out(said);
      out << d;
      if (auto at = llvm::dyn_cast<mlir::FileLineColLoc>(d.getLocation()))
        out << " (" << at.getFilename().getValue() << ":" << at.getLine() << ")";
    }
    return mlir::success();
  });
  if (auto error = compiler::compileModule(module, options(device), path.string())) {
    auto text = llvm::toString(std::move(error));
    throw Error(said.empty() || text.find(said) != std::string::npos ? text : text + ": " + said);
  }
  return open_artifact(path.string(), device);
}

/// For want of a cache: a directory of this process, gone once the artifact is open.
std::shared_ptr<Executable> compile_without_cache(mlir::ModuleOp module, DeviceNumber device) {
  std::string pattern = (fs::temp_directory_path() / "tenon-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) {
    pattern = "/dev/shm/tenon-XXXXXX";
    if (!::mkdtemp(pattern.data()))
      throw Error("no directory to compile in: neither the cache nor " + fs::temp_directory_path().string() + " can be written");
  }
  struct Remove {
    fs::path path;
    ~Remove() {
      std::error_code error;
      fs::remove_all(path, error);
    }
  } remove{pattern};
  return compile_to(module, fs::path(pattern) / "step.so", device);
}

} // namespace

static bool is_set(const char *variable) {
  auto *value = std::getenv(variable);
  return value && *value && *value != '0';
}
static std::shared_ptr<Executable> load_or_compile_plain(mlir::OwningOpRef<mlir::ModuleOp> module, DeviceNumber device);

std::shared_ptr<Executable> load_or_compile(mlir::OwningOpRef<mlir::ModuleOp> module, DeviceNumber device) {
  // TENON_PRINT_CAPTURED=1 shows every module that define-by-run and compile() make, to be fed to tenon-opt or tenonc.
  if (is_set("TENON_PRINT_CAPTURED"))
    module->print(llvm::errs(), mlir::OpPrintingFlags().enableDebugInfo(true));
  number_places(*module);
  if (is_set("TENON_EVALUATE"))
    return make_evaluator(std::move(module));
  if (!is_set("TENON_VERIFY"))
    return load_or_compile_plain(std::move(module), device);
  mlir::OwningOpRef<mlir::ModuleOp> copy = module->clone();
  return make_verifier(std::move(copy), load_or_compile_plain(std::move(module), device));
}

static std::shared_ptr<Executable> load_or_compile_plain(mlir::OwningOpRef<mlir::ModuleOp> module, DeviceNumber device) {
  auto folder = directory();
  if (folder.empty())
    return compile_without_cache(*module, device);
  auto key = key_of(*module, device);
  auto hash = llvm::xxh3_128bits(llvm::ArrayRef(reinterpret_cast<const uint8_t *>(key.data()), key.size()));
  char name[40];
  std::snprintf(name, sizeof name, "%016llx%016llx", (unsigned long long)hash.high64, (unsigned long long)hash.low64);
  auto artifact = folder / (std::string(name) + ".so"), text = folder / (std::string(name) + ".key");
  if (read_file(text) == key) {
    try {
      auto found = open_artifact(artifact.string(), device);
      std::error_code error;
      fs::last_write_time(artifact, fs::file_time_type::clock::now(), error);
      fs::last_write_time(text, fs::file_time_type::clock::now(), error);
      return found;
    } catch (const Error &) {
      // Damaged, or evicted a moment ago: made again below.
    }
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    say_once("the cache " + folder.string() + " cannot be written; compiled steps are not kept");
    return compile_without_cache(*module, device);
  }
  mlir::OwningOpRef<mlir::ModuleOp> again = module->clone(); // compiling consumes it
  std::shared_ptr<Executable> made;
  try {
    made = compile_to(*module, artifact, device);
  } catch (const Error &) {
    // The disk may be full. If the program itself is at fault this says so again.
    made = compile_without_cache(*again, device);
    say_once("the cache " + folder.string() + " cannot be written; compiled steps are not kept");
    return made;
  }
  if (!write_file(text, key)) {
    std::error_code error;
    fs::remove(artifact, error);
    say_once("the cache " + folder.string() + " cannot be written; compiled steps are not kept");
  }
  evict(folder);
  return made;
}

} // namespace tenon::detail
