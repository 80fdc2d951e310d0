// Opens an artifact: the bytes that were checked are the bytes that the dynamic linker maps, whatever happens to the file meanwhile.
#include "runtime/artifact.h"
#include "runtime/file.h"
#include "runtime/text.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

namespace tenon::rt {

// Writes `size` bytes to a file without a name (or, where memory files cannot be executed, one of our own in $TMPDIR).
static tenon_status makeCopy(const char *path, const void *bytes, uint64_t size, bool inMemory, Descriptor &copy, Text &name) {
  if (inMemory) {
    copy.number = memfd_create("tenon", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    // The dynamic linker takes a path that it has seen for the library that it has: descriptors are used again, so each path is spelt
    // differently, by slashes and dots that mean nothing.
    static unsigned counter;
    name.add("/proc/self/fd/");
    for (unsigned n = __atomic_add_fetch(&counter, 1, __ATOMIC_RELAXED); n; n >>= 1)
      name.add(n & 1 ? "./" : "/");
    name.add("%d", copy.number);
  } else {
    const char *folder = getenv("TMPDIR");
    name.add("%s/tenon.XXXXXX", folder && *folder ? folder : "/tmp");
    if (name.failed())
      return outOfMemory();
    copy.number = mkostemp(const_cast<char *>(name.c_str()), O_CLOEXEC);
  }
  if (copy.number < 0)
    return fail(TENON_ERROR_FILE, "%s: cannot make a private copy: %s", path, strerror(errno));
  for (const char *from = static_cast<const char *>(bytes), *end = from + size; from < end;) {
    ssize_t n = write(copy.number, from, end - from);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return fail(TENON_ERROR_FILE, "%s: cannot make a private copy: %s", path, strerror(errno));
    from += n;
  }
  if (inMemory)
    fcntl(copy.number, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  return TENON_OK;
}

static tenon_status openCopy(const char *path, const void *bytes, uint64_t size, bool inMemory, void *&library) {
  Descriptor copy;
  Text name;
  tenon_status status = makeCopy(path, bytes, size, inMemory, copy, name);
  if (status == TENON_OK && !(library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)))
    status = fail(TENON_ERROR_FORMAT, "%s: cannot be opened: %s", path, dlerror());
  if (!inMemory && copy.number >= 0)
    unlink(name.c_str());
  return status;
}

tenon_status Artifact::open(const char *path) {
  Descriptor file;
  TENON_TRY(openToRead(path, file, bytes));
  if (bytes > SIZE_MAX / 2)
    return outOfMemory();
  struct Bytes {
    unsigned char *data;
    ~Bytes() { free(data); }
  } copy{static_cast<unsigned char *>(malloc(bytes ? bytes : 1))};
  if (!copy.data)
    return outOfMemory();
  TENON_TRY(readAt(path, file, copy.data, bytes, 0));
  TENON_TRY(checkTrailer(path, copy.data, bytes));
  // Kernels call libm. Not every program has it, and a runtime that was itself opened by dlopen does not share its own.
  dlopen("libm.so.6", RTLD_NOW | RTLD_GLOBAL);
  if (openCopy(path, copy.data, bytes, true, library) != TENON_OK)
    TENON_TRY(openCopy(path, copy.data, bytes, false, library));
  plan = static_cast<const tenon_plan *>(dlsym(library, TENON_PLAN_SYMBOL));
  cuda = static_cast<const tenon_cuda *>(dlsym(library, TENON_CUDA_SYMBOL));
  return plan ? TENON_OK : fail(TENON_ERROR_FORMAT, "%s: exports no " TENON_PLAN_SYMBOL, path);
}

Artifact::~Artifact() {
  if (library)
    dlclose(library);
}

} // namespace tenon::rt
