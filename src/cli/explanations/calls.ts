import type { Entry } from "./entry.js";

export const calls: readonly Entry[] = [
  [
    "E_NOT_POSITIVE_DEFINITE",
    "A covariance is singular or indefinite: at the row that the message names, nothing is left of the variance once the rows before it are known.",
    "Leave out an asset that others replicate or that never moves, estimate from more observations or with ledoitWolf, or mend the matrix with nearestPositiveDefinite.",
    "badData",
  ],
  ["E_INPUT", "A kernel was not given an object of columns.", "Pass { time, price, size, ... } as its contract names them."],
  [
    "E_ARGUMENT",
    "An argument is no object of options, settings or arrays, or reading it failed.",
    "Pass plain objects, or leave the argument out; null is not nothing.",
  ],
  [
    "E_MEMORY",
    "There is no memory for the arrays or the state that a call needs.",
    "Give fewer rows at a time, or options that need less: fewer instruments, assets or days.",
  ],
  ["E_PORT_MISSING", "A column that the kernel needs was not given.", "The message names it and what it must be."],
  ["E_PORT_UNKNOWN", "A column was given that the kernel does not have, often a misspelt one.", "The message names the columns there are."],
  ["E_PORTS_CHANGED", "A stream was given other columns than those it began with.", "Give the same columns throughout a stream."],
  [
    "E_DTYPE",
    "A column is not the typed array that the kernel takes, f64 and f32 are mixed, or a pushed value is no number.",
    "Use the type that the message names; all real columns of a call have one type.",
  ],
  ["E_LENGTH", "Columns of one call have different lengths.", "Give all columns one length; a matrix is one array, row after row."],
  [
    "E_RESIZABLE",
    "An array to be bound or streamed lies in a buffer that can be resized, whose length cannot be relied on from one call to the next.",
    "Make the buffer without maxByteLength, or copy the column. A single call takes it as it is.",
  ],
  ["E_SHAPE", "The lengths alone do not tell the shape of a matrix.", "Give the parameter that sets its width."],
  ["E_OPTION_MISSING", "An option without a default was not given.", "Give it; its meaning is in the message.", "usage"],
  [
    "E_OPTION_UNKNOWN",
    "An option, or a setting beside the options, was given that there is not, often a misspelt one.",
    "The message names those there are.",
    "usage",
  ],
  [
    "E_OPTION_RANGE",
    "An option is outside its range or of another type. Values are never clamped.",
    "Use a value in the range that the message names.",
    "usage",
  ],
  ["E_OPTIONS", "Options, or options and columns, do not go together.", "The message says which.", "usage"],
  [
    "E_OUTPUT_LIMIT",
    "Bars or buckets are so small that there would be more of them than are allowed: 1,048,576, or 16 for each row of input where that is more.",
    "Make them larger: --bucket-volume, or the option that the message names. By program, { maxRows } allows more; a stream goes on after poll() with the rows that `accepted` does not count.",
    "usage",
  ],
  [
    "E_TOO_FEW",
    "An input has fewer rows than the method needs.",
    "Give at least as many as the message says, or choose a method that needs less.",
    "badData",
  ],
  ["E_VALUE", "A kernel refused a row for a reason of its own.", "Look at the row that the message names.", "badData"],
  [
    "E_LEDGER",
    "The accounts of a walked portfolio do not add up: start, gains and costs are not its end, or what was put into an asset and what it gained is not what is held. It is checked in every run.",
    "A fault of tickforge, not of your data: please report it with the command and, where you may, the file.",
  ],
  [
    "E_RUINED",
    "Short positions of a walked portfolio lost more than it had: from there on nothing of it can be computed.",
    "Look at the price that the message names, which may be a bad print or a split, or allow fewer short positions (--max-short).",
    "badData",
  ],
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
    "A buffer was detached, or resized so that a view lies outside it, before the call or after the kernel was bound to it.",
    "Copy the buffer instead of transferring it; bind again.",
  ],
  [
    "E_STATE",
    "The memory given as state does not hold the state of this kernel with these options, or it is damaged: cut short, not what its checksum says, or with a value that the kernel cannot have left there.",
    "Pass zeroed memory to start, or what the same kernel with the same options has used; of a damaged state restore another copy.",
  ],
  ["E_STREAM", "The kernel keeps no state, so rows cannot be pushed to it in pieces.", "Call it on whole columns."],
];
