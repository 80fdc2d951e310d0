// lld in process; the trailer's digest is that of runtime/abi.h.
#include "compiler/codegen/link.h"
#include "lld/Common/Driver.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "runtime/abi.h"
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

LLD_HAS_DRIVER(elf)

namespace tenon::compiler {

static uint64_t digest(const char *p, size_t n) {
  constexpr uint64_t prime = 0x100000001b3ull;
  uint64_t h = 0xcbf29ce484222325ull;
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t w;
    std::memcpy(&w, p, 8);
    h = (h ^ w) * prime;
  }
  for (; n; ++p, --n) h = (h ^ (unsigned char)*p) * prime;
  return h;
}

llvm::Error writeAtomically(llvm::StringRef path, llvm::ArrayRef<char> bytes) {
  std::string temporary = (path + ".XXXXXX").str();
  auto fail = [&](const char *what) {
    std::string why = std::strerror(errno);
    if (temporary.back() != 'X') unlink(temporary.c_str());
    return llvm::createStringError("cannot " + std::string(what) + " " + path.str() + ": " + why);
  };
  int fd = mkstemp(temporary.data());
  if (fd < 0) return fail("create a file beside");
  fchmod(fd, 0644);
  for (size_t at = 0; at < bytes.size();) {
    ssize_t n = write(fd, bytes.data() + at, bytes.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) { llvm::Error e = fail("write"); close(fd); return e; }
    at += n;
  }
  if (close(fd) < 0) return fail("write");
  if (rename(temporary.c_str(), path.str().c_str()) < 0) return fail("replace");
  return llvm::Error::success();
}

/// A temporary file with these bytes (none: empty); memory is used where the system has it, so that a full disk is no matter here.
static int scratch(llvm::ArrayRef<char> bytes) {
  int fd = memfd_create("tenon", 0);
  for (size_t at = 0; fd >= 0 && at < bytes.size();) {
    ssize_t n = write(fd, bytes.data() + at, bytes.size() - at);
    if (n <= 0) { close(fd); return -1; }
    at += n;
  }
  return fd;
}

llvm::Error linkArtifact(llvm::ArrayRef<char> object, uint64_t features, llvm::StringRef path) {
  llvm::SmallString<128> output;
  if (auto ec = llvm::sys::fs::createTemporaryFile("tenon", "so", output)) return llvm::createStringError("cannot create a temporary file: " + ec.message());
  int fd = scratch(object);
  if (fd < 0) return llvm::createStringError("cannot keep the object file in memory");
  std::string input = "/proc/self/fd/" + std::to_string(fd), log;
  llvm::raw_string_ostream os(log);
  const char *arguments[] = {"ld.lld", "-shared", "--hash-style=gnu", "-z", "noexecstack", "-z", "norelro", "--threads=1", input.c_str(), "-o", output.c_str()};
  auto result = lld::lldMain(arguments, os, os, {{lld::Gnu, &lld::elf::link}});
  close(fd);
  auto linked = llvm::MemoryBuffer::getFile(output);
  unlink(output.c_str());
  if (result.retCode || !linked) return llvm::createStringError("linking the artifact failed: " + log);
  llvm::SmallVector<char> bytes((*linked)->getBufferStart(), (*linked)->getBufferEnd());
  tenon_trailer t{TENON_TRAILER_MAGIC, TENON_ABI_VERSION, llvm::ELF::EM_X86_64, features, bytes.size(), 0};
  bytes.append((const char *)&t, (const char *)(&t + 1));
  t.digest = digest(bytes.data(), t.length + offsetof(tenon_trailer, digest));
  std::memcpy(bytes.end() - sizeof t, &t, sizeof t);
  return writeAtomically(path, bytes);
}

} // namespace tenon::compiler
