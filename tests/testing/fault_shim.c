/* clang-format off */
/* Preloaded into the program by a test, so that runs break off at the same place on every machine. Where something was
   injected, the program's second stream says "injected fault".

   ENGRAM_FAIL_AT=n                the n-th call that writes, syncs, renames or closes what was written fails as on a full
                                   disk
   ENGRAM_KILL_AT=n                the n-th such call does not return: kill -9
   ENGRAM_FAULT=kind:n:errno       the n-th call of this kind fails; kinds: open mkdir truncate unlink rename sync read
                                   write close
   ENGRAM_FAIL_READ=word:n         of files whose path contains the word, reads give few bytes and the n-th fails
   ENGRAM_SHORT=bytes              no write or read takes more than so many bytes
   ENGRAM_ALLOCATION=n             the n-th allocation from the beginning of main on, and all that follow, give no memory
                                   (one alone is no trial: the program has a reserve, apps/low_memory.cpp)
   ENGRAM_LOG=file                 every change of a file or folder as one record, for tests/trust/replay_test.py
   ENGRAM_SIGNALS="word:n:s ..."   after the n-th rename to a path that contains the word, signal s */
/* clang-format on */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL(name, type, ...)       \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static void say_injected(void) { syscall(SYS_write, 2, "injected fault\n", 15); }

/* 1 if this call is the one that is to fail; errno is set then. */
static int fails(const char* kind) {
  static atomic_int calls;
  const char* at = getenv("ENGRAM_FAULT");
  char word[16];
  int wanted = 0, error = 0;
  if (!at || sscanf(at, "%15[^:]:%d:%d", word, &wanted, &error) != 3 || strcmp(word, kind)) return 0;
  if (atomic_fetch_add(&calls, 1) + 1 != wanted) return 0;
  say_injected();
  errno = error;
  return 1;
}

/* Of the calls by which data reach the disk, whichever kind they are of. */
static int stops(void) {
  static atomic_int calls;
  const char *fail_at = getenv("ENGRAM_FAIL_AT"), *kill_at = getenv("ENGRAM_KILL_AT");
  const int call = atomic_fetch_add(&calls, 1) + 1;
  if (kill_at && call == atoi(kill_at)) raise(SIGKILL);
  if (!fail_at || call != atoi(fail_at)) return 0;
  say_injected();
  errno = ENOSPC;
  return 1;
}

static void path_of(int file, char* path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, size - 1);
  path[length < 0 ? 0 : length] = 0;
}

static void path_at(int folder, const char* name, char* path, size_t size) {
  char base[4096];
  if (*name == '/') {
    snprintf(path, size, "%s", name);
    return;
  }
  if (folder == AT_FDCWD) {
    if (!getcwd(base, sizeof base)) base[0] = 0;
  } else {
    path_of(folder, base, sizeof base);
  }
  while (name[0] == '.' && name[1] == '/') name += 2;
  snprintf(path, size, "%s/%s", base, name);
}

/* "operation offset bytes path-length other-length\n", the two paths, the data. */
static void record(const char* operation, const char* path, const char* other, long offset, const void* data,
                   size_t bytes) {
  static int log = -1;
  const char* file = getenv("ENGRAM_LOG");
  if (!file) return;
  if (log < 0) log = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  char head[128];
  const int length =
      snprintf(head, sizeof head, "%s %ld %zu %zu %zu\n", operation, offset, bytes, strlen(path), strlen(other));
  syscall(SYS_write, log, head, (size_t)length);
  syscall(SYS_write, log, path, strlen(path));
  syscall(SYS_write, log, other, strlen(other));
  if (bytes) syscall(SYS_write, log, data, bytes);
}

static void record_file(const char* operation, int file, long offset, const void* data, size_t bytes) {
  const int before = errno;
  char path[4096];
  path_of(file, path, sizeof path);
  record(operation, path, "", offset, data, bytes);
  errno = before;
}

static int opened(int folder, const char* name, int flags, mode_t mode) {
  if (fails("open")) return -1;
  const int file = (int)syscall(SYS_openat, folder, name, flags, mode);
  if (file >= 0 && (flags & (O_CREAT | O_TRUNC))) record_file(flags & O_TRUNC ? "empty" : "create", file, 0, "", 0);
  return file;
}
static mode_t mode_of(int flags, va_list rest) { return flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0; }

#define OPEN(name)                              \
  int name(const char* path, int flags, ...) {  \
    va_list rest;                               \
    va_start(rest, flags);                      \
    const mode_t mode = mode_of(flags, rest);   \
    va_end(rest);                               \
    return opened(AT_FDCWD, path, flags, mode); \
  }
