// What must hold of an artifact's bytes before anything in them is executed.
#include "runtime/artifact.h"
#include "runtime/cpu.h"
#include <elf.h>
#include <string.h>

namespace tenon::rt {

tenon_status checkTrailer(const char *path, const unsigned char *bytes, uint64_t size) {
  tenon_trailer t;
  if (size < sizeof(Elf64_Ehdr) + sizeof t || memcmp(bytes, ELFMAG, SELFMAG))
    return fail(TENON_ERROR_FORMAT, "%s: is not a Tenon artifact (%llu bytes, no shared library)", path, (unsigned long long)size);
  uint64_t length = size - sizeof t;
  memcpy(&t, bytes + length, sizeof t);
  if (t.magic != TENON_TRAILER_MAGIC)
    return fail(TENON_ERROR_FORMAT, "%s: is not a Tenon artifact, or its end is missing (no trailer in the last %zu bytes)", path, sizeof t);
  if (t.version != TENON_ABI_VERSION)
    return fail(TENON_ERROR_VERSION, "%s: has plan version %u; this runtime (%s) reads version %u", path, t.version, tenon_version(), TENON_ABI_VERSION);
  if (t.length != length)
    return fail(TENON_ERROR_FORMAT, "%s: is damaged: %llu bytes before the trailer, which says %llu", path, (unsigned long long)length, (unsigned long long)t.length);
  uint64_t digest = digestOf(bytes, length + offsetof(tenon_trailer, digest));
  if (t.digest != digest)
    return fail(TENON_ERROR_FORMAT, "%s: is damaged: its digest is %016llx, the trailer says %016llx", path, (unsigned long long)digest, (unsigned long long)t.digest);
  if (t.arch != cpuArch())
    return fail(TENON_ERROR_DEVICE, "%s: is compiled for %s (ELF machine %u), this is %s", path, archName(t.arch), t.arch, archName(cpuArch()));
  Elf64_Ehdr header;
  memcpy(&header, bytes, sizeof header);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != t.arch || header.e_type != ET_DYN)
    return fail(TENON_ERROR_FORMAT, "%s: is no shared library for the processor that its trailer names", path);
  if (uint64_t missing = t.features & ~cpuFeatures()) {
    Text names;
    nameFeatures(missing, names);
    return fail(TENON_ERROR_DEVICE, "%s: needs %s, which this processor lacks; compile it for this machine, or with an older --target", path, names.c_str());
  }
  return TENON_OK;
}

} // namespace tenon::rt
