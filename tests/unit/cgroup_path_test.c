// SPDX-License-Identifier: Apache-2.0
/* Paths as runtimes and systemd make them, each with the container and the unit that must be read
 * out of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/host/cgroup_path.h"

#include <string.h>

#define ID     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHORT  "0123456789ab"
#define OUTER  "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define POD    "pod2c48913c-b29f-11e7-9350-020968147796"
#define POD_SD "pod2c48913c_b29f_11e7_9350_020968147796"
#define USER   "/user.slice/user-1000.slice/user@1000.service"

struct expected {
	const char *path, *runtime, *id, *unit;
};

static void check(const struct expected *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct expected *c = &cases[i];
		size_t size = strlen(c->path);
		char *path = malloc(
			size ? size : 1); /* without a NUL: the sanitizer sees a step too far */
		struct cgroup_facts f;

		assert_non_null(path);
		memcpy(path, c->path, size);
		cgroup_path__read(path, size, &f);
		if (strcmp(f.runtime, c->runtime) || strcmp(f.id, c->id) || strcmp(f.unit, c->unit))
			fail_msg("%s: %s %s %s", c->path, f.runtime, f.id, f.unit);
		assert_int_equal(f.container != NULL, f.id[0] != 0);
		free(path);
	}
}

static void docker(void **state)
{
	static const struct expected cases[] = {
		{"/docker/" ID, "docker", SHORT, ""},
		{"/docker/" ID "/init", "docker", SHORT, ""},
		{"/system.slice/docker-" ID ".scope", "docker", SHORT, "docker-" ID ".scope"},
		{"/system.slice/docker-" ID ".scope/init.scope", "docker", SHORT, "init.scope"},
		{USER "/user.slice/docker-" ID ".scope", "docker", SHORT, "docker-" ID ".scope"},
		{"/mine.slice/docker-" ID ".scope", "docker", SHORT, "docker-" ID ".scope"},
		{"/mine/" ID, "docker", SHORT, ""}, /* --cgroup-parent */
		{"/ecs/6a1c5c6e-1b44-4d32-a1c4-0d2b1f0c8f6f/" ID, "docker", SHORT, ""},
		{"/system.slice:docker:" ID, "docker", SHORT, ""},
		/* the daemon itself, and what looks like an id but is none */
		{"/system.slice/docker.service", "host", "", "docker.service"},
		{"/system.slice/docker-0123.scope", "host", "", "docker-0123.scope"},
		{"/docker/0123456789abcdef", "host", "", ""},
		{"/docker/" ID "0", "host", "", ""},
		{"/docker/g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "host",
		 "", ""},
		{"/system.slice/docker-.scope", "host", "", "docker-.scope"},
	};

	check(cases, ARRAY_SIZE(cases));
}

static void kubernetes(void **state)
{
	static const struct expected cases[] = {
		/* the cgroupfs driver: all three classes of service; the runtime does not name
		   itself */
		{"/kubepods/" POD "/" ID, "kubepods", SHORT, ""},
		{"/kubepods/burstable/" POD "/" ID, "kubepods", SHORT, ""},
		{"/kubepods/besteffort/" POD "/" ID, "kubepods", SHORT, ""},
		{"/kubepods/besteffort/" POD "/crio-" ID, "cri-o", SHORT, ""},
		{"/kubepods/besteffort/" POD, "host", "", ""},
		/* the systemd driver */
		{"/kubepods.slice/kubepods-" POD_SD ".slice/cri-containerd-" ID ".scope",
		 "containerd", SHORT, "cri-containerd-" ID ".scope"},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-" POD_SD
		 ".slice/docker-" ID ".scope",
		 "docker", SHORT, "docker-" ID ".scope"},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" POD_SD
		 ".slice/crio-" ID ".scope",
		 "cri-o", SHORT, "crio-" ID ".scope"},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" POD_SD
		 ".slice/crio-" ID ".scope/container",
		 "cri-o", SHORT, "crio-" ID ".scope"},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" POD_SD
		 ".slice/" ID,
		 "kubepods", SHORT, ""},
		/* who watches over a container is not in it */
		{"/system.slice/crio-conmon-" ID ".scope", "host", "", "crio-conmon-" ID ".scope"},
		{"/kubepods/" POD "/crio-conmon-" ID, "host", "", ""},
		/* a runtime with the cgroupfs driver under a kubelet with systemd's */
		{"/kubepods-burstable-" POD_SD ".slice:cri-containerd:" ID, "containerd", SHORT,
		 ""},
		{"/system.slice/containerd.service/kubepods-besteffort-" POD_SD
		 ".slice:cri-containerd:" ID,
		 "containerd", SHORT, "containerd.service"},
		{"/kubepods-besteffort-" POD_SD ".slice:crio:" ID, "cri-o", SHORT, ""},
		{"/kubepods-besteffort-" POD_SD ".slice:other:" ID, "kubepods", SHORT, ""},
		{"/system.slice/kubelet.service", "host", "", "kubelet.service"},
	};

	check(cases, ARRAY_SIZE(cases));
}

