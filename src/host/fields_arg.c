// SPDX-License-Identifier: Apache-2.0
/* Which argument is meant by a name? And why are fields of other tools not to be had here? */
#include "fields.h"

#include <string.h>

/*
 * sysdig's names beside the man pages'. Asked for `name`, an event that has no argument of that
 * name gives the first of those that it has.
 */
static const struct {
	const char *name, *is;
} synonyms[] = {
	{"name", "pathname"},
	{"name", "path"},
	{"name", "filename"},
	{"name", "target"},
	{"filename", "pathname"},
	{"filename", "path"},
	{"path", "pathname"},
	{"path", "filename"},
	{"path", "target"},
	{"pathname", "path"},
	{"pathname", "filename"},
	{"fd", "sockfd"},
	{"fd", "fildes"},
	{"fd", "oldfd"},
	{"sockfd", "fd"},
	{"fd", "epfd"},
	{"fd", "mqdes"},
	{"fd", "dirfd"},
	{"oldpath", "oldname"},
	{"newpath", "newname"},
	{"olddir", "olddirfd"},
	{"newdir", "newdirfd"},
	{"linkdirfd", "newdirfd"},
	{"linkpath", "newpath"},
	{"target", "oldpath"},
	{"size", "count"},
	{"size", "len"},
	{"size", "length"},
	{"size", "nbytes"},
	{"size", "bufsiz"},
	{"length", "len"},
	{"len", "length"},
	{"count", "len"},
	{"data", "buf"},
	{"data", "iov"},
	{"data", "msg"},
	{"data", "buffer"},
	{"pos", "offset"},
	{"offset", "pos"},
	{"proto", "protocol"},
	{"domain", "family"},
	{"dev", "source"},
	{"dir", "target"},
	{"type", "filesystemtype"},
	{"flags", "mountflags"},
	{"addr", "address"},
	{"tuple", "addr"},
	{"tuple", "dest_addr"},
	{"tuple", "src_addr"},
	{"addr", "dest_addr"},
	{"addr", "uaddr"},
	{"pid", "tgid"},
	{"sig", "signum"},
	{"signal", "sig"},
	{"cmd", "op"},
	{"op", "cmd"},
	{"request", "op"},
	{"request", "cmd"},
	{"argument", "arg"},
	{"argument", "argp"},
	{"interval", "req"},
	{"interval", "duration"},
	{"interval", "rqtp"},
	{"option", "op"},
	{"mode", "mask"},
	{"nstype", "flags"},
	{"exe", "pathname"},
	{"args", "argv"},
	{"env", "envp"},
	{"resolve", "how"},
	{"uargs", "param_values"},
	{"img", "module_image"},
	{"length", "size"},
	{"status", "error_code"},
	{"res", "result"},
	{"res", "ret"},
};

const struct field *schema__argument(const struct schema *s, const char *name)
{
	const struct field *f = schema__field(s, name);
	bool result = (s->flags & SCHEMA_RESULT) && s->count;

	if (f)
		return f;
	for (unsigned int i = 0; i < ARRAY_SIZE(synonyms); i++) {
		if (strcmp(name, synonyms[i].name))
			continue;
		/* open's fd, sysdig's first argument, is what it returns. */
		if (!strcmp(name, "fd") && result && s->fields[0].kind == KIND_fd)
			return &s->fields[0];
		f = schema__field(s, synonyms[i].is);
		if (f)
			return f;
	}
	return result && (!strcmp(name, "res") || !strcmp(name, "ret")) ? &s->fields[0] : NULL;
}

static const char kubernetes[] = "comes from the Kubernetes API, which sonde does not ask";
static const char engine[] =
	"comes from the container engine, which sonde does not ask; container.id and "
	"container.runtime are known";

static const struct {
	const char *prefix, *why;
} missing[] = {
	{"k8s.", kubernetes},
	{"container.image", engine},
	{"container.mount", engine},
	{"container.privileged", engine},
	{"container.name", engine},
	{"container.start_ts", engine},
	{"container.healthcheck", engine},
	{"container.label", engine},
	{"container.ip", engine},
	{"container.cni", engine},
	{"container.duration", engine},
	{"container.liveness_probe", engine},
	{"container.readiness_probe", engine},
	{"fd.cip.name", "would need the name service; sonde knows addresses: fd.cip"},
	{"fd.sip.name", "would need the name service; sonde knows addresses: fd.sip"},
	{"fd.lip.name", "would need the name service; sonde knows addresses: fd.lip"},
	{"fd.rip.name", "would need the name service; sonde knows addresses: fd.rip"},
	{"fd.cproto", "would need names of ports; sonde has numbers: fd.cport"},
	{"fd.sproto", "would need names of ports; sonde has numbers: fd.sport"},
	{"fd.lproto", "would need names of ports; sonde has numbers: fd.lport"},
	{"fd.rproto", "would need names of ports; sonde has numbers: fd.rport"},
	{"fd.proto", "would need names of ports; sonde has numbers: fd.port"},
	{"fd.name_changed", "is not told by sonde: fd.name is the name after the call"},
	{"fd.types", "would need a list of all open descriptors, which sonde does not keep"},
	{"user.homedir", "is not told by sonde: it knows names and ids of users"},
	{"user.shell", "is not told by sonde: it knows names and ids of users"},
	{"evt.around", "is not a property of an event; use evt.rawtime with >= and <="},
	{"evt.deltatime", "depends on which events are shown, so a filter cannot ask for it"},
	{"evt.asynctype", "is not told by sonde"},
	{"jevt.", "belongs to a plugin of Falco"},
	{"ka.", "belongs to a plugin of Falco"},
	{"ct.", "belongs to a plugin of Falco"},
};

const char *field__missing(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(missing); i++) {
		if (!strncmp(name, missing[i].prefix, strlen(missing[i].prefix)))
			return missing[i].why;
	}
	return NULL;
}
