/* A disk that forgets: what was written and not synced can be taken back after a SIGKILL.
 *
 * Preloaded into a process, it keeps beside each file below VGIGW_TEST_DISK a shadow, NAME.synced,
 * of what the file held at its last sync. A kill leaves both; whoever copies the shadow over the
 * file has what a power loss would have left. Directory entries and truncations count as synced at
 * once, and memory that is mapped is not followed.
 *
 * VGIGW_TEST_DISK_FAULT = CALL:COUNT:ERROR[:TIMES] makes the COUNTth sync, write or read fail
 * (instead of an error SLOW: a sync of two seconds, SLOW8: of eight; SHORT: half of a write); TIMES of them, 0 = all
 * that follow. What a sync that failed should have written is never written by the next one, as on
 * Linux, unless it is written again. Calls count while there is a file VGIGW_TEST_DISK_ARMED, where one is named.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_FDS 4096
#define MOST_FILES 256
#define BLOCK 4096

struct file {
    char path[PATH_MAX];
    int shadow;
    unsigned char *dirty; /* one byte a block */
    size_t blocks;
};

static struct file files[MOST_FILES];
static int known;
static struct file *of_fd[MOST_FDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static ssize_t (*real_read)(int, void *, size_t);
static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static int (*real_truncate)(int, off_t);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);

static char fault_call[16];
static long fault_count, fault_times = 1;
static int fault_error, fault_slow, fault_short;
static long passed;

static void find_real(void) {
    if (real_pwrite) return;
    real_open = dlsym(RTLD_NEXT, "open64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pread = dlsym(RTLD_NEXT, "pread64");
    real_read = dlsym(RTLD_NEXT, "read");
    real_truncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
}

__attribute__((constructor)) static void begin(void) {
    find_real();
    const char *text = getenv("VGIGW_TEST_DISK_FAULT");
    char error[16] = "";
    if (!text || sscanf(text, "%15[^:]:%ld:%15[^:]:%ld", fault_call, &fault_count, error,
                        &fault_times) < 3)
        return;
    if (strncmp(error, "SLOW", 4) == 0) fault_slow = error[4] ? atoi(error + 4) : 2;
    fault_short = strcmp(error, "SHORT") == 0;
    fault_error = strcmp(error, "ENOSPC") == 0 ? ENOSPC : strcmp(error, "EINTR") == 0 ? EINTR : EIO;
}

/* Whether this call is one that has to fail; errno says how. A write has count bytes, of which
 * fewer are left where it is to be cut short. */
static int fails(const char *call, size_t *count) {
    if (strcmp(call, fault_call) != 0) return 0;
    const char *armed = getenv("VGIGW_TEST_DISK_ARMED");
    if (armed && access(armed, F_OK) != 0) return 0;
    long number = __sync_add_and_fetch(&passed, 1);
    if (number < fault_count) return 0;
    if (fault_times && number >= fault_count + fault_times) return 0;
    if (fault_slow) {
        sleep((unsigned)fault_slow);
        return 0;
    }
    if (fault_short && count) {
        *count = *count / 2 + 1;
        return 0;
    }
    errno = fault_error;
    return 1;
}

static int followed(const char *path, char *full) {
    const char *folder = getenv("VGIGW_TEST_DISK");
    size_t length;
    if (!folder || !realpath(path, full)) return 0;
    length = strlen(folder);
    if (strncmp(full, folder, length) != 0 || full[length] != '/') return 0;
    return strstr(full, ".synced") == NULL && strstr(full, "-shm") == NULL &&
           (strstr(full, ".sqlite3") || strstr(full, ".db"));
}

static void mark(struct file *file, off_t from, size_t count) {
    size_t last = (size_t)(from + (off_t)count) / BLOCK + 1;
    if (last >= file->blocks) {
        size_t wanted = last * 2 + 64;
        file->dirty = realloc(file->dirty, wanted);
        memset(file->dirty + file->blocks, 0, wanted - file->blocks);
        file->blocks = wanted;
    }
    for (size_t at = (size_t)from / BLOCK; at < last; at++) file->dirty[at] = 1;
}

/* The shadow becomes what the file is now. Reads through fd: to open the file again and close it
 * would drop the locks that the process holds on it. */
static void settle(struct file *file, int fd) {
    char block[BLOCK];
    struct stat now;
    for (size_t at = 0; at < file->blocks; at++) {
        if (!file->dirty[at]) continue;
        ssize_t got = real_pread(fd, block, BLOCK, (off_t)at * BLOCK);
        if (got > 0) real_pwrite(file->shadow, block, (size_t)got, (off_t)at * BLOCK);
        file->dirty[at] = 0;
    }
    if (fstat(fd, &now) == 0) real_truncate(file->shadow, now.st_size);
}

static void follow(int fd, const char *path) {
    char full[PATH_MAX], name[PATH_MAX + 8];
    struct file *file = NULL;
    struct stat now;
    if (fd < 0 || fd >= MOST_FDS || !followed(path, full)) return;
    pthread_mutex_lock(&lock);
    for (int at = 0; at < known; at++)
        if (strcmp(files[at].path, full) == 0) file = &files[at];
    if (!file && known < MOST_FILES) {
        file = &files[known++];
        strcpy(file->path, full);
        snprintf(name, sizeof name, "%s.synced", full);
        int fresh = access(name, F_OK) != 0;
        file->shadow = real_open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fresh && fstat(fd, &now) == 0 && now.st_size > 0) {
            mark(file, 0, (size_t)now.st_size);
            settle(file, fd);
        }
    }
    of_fd[fd] = file;
    pthread_mutex_unlock(&lock);
}