static void containerd_and_podman(void **state)
{
	static const struct expected cases[] = {
		{"/default/" ID, "containerd", SHORT, ""},
		{"/k8s.io/" ID, "containerd", SHORT, ""},
		{"/system.slice/nerdctl-" ID ".scope", "containerd", SHORT, "nerdctl-" ID ".scope"},
		{USER "/user.slice/nerdctl-" ID ".scope", "containerd", SHORT,
		 "nerdctl-" ID ".scope"},
		{"/machine.slice/libpod-" ID ".scope", "podman", SHORT, "libpod-" ID ".scope"},
		{"/machine.slice/libpod-" ID ".scope/container", "podman", SHORT,
		 "libpod-" ID ".scope"},
		{"/machine.slice/libpod-" ID ".scope/container/system.slice/sshd.service", "podman",
		 SHORT, "sshd.service"},
		{"/machine.slice/machine-libpod_pod_" OUTER ".slice/libpod-" ID ".scope/container",
		 "podman", SHORT, "libpod-" ID ".scope"},
		{USER "/user.slice/libpod-" ID ".scope/container", "podman", SHORT,
		 "libpod-" ID ".scope"},
		{USER "/user.slice/user-libpod_pod_" OUTER ".slice/libpod-" ID ".scope", "podman",
		 SHORT, "libpod-" ID ".scope"},
		{"/libpod_parent/libpod-" ID, "podman", SHORT, ""},
		{"/libpod_parent/" OUTER "/libpod-" ID, "podman", SHORT, ""},
		{"/system.slice/web.service/libpod-payload-" ID, "podman", SHORT, "web.service"},
		{"/system.slice/web.service/runtime", "host", "", "web.service"},
		{"/machine.slice/libpod-conmon-" ID ".scope", "host", "",
		 "libpod-conmon-" ID ".scope"},
	};

	check(cases, ARRAY_SIZE(cases));
}

static void machines(void **state)
{
	static const struct expected cases[] = {
		{"/machine.slice/machine-box.scope/payload/system.slice/nginx.service",
		 "systemd-nspawn", "box", "nginx.service"},
		{"/machine.slice/machine-my\\x2dbox.scope/payload", "systemd-nspawn", "my-box",
		 "machine-my\\x2dbox.scope"},
		{"/machine.slice/systemd-nspawn@my\\x2dbox.service/payload/init.scope",
		 "systemd-nspawn", "my-box", "init.scope"},
		{"/machine.slice/machine-box.scope", "systemd-nspawn", "box", "machine-box.scope"},
		{"/other.slice/machine-box.scope/payload", "systemd-nspawn", "box",
		 "machine-box.scope"},
		/* systemd-nspawn itself */
		{"/machine.slice/systemd-nspawn@box.service/supervisor", "host", "",
		 "systemd-nspawn@box.service"},
		/* libvirt: an emulator is a process of the host, an LXC container is one */
		{"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator", "host", "",
		 "machine-qemu\\x2d1\\x2dvm.scope"},
		{"/machine.slice/machine-lxc\\x2d123\\x2dbox.scope", "lxc", "lxc-123-box",
		 "machine-lxc\\x2d123\\x2dbox.scope"},
		/* half an escape is text */
		{"/machine.slice/machine-a\\x2.scope", "systemd-nspawn", "a\\x2",
		 "machine-a\\x2.scope"},
		{"/machine.slice/machine-a\\xzz.scope", "systemd-nspawn", "a\\xzz",
		 "machine-a\\xzz.scope"},
		{"/machine-box.scope", "host", "", "machine-box.scope"},
		{"/machine.slice/machine-.scope", "host", "", "machine-.scope"},
		{"/machine.slice", "host", "", ""},
	};

	check(cases, ARRAY_SIZE(cases));
}

static void lxc(void **state)
{
	static const struct expected cases[] = {
		{"/lxc.payload.web", "lxc", "web", ""},
		{"/lxc.payload.web/.lxc", "lxc", "web", ""},
		{"/lxc.payload/web/init.scope", "lxc", "web", "init.scope"},
		{"/lxc/web/system.slice/snapd.service", "lxc", "web", "snapd.service"},
		{"/lxc/100/ns/init.scope", "lxc", "100", "init.scope"},
		{USER "/app.slice/lxc.payload.web", "lxc", "web", "user@1000.service"},
		{"/lxc.monitor.web", "host", "", ""},
		{"/lxc.monitor/web", "host", "", ""},
		{"/lxc", "host", "", ""},
		{"/system.slice/lxc.service", "host", "", "lxc.service"},
	};

	check(cases, ARRAY_SIZE(cases));
}