#define OPENAT(name)                                       \
  int name(int folder, const char* path, int flags, ...) { \
    va_list rest;                                          \
    va_start(rest, flags);                                 \
    const mode_t mode = mode_of(flags, rest);              \
    va_end(rest);                                          \
    return opened(folder, path, flags, mode);              \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int mkdirat(int folder, const char* name, mode_t mode) {
  if (fails("mkdir")) return -1;
  const long result = syscall(SYS_mkdirat, folder, name, mode);
  char path[8192];
  if (result == 0) path_at(folder, name, path, sizeof path), record("mkdir", path, "", 0, "", 0);
  return (int)result;
}
int mkdir(const char* path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int unlinkat(int folder, const char* name, int flags) {
  if (fails("unlink")) return -1;
  const long result = syscall(SYS_unlinkat, folder, name, flags);
  char path[8192];
  if (result == 0) path_at(folder, name, path, sizeof path), record("unlink", path, "", 0, "", 0);
  return (int)result;
}
int unlink(const char* path) { return unlinkat(AT_FDCWD, path, 0); }

static void signal_after_rename(const char* to) {
  static atomic_int seen[8];
  const char* at = getenv("ENGRAM_SIGNALS");
  for (int i = 0; at && i < 8; ++i) {
    char word[64];
    int wanted = 0, number = 0, length = 0;
    if (sscanf(at, " %63[^:]:%d:%d%n", word, &wanted, &number, &length) != 3) return;
    if (strstr(to, word) && atomic_fetch_add(&seen[i], 1) + 1 == wanted) raise(number);
    at += length;
  }
}

int rename(const char* from, const char* to) {
  if (fails("rename") || stops()) return -1;
  const long result = syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
  char path[8192], other[8192];
  if (result == 0) {
    path_at(AT_FDCWD, from, path, sizeof path);
    path_at(AT_FDCWD, to, other, sizeof other);
    record("rename", path, other, 0, "", 0);
    signal_after_rename(other);
  }
  return (int)result;
}

int ftruncate(int file, off_t bytes) {
  if (fails("truncate")) return -1;
  const long result = syscall(SYS_ftruncate, file, bytes);
  if (result == 0) record_file("truncate", file, bytes, "", 0);
  return (int)result;
}
int ftruncate64(int file, off_t bytes) { return ftruncate(file, bytes); }

int fsync(int file) {
  if (fails("sync") || stops()) return -1;
  record_file("sync", file, 0, "", 0);
  return getenv("ENGRAM_LOG") ? 0 : (int)syscall(SYS_fsync, file);
}

static size_t at_most(size_t bytes) {
  const char* most = getenv("ENGRAM_SHORT");
  return most && bytes > strtoul(most, NULL, 10) ? strtoul(most, NULL, 10) : bytes;
}

ssize_t pwrite(int file, const void* data, size_t bytes, off_t offset) {
  if (fails("write") || stops()) return -1;
  bytes = at_most(bytes);
  const ssize_t wrote = syscall(SYS_pwrite64, file, data, bytes, offset);
  if (wrote > 0) record_file("write", file, offset, data, (size_t)wrote);
  return wrote;
}
ssize_t pwrite64(int file, const void* data, size_t bytes, off_t offset) { return pwrite(file, data, bytes, offset); }

/* How many bytes a read of this file may give; -1: it fails. */
static ssize_t readable(int file, size_t bytes) {
  static atomic_int reads;
  const char* at = getenv("ENGRAM_FAIL_READ");
  char word[64], path[4096];
  int wanted = 0;
  if (fails("read")) return -1;
  bytes = at_most(bytes);
  if (!at || sscanf(at, "%63[^:]:%d", word, &wanted) != 2) return (ssize_t)bytes;
  path_of(file, path, sizeof path);
  if (!strstr(path, word)) return (ssize_t)bytes;
  if (atomic_fetch_add(&reads, 1) + 1 == wanted) {
    errno = EIO;
    return -1;
  }
  return bytes < 4096 ? (ssize_t)bytes : 4096;
}

ssize_t pread(int file, void* data, size_t bytes, off_t offset) {
  const ssize_t most = readable(file, bytes);
  return most < 0 ? -1 : syscall(SYS_pread64, file, data, (size_t)most, offset);
}
ssize_t pread64(int file, void* data, size_t bytes, off_t offset) { return pread(file, data, bytes, offset); }
ssize_t read(int file, void* data, size_t bytes) {
  const ssize_t most = readable(file, bytes);
  return most < 0 ? -1 : syscall(SYS_read, file, data, (size_t)most);
}

int close(int file) {
  const int writes = (fcntl(file, F_GETFL) & O_ACCMODE) != O_RDONLY;
  const long result = syscall(SYS_close, file); /* a failed close has closed nevertheless */
  return fails("close") || (writes && stops()) ? -1 : (int)result;
}

#ifndef ENGRAM_SANITIZED /* sanitizers have allocators of their own */
/* Allocations count from the beginning of main to its end, so that what runs before and after stays as it is. */
static atomic_int counting;
static long wanted_allocation;
static int (*real_main)(int, char**, char**);

static int counted_main(int count, char** words, char** environment) {
  const char* at = getenv("ENGRAM_ALLOCATION");
  wanted_allocation = at ? atol(at) : 0;
  counting = wanted_allocation > 0;
  const int result = real_main(count, words, environment);
  counting = 0;
  return result;
}

int __libc_start_main(int (*main)(int, char**, char**), int count, char** words, void (*init)(void), void (*fini)(void),
                      void (*linker)(void), void* end) {
  REAL("__libc_start_main", int, int (*)(int, char**, char**), int, char**, void (*)(void), void (*)(void),
       void (*)(void), void*);
  real_main = main;
  return real(counted_main, count, words, init, fini, linker, end);
}

static int refused(void) {
  static atomic_long allocations;
  const long call = counting ? atomic_fetch_add(&allocations, 1) + 1 : 0;
  if (!counting || call < wanted_allocation) return 0;
  if (call == wanted_allocation) say_injected();
  errno = ENOMEM;
  return 1;
}

void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void* malloc(size_t bytes) { return refused() ? NULL : __libc_malloc(bytes); }
void* calloc(size_t count, size_t bytes) { return refused() ? NULL : __libc_calloc(count, bytes); }
void* realloc(void* old, size_t bytes) { return refused() ? NULL : __libc_realloc(old, bytes); }
void* aligned_alloc(size_t alignment, size_t bytes) { return refused() ? NULL : __libc_memalign(alignment, bytes); }
int posix_memalign(void** to, size_t alignment, size_t bytes) {
  if (refused()) return ENOMEM;
  *to = __libc_memalign(alignment, bytes);
  return *to ? 0 : ENOMEM;
}
#endif
