// Reads and replaces files with system calls alone.
#include "runtime/file.h"
#include "runtime/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace tenon::rt {

Descriptor::~Descriptor() {
  if (number >= 0)
    close(number);
}

tenon_status openToRead(const char *path, Descriptor &file, uint64_t &size) {
  // Not blocking: a pipe without a writer must not hang before it is refused.
  file.number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.number < 0)
    return fail(TENON_ERROR_FILE, "%s: cannot open: %s", path, strerror(errno));
  struct stat s;
  if (fstat(file.number, &s))
    return fail(TENON_ERROR_FILE, "%s: cannot examine: %s", path, strerror(errno));
  if (!S_ISREG(s.st_mode))
    return fail(TENON_ERROR_FILE, "%s: is not a regular file", path);
  size = s.st_size;
  return TENON_OK;
}

tenon_status readAt(const char *path, const Descriptor &file, void *data, uint64_t size, uint64_t offset) {
  char *to = static_cast<char *>(data);
  while (size) {
    ssize_t n = pread(file.number, to, size < (1u << 30) ? size : (1u << 30), offset);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return fail(TENON_ERROR_FILE, "%s: cannot read: %s", path, strerror(errno));
    if (n == 0)
      return fail(TENON_ERROR_FORMAT, "%s: ends at byte %llu, %llu more were expected", path, (unsigned long long)offset, (unsigned long long)size);
    to += n, size -= n, offset += n;
  }
  return TENON_OK;
}

tenon_status Replacement::failed(const char *what) { return fail(TENON_ERROR_FILE, "%s: cannot %s: %s", path_, what, strerror(errno)); }

tenon_status Replacement::open(const char *path) {
  // The file that a link points to is replaced, not the link.
  path_ = realpath(path, nullptr);
  if (!path_)
    path_ = strdup(path);
  if (!path_)
    return outOfMemory();
  struct stat s;
  if (!stat(path_, &s) && !S_ISREG(s.st_mode)) {
    if (S_ISDIR(s.st_mode))
      return errno = EISDIR, failed("write");
    file_.number = ::open(path_, O_WRONLY | O_CLOEXEC);
    return file_.number < 0 ? failed("open for writing") : TENON_OK;
  }
  for (int attempt = 0; attempt < 100; ++attempt) {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    Text name;
    name.add("%s.%d.%lx%d.tmp", path_, getpid(), now.tv_nsec ^ (reinterpret_cast<uintptr_t>(&now) >> 4), attempt);
    free(temporary_);
    if (!(temporary_ = name.release()))
      return outOfMemory();
    file_.number = ::open(temporary_, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_.number >= 0)
      return TENON_OK;
    if (errno != EEXIST)
      break;
  }
  int error = errno;
  free(temporary_), temporary_ = nullptr; // it is not ours to remove
  errno = error;
  return failed("create a file beside it");
}

tenon_status Replacement::write(const void *data, size_t size) {
  const char *from = static_cast<const char *>(data);
  while (size) {
    ssize_t n = ::write(file_.number, from, size < (1u << 30) ? size : (1u << 30));
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return failed("write");
    from += n, size -= n;
  }
  return TENON_OK;
}

tenon_status Replacement::commit() {
  if (!temporary_)
    return TENON_OK;
  if (fsync(file_.number))
    return failed("write to disk");
  if (rename(temporary_, path_))
    return failed("replace");
  free(temporary_), temporary_ = nullptr;
  // The new name itself must survive a crash too; a file system that cannot sync a folder has still replaced the file.
  char *slash = strrchr(path_, '/');
  if (slash)
    *(slash == path_ ? slash + 1 : slash) = 0;
  Descriptor folder(::open(slash ? path_ : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.number >= 0)
    fsync(folder.number);
  return TENON_OK;
}

Replacement::~Replacement() {
  if (temporary_)
    unlink(temporary_);
  free(temporary_);
  free(path_);
}

} // namespace tenon::rt
