/* SPDX-License-Identifier: Apache-2.0 */
/* What is a function called in its own language, C++ or Rust, whose symbol is _ZN4shop4sellEv? */
#ifndef SONDE_DEMANGLE_H
#define SONDE_DEMANGLE_H

#include "../base/base.h"

/* "shop::sell", without parameters and Rust's hashes, to be freed. NULL: it is called what its
 * symbol is, or there is no memory. */
char *demangle(const char *symbol);
/* Whether it is what a compiler made of a function, f.isra.0, which is called otherwise than its
 * types say. */
bool is_clone(const char *name);

#endif
