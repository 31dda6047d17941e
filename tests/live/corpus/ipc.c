// SPDX-License-Identifier: Apache-2.0
/* System V and POSIX queues, semaphores and shared memory. */
#include "corpus.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

static void messages(void)
{
	struct {
		long type;
		char text[16];
	} message = {7, "a message"};
	struct msqid_ds info;
	int id = CALL(msgget, IPC_PRIVATE, IPC_CREAT | 0600);

	CALL(msgget, 0x5073, 0);
	CALL(msgsnd, id, &message, 9, IPC_NOWAIT);
	CALL(msgsnd, id, &message, 1000000, 0);
	CALL(msgsnd, -1, &message, 9, 0);
	CALL(msgrcv, id, &message, 16, 7, MSG_NOERROR);
	CALL(msgrcv, id, &message, 16, 0, IPC_NOWAIT);
	CALL(msgctl, id, IPC_STAT, &info);
	CALL(msgctl, id, IPC_RMID, NULL);
	CALL(msgctl, id, IPC_RMID, NULL);
}

static void semaphores(void)
{
	struct sembuf up = {0, 2, 0}, down[2] = {{0, -1, SEM_UNDO}, {1, 0, IPC_NOWAIT}};
	struct timespec moment = {0, 1000};
	int id = CALL(semget, IPC_PRIVATE, 2, IPC_CREAT | IPC_EXCL | 0640);

	CALL(semop, id, &up, 1);
	CALL(semop, id, down, 2);
	CALL(semop, -1, down, 2);
	CALL(semtimedop, id, down, 2, &moment);
	down[0].sem_op = -5;
	CALL(semtimedop, id, down, 1, &moment);
	CALL(semctl, id, 0, SETVAL, 4L);
	CALL(semctl, id, 0, GETVAL, 0L);
	CALL(semctl, id, 0, IPC_RMID, 0L);
	CALL(semctl, id, 0, GETPID, 0L);
}

static void segments(void)
{
	int id = CALL(shmget, IPC_PRIVATE, 4096L, IPC_CREAT | 0600);
	void *at = (void *)CALL(shmat, id, NULL, SHM_RDONLY);

	CALL(shmget, 0x5073, 4096L, 0);
	CALL(shmat, -1, NULL, 0);
	CALL(shmdt, at);
	CALL(shmdt, at);
	CALL(shmctl, id, IPC_RMID, NULL);
	CALL(shmctl, id, SHM_LOCK, NULL);
}

static void queues(void)
{
	struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 32}, was;
	struct timespec never = {1000, 0};
	char buffer[32];
	unsigned int priority;
	int fd = CALL(mq_open, "sonde-corpus", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attr);

	CALL(mq_open, "sonde-missing", O_RDONLY, 0, NULL);
	CALL(mq_timedsend, fd, "first", 5L, 3, &never);
	CALL(mq_timedsend, fd, "second, which is longer than the limit", 38L, 3, NULL);
	CALL(mq_getsetattr, fd, NULL, &was);
	CALL(mq_timedreceive, fd, buffer, sizeof(buffer), &priority, NULL);
	CALL(mq_timedreceive, fd, buffer, sizeof(buffer), &priority, &never);
	CALL(mq_notify, fd, NULL);
	CALL(mq_unlink, "sonde-corpus");
	CALL(mq_unlink, "sonde-corpus");
	CALL(close, fd);
}

int main(void)
{
	messages();
	semaphores();
	segments();
	queues();
	return 0;
}
