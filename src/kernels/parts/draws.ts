/** How often the paths of a simulation are drawn, and from which seed. */
export const drawParams = {
  seed: {
    type: "i32",
    min: 0,
    doc: "which random numbers: the same seed gives the same paths on every backend, for every number of threads",
  },
  stream: { type: "i32", min: 0, default: 0, doc: "an independent set of paths under the same seed" },
  threads: { type: "i32", min: 1, max: 64, default: 1, doc: "threads that share the work; results are the same to the bit for any number" },
} as const;
