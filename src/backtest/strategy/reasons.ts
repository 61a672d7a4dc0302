/** Why a venue ended or rejected an order, in words: by the codes of the kernel `matching`. */
export const kernelReasons: readonly string[] = [
  ...["", "no such order rests", "an order of its id rests", "it would take", "no room for more own orders"],
  ...["nothing left to take", "not to be had whole", "its size is 0"],
];
