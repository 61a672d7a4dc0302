import type { Entry } from "./index.js";

export const calls: readonly Entry[] = [
  [
    "E_NOT_POSITIVE_DEFINITE",
    "A covariance is singular or indefinite: at the row that the message names, nothing is left of the variance once the rows before it are known.",
    "Leave out an asset that others replicate or that never moves, estimate from more observations or with ledoitWolf, or mend the matrix with nearestPositiveDefinite.",
  ],
  ["E_INPUT", "A kernel was not given an object of columns.", "Pass { time, price, size, ... } as its contract names them."],
  ["E_PORT_MISSING", "A column that the kernel needs was not given.", "The message names it and what it must be."],
  ["E_PORT_UNKNOWN", "A column was given that the kernel does not have, often a misspelt one.", "The message names the columns there are."],
  ["E_PORTS_CHANGED", "A stream was given other columns than those it began with.", "Give the same columns throughout a stream."],
  [
    "E_DTYPE",
    "A column is not the typed array that the kernel takes, or f64 and f32 are mixed.",
    "Use the type that the message names; all real columns of a call have one type.",
  ],
  [
    "E_LENGTH",
    "Columns of one call have different lengths, or a buffer was detached.",
    "Give all columns one length; copy a buffer instead of transferring it.",
  ],
  ["E_SHAPE", "The lengths alone do not tell the shape of a matrix.", "Give the parameter that sets its width."],
  ["E_OPTION_MISSING", "An option without a default was not given.", "Give it; its meaning is in the message."],
  [
    "E_OPTION_UNKNOWN",
    "An option was given that the kernel does not have, often a misspelt one.",
    "The message names the options there are.",
  ],
  [
    "E_OPTION_RANGE",
    "An option is outside its range or of another type. Values are never clamped.",
    "Use a value in the range that the message names.",
  ],
  ["E_OPTIONS", "Options, or options and columns, do not go together.", "The message says which."],
  [
    "E_OUTPUT_LIMIT",
    "Bars or buckets are so small that there would be more of them than are allowed: 1,048,576, or 16 for each row of input where that is more.",
    "Make them larger: --bucket-volume, or the option that the message names. By program, { maxRows } allows more; a stream goes on after poll() with the rows that `accepted` does not count.",
  ],
  [
    "E_TOO_FEW",
    "An input has fewer rows than the method needs.",
    "Give at least as many as the message says, or choose a method that needs less.",
  ],
  ["E_VALUE", "A kernel refused a row for a reason of its own.", "Look at the row that the message names."],
  ["E_ALIAS", "An output shares memory with an input or another output.", "Give each output memory of its own."],
  [
    "E_OUTPUT_FULL",
    "The output arrays that were passed have no room for all results.",
    "Pass longer ones, or none: then they are made as long as needed.",
  ],
  [
    "E_BIND E_SLOT E_ROWS",
    "A bound kernel was given slots that do not fit, or was called with a slot or rows that it was not bound to.",
    "Bind as many outputs as inputs, or one; call with slots and rows of that binding.",
  ],
  [
    "E_DETACHED",
    "A buffer was detached or resized after the kernel was bound to it.",
    "Bind again, or copy the buffer instead of transferring it.",
  ],
  [
    "E_STATE",
    "The memory given as state does not hold the state of this kernel with these options.",
    "Pass zeroed memory to start, or what the same kernel with the same options has used.",
  ],
  ["E_STREAM", "The kernel keeps no state, so rows cannot be pushed to it in pieces.", "Call it on whole columns."],
];
