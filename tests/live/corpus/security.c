// SPDX-License-Identifier: Apache-2.0
/* Keys, Landlock, and requests that the kernel works off by itself: Linux AIO and io_uring. */
#include "corpus.h"
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>

static void keys(void)
{
	CALL(keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0L, 0L, 0L);
	CALL(add_key, "user", "sonde:corpus", "payload", 7L, KEY_SPEC_SESSION_KEYRING);
	CALL(add_key, "missing", "sonde:corpus", NULL, 0L, KEY_SPEC_THREAD_KEYRING);
	CALL(request_key, "user", "sonde:missing", NULL, 0);
	CALL(keyctl, KEYCTL_GET_KEYRING_ID, (long)KEY_SPEC_SESSION_KEYRING, 0L, 0L, 0L);
	CALL(keyctl, KEYCTL_CLEAR, (long)KEY_SPEC_SESSION_KEYRING, 0L, 0L, 0L);
	CALL(keyctl, 7777, 1L, 2L, 3L, 4L);
}

static void landlock(void)
{
	struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE};
	struct landlock_path_beneath_attr beneath = {LANDLOCK_ACCESS_FS_EXECUTE, -1};
	int fd;

	CALL(landlock_create_ruleset, NULL, 0L, LANDLOCK_CREATE_RULESET_VERSION);
	fd = CALL(landlock_create_ruleset, &attr, sizeof(attr), 0);
	CALL(landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	CALL(landlock_restrict_self, -1, 0);
	if (fd >= 0)
		CALL(close, fd);
}

static void requests(void)
{
	struct io_uring_params params = {.flags = IORING_SETUP_CLAMP};
	aio_context_t context = 0;
	struct io_event done[2];
	struct timespec none = {0, 0};
	char text[16];
	int fd = CALL(open, "file", O_RDWR | O_CREAT, 0600);
	struct iocb write_one = {.aio_fildes = fd,
				 .aio_lio_opcode = IOCB_CMD_PWRITE,
				 .aio_buf = (uintptr_t) "data",
				 .aio_nbytes = 4,
				 .aio_data = 7};
	struct iocb write_another = {.aio_fildes = fd,
				     .aio_lio_opcode = IOCB_CMD_PWRITE,
				     .aio_buf = (uintptr_t) "more",
				     .aio_nbytes = 4,
				     .aio_offset = 4,
				     .aio_flags = IOCB_FLAG_RESFD,
				     .aio_resfd = 99};
	struct iocb *list[2] = {&write_one, &write_another};
	int ring;

	(void)text;
	CALL(io_setup, 4, &context);
	CALL(io_submit, context, 1L, list);
	CALL(io_submit, context, 2L, list);
	CALL(io_submit, context, 1L, &list[1]);
	CALL(io_getevents, context, 1L, 2L, done, &none);
	CALL(io_cancel, context, &write_one, done);
	CALL(io_destroy, context);
	CALL(io_destroy, 1L);
	CALL(io_setup, 0, &context);
	CALL(io_pgetevents, 1L, 0L, 1L, done, &none, NULL);
	ring = CALL(io_uring_setup, 4, &params);
	CALL(io_uring_setup, 0, &params);
	if (ring >= 0) {
		CALL(io_uring_enter, ring, 0, 0, IORING_ENTER_GETEVENTS, NULL, 0);
		CALL(io_uring_register, ring, IORING_UNREGISTER_FILES, NULL, 0);
		CALL(close, ring);
	}
	CALL(io_uring_enter, -1, 1, 1, 0, NULL, 0);
	CALL(io_uring_register, -1, IORING_REGISTER_PROBE, NULL, 0);
	CALL(close, fd);
}

int main(void)
{
	keys();
	landlock();
	requests();
	return 0;
}
