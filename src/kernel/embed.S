/* SPDX-License-Identifier: Apache-2.0 */
/* The probes' object file as a part of the program. */
	.section .rodata
	.balign 8
	.global sonde_probes_begin
	.global sonde_probes_end
sonde_probes_begin:
	.incbin SONDE_PROBES
sonde_probes_end:
	.section .note.GNU-stack, "", %progbits
