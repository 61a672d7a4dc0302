/** Changes of shaders that no test can see, each with its reason: a pattern of the place and the change. */
export const unseen: readonly (readonly [pattern: RegExp, reason: string])[] = [];