static struct file *at_fd(int fd) { return fd >= 0 && fd < MOST_FDS ? of_fd[fd] : NULL; }

static int opened(const char *path, int flags, mode_t mode) {
    find_real();
    int fd = real_open(path, flags, mode);
    if (fd >= 0 && fd < MOST_FDS) of_fd[fd] = NULL;
    /* A reader of the file writes nothing, and may lack the right to be read through. */
    follow(fd, path);
    return fd;
}

int open(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return opened(path, flags, mode);
}

int close(int fd) {
    find_real();
    if (fd >= 0 && fd < MOST_FDS) of_fd[fd] = NULL;
    return real_close(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) {
    find_real();
    struct file *file = at_fd(fd);
    if (!file) return real_pwrite(fd, bytes, count, at);
    if (fails("write", &count)) return -1;
    pthread_mutex_lock(&lock);
    ssize_t done = real_pwrite(fd, bytes, count, at);
    if (done > 0) mark(file, at, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    return pwrite64(fd, bytes, count, at);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    find_real();
    struct file *file = at_fd(fd);
    if (!file) return real_write(fd, bytes, count);
    if (fails("write", &count)) return -1;
    pthread_mutex_lock(&lock);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t done = real_write(fd, bytes, count);
    if (done > 0) mark(file, at, (size_t)done);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pread64(int fd, void *bytes, size_t count, off_t at) {
    find_real();
    if (at_fd(fd) && fails("read", NULL)) return -1;
    return real_pread(fd, bytes, count, at);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t at) { return pread64(fd, bytes, count, at); }

ssize_t read(int fd, void *bytes, size_t count) {
    find_real();
    if (at_fd(fd) && fails("read", NULL)) return -1;
    return real_read(fd, bytes, count);
}

int ftruncate64(int fd, off_t size) {
    find_real();
    struct file *file = at_fd(fd);
    int done = real_truncate(fd, size);
    if (file && done == 0) {
        pthread_mutex_lock(&lock);
        real_truncate(file->shadow, size);
        pthread_mutex_unlock(&lock);
    }
    return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int fd) {
    find_real();
    struct file *file = at_fd(fd);
    if (!file) return real_fdatasync(fd);
    if (fails("sync", NULL)) {
        int why = errno;
        pthread_mutex_lock(&lock);
        if (file->blocks) memset(file->dirty, 0, file->blocks);
        pthread_mutex_unlock(&lock);
        errno = why;
        return -1;
    }
    pthread_mutex_lock(&lock);
    settle(file, fd);
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd) { return synced(fd); }
int fdatasync(int fd) { return synced(fd); }

int unlink(const char *path) {
    char full[PATH_MAX], name[PATH_MAX + 8];
    find_real();
    if (followed(path, full)) {
        pthread_mutex_lock(&lock);
        for (int at = 0; at < known; at++)
            if (strcmp(files[at].path, full) == 0) files[at].path[0] = 0;
        pthread_mutex_unlock(&lock);
        snprintf(name, sizeof name, "%s.synced", full);
        real_unlink(name);
    }
    return real_unlink(path);
}
