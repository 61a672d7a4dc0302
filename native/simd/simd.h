// The few explicit vector helpers: one set of types, one name for an operation whatever the width of its vectors.
#pragma once
#include "memory.h"
#include "operations.h"
#include "types.h"