/* The innermost container counts. */
static void nested(void **state)
{
	static const struct expected cases[] = {
		{"/docker/" OUTER "/docker/" ID, "docker", SHORT, ""},
		{"/lxc.payload.web/docker/" ID, "docker", SHORT, ""},
		{"/lxc/100/ns/system.slice/docker-" ID ".scope", "docker", SHORT,
		 "docker-" ID ".scope"},
		{"/docker/" OUTER "/lxc/web", "lxc", "web", ""},
		{"/docker/" OUTER
		 "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-" POD_SD
		 ".slice/crio-" ID ".scope",
		 "cri-o", SHORT, "crio-" ID ".scope"},
		{"/docker/" OUTER "/kubelet/kubepods/burstable/" POD "/" ID, "kubepods", SHORT, ""},
		{"/docker/" OUTER "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-" POD_SD
		 ".slice/cri-containerd-" ID ".scope",
		 "containerd", SHORT, "cri-containerd-" ID ".scope"},
		{"/kubepods/burstable/" POD "/" OUTER "/docker/" ID, "docker", SHORT, ""},
		{"/machine.slice/machine-box.scope/payload/system.slice/docker-" ID ".scope",
		 "docker", SHORT, "docker-" ID ".scope"},
		{"/docker/" OUTER "/machine.slice/machine-box.scope/payload", "systemd-nspawn",
		 "box", "machine-box.scope"},
		{"/system.slice/docker-" OUTER ".scope/system.slice/nginx.service", "docker",
		 "fedcba987654", "nginx.service"},
	};

	check(cases, ARRAY_SIZE(cases));
}

static void units(void **state)
{
	static const struct expected cases[] = {
		{"", "host", "", ""},
		{"/", "host", "", ""},
		{"//", "host", "", ""},
		{"/init.scope", "host", "", "init.scope"},
		{"/system.slice", "host", "", ""},
		{"/system.slice/nginx.service", "host", "", "nginx.service"},
		{"/system.slice/system-getty.slice/getty@tty1.service", "host", "",
		 "getty@tty1.service"},
		{"/system.slice/system-postgresql.slice/postgresql@15-main.service", "host", "",
		 "postgresql@15-main.service"},
		{"/system.slice/dev-mqueue.mount", "host", "", "dev-mqueue.mount"},
		{"/system.slice/dbus.socket", "host", "", "dbus.socket"},
		{"/system.slice/dev-sda2.swap", "host", "", "dev-sda2.swap"},
		{"/system.slice/_cpu.service", "host", "", "cpu.service"},
		{"/system.slice/ssh.service/child/grandchild", "host", "", "ssh.service"},
		{"/user.slice/user-1000.slice/session-3.scope", "host", "", "session-3.scope"},
		{USER "/init.scope", "host", "", "init.scope"},
		{USER "/app.slice/app-org.gnome.Terminal.slice/vte-spawn-1.scope", "host", "",
		 "vte-spawn-1.scope"},
		{"/system.slice/nginx.services", "host", "", ""},
		{"/system.slice/.service", "host", "", ""},
		{".../web.service", "host", "", "web.service"}, /* the head was cut */
	};

	check(cases, ARRAY_SIZE(cases));
}

/* The component that names the container is told, so that its directory can be found again. */
static void component(void **state)
{
	const char *path = "/machine.slice/libpod-" ID ".scope/container";
	struct cgroup_facts f;

	cgroup_path__read(path, strlen(path), &f);
	assert_ptr_equal(f.container, path + strlen("/machine.slice/"));
	cgroup_path__read("/lxc/", 5, &f);
	assert_null(f.container);
}

/* Names longer than there is room are cut, not written beyond. */
static void long_names(void **state)
{
	char path[2048] = "/lxc/";
	struct cgroup_facts f;

	memset(path + 5, 'x', 1000);
	strcpy(path + 1005, "/");
	memset(path + 1006, 'y', 900);
	strcpy(path + 1906, ".service");
	cgroup_path__read(path, strlen(path), &f);
	assert_int_equal(strlen(f.id), sizeof(f.id) - 1);
	assert_int_equal(strlen(f.unit), sizeof(f.unit) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(docker),
		cmocka_unit_test(kubernetes),
		cmocka_unit_test(containerd_and_podman),
		cmocka_unit_test(machines),
		cmocka_unit_test(lxc),
		cmocka_unit_test(nested),
		cmocka_unit_test(units),
		cmocka_unit_test(component),
		cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
