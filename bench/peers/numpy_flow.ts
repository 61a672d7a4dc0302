/** Order-flow kernels as one would write them in numpy. Each returns columns under the kernel's own names. */
export const numpyFlow: Readonly<Record<string, string>> = {
  asof_join: `
found = np.searchsorted(c["quoteTime"], c["time"], side="right") - 1
return {"index": found.astype(np.int32)}`,
};
