// SPDX-License-Identifier: Apache-2.0
#include "build.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#if defined(__x86_64__)
#define ARCH   "x86"
#define TRIPLE "x86_64-linux-gnu"
#else
#define ARCH   "arm64"
#define TRIPLE "aarch64-linux-gnu"
#endif

/* Newest first: those that the probes are tested with. $CLANG goes before. */
static const char *const compilers[] = {
	"clang", "clang-19", "clang-18", "clang-17", "clang-16", "clang-15", "clang-14",
};

static bool in_path(const char *name)
{
	const char *path = getenv("PATH") ?: "/usr/bin:/bin";
	char full[PATH_MAX];

	if (strchr(name, '/'))
		return !access(name, X_OK);
	for (size_t size; *path; path += size + (path[size] == ':')) {
		size = strcspn(path, ":");
		snprintf(full, sizeof(full), "%.*s/%s", (int)size, path, name);
		if (!access(full, X_OK))
			return true;
	}
	return false;
}

static const char *find_compiler(void)
{
	const char *wanted = getenv("CLANG");

	if (wanted && *wanted)
		return wanted;
	for (unsigned int i = 0; i < ARRAY_SIZE(compilers); i++)
		if (in_path(compilers[i]))
			return compilers[i];
	return NULL;
}

/* Beside the command (PREFIX/bin, PREFIX/include), or where it was built. $SONDE_INCLUDE goes
 * before. */
static bool find_headers(char *directory, size_t room)
{
	const char *wanted = getenv("SONDE_INCLUDE");
	char self[PATH_MAX] = "", header[PATH_MAX + 32];
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *const places[] = {wanted && *wanted ? wanted : NULL, self, "/usr/local/include",
				      "/usr/include"};

	for (unsigned int up = 0; size > 0 && up < 2; up++)
		*(strrchr(self, '/') ?: self) = '\0';
	strncat(self, "/include", sizeof(self) - strlen(self) - 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++) {
		if (!places[i])
			continue;
		snprintf(header, sizeof(header), "%s/sonde/probe.bpf.h", places[i]);
		if (access(header, R_OK))
			continue;
		snprintf(directory, room, "%s", places[i]);
		return true;
	}
	return false;
}

static int compile(const char *compiler, const char *headers, const char *source,
		   const char *object, struct error *err)
{
	const char *const argv[] = {compiler,
				    "-g",
				    "-O2",
				    "--target=bpf",
				    "-mcpu=v3",
				    "-Wall",
				    "-Wno-unused-parameter",
				    "-Wno-missing-field-initializers",
				    "-D__TARGET_ARCH_" ARCH,
				    "-I",
				    headers,
				    "-idirafter",
				    "/usr/include/" TRIPLE,
				    "-c",
				    source,
				    "-o",
				    object,
				    NULL};
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return error__set(err, -errno, "%s: %s", compiler, strerror(errno));
	if (!pid) {
		execvp(compiler, (char *const *)argv);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return error__set(err, -ENOENT, "%s cannot be run", compiler);
	return error__set(err, -EINVAL, "%s: %s does not compile it", source, compiler);
}

int probe_build(const char *source, const char *object, struct error *err)
{
	const char *compiler = find_compiler();
	char headers[PATH_MAX];

	if (access(source, R_OK))
		return error__set(err, -errno, "%s: %s", source, strerror(errno));
	if (!compiler)
		return error__set(
			err, -ENOENT,
			"there is no clang to build %s with: apt-get install clang (or dnf "
			"install clang), 14 or newer; $CLANG names another one",
			source);
	if (!find_headers(headers, sizeof(headers)))
		return error__set(
			err, -ENOENT,
			"sonde's headers are not there: make install puts them beside the "
			"command; $SONDE_INCLUDE names another directory");
	if (access("/usr/include/bpf/bpf_helpers.h", R_OK) &&
	    access("/usr/local/include/bpf/bpf_helpers.h", R_OK))
		return error__set(err, -ENOENT,
				  "libbpf's headers are not there: apt-get install libbpf-dev");
	return compile(compiler, headers, source, object, err);
}
