// SPDX-License-Identifier: Apache-2.0
#include "stage.h"
#include "object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <sonde/control.h>
#include <string.h>

static const char *const programs[SONDE_STAGES] = {
	[SONDE_STAGE_KEEP] = "exit_keep",
	[SONDE_STAGE_DROP] = "exit_drop",
};

void stage__want(struct object *o)
{
	for (unsigned int i = 0; i < SONDE_STAGES; i++)
		if (programs[i])
			object__want(o, programs[i]);
}

void stage__prepare(struct object *o, bool wanted)
{
	object__set(o, "exit_filter", wanted);
	bpf_map__set_autocreate(object__map(o, "exit_stages"), wanted);
}

int stage__open(struct object *o, uint32_t first_index, struct stage *stage, struct error *err)
{
	*stage = (struct stage){
		.scratches = map__fd(object__map(o, "scratches")),
		.first_index = first_index,
		.record = object__offset(o, "scratch", "data"),
		.stages = map__fd(object__map(o, "exit_stages")),
		.keep = SONDE_STAGE_KEEP,
		.drop = SONDE_STAGE_DROP,
		.sys_exit = object__tracepoint_id(o, "sys_exit"),
	};
	for (uint32_t i = 0; i < SONDE_STAGES; i++) {
		int fd;

		if (!programs[i])
			continue;
		fd = object__program(o, programs[i]);
		if (bpf_map_update_elem(stage->stages, &i, &fd, BPF_ANY))
			return error__set(err, -errno, "the filter's stages cannot be joined: %s",
					  strerror(errno));
	}
	return 0;
}

int stage__install(const struct stage *stage, const struct bpf_insn *insns, size_t count,
		   struct error *err)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_RAW_TP);
	uint32_t key = SONDE_STAGE_FILTER;
	int fd, code;

	if (!count) {
		(void)bpf_map_delete_elem(stage->stages, &key);
		return 0;
	}
	if (stage->sys_exit < 0)
		return error__set(err, stage->sys_exit, "the kernel has no tracepoint sys_exit");
	opts.attach_btf_id = stage->sys_exit;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "exit_filter", "Dual BSD/GPL", insns, count,
			   &opts);
	if (fd < 0)
		return error__set(err, -errno, "the kernel refuses the filter's program: %s",
				  strerror(errno));
	code = bpf_map_update_elem(stage->stages, &key, &fd, BPF_ANY) ? -errno : 0;
	close(fd);
	if (code)
		return error__set(err, code, "the filter's program cannot be put in: %s",
				  strerror(-code));
	return 0;
}
