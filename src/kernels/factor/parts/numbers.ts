/** Numbers of a panel as text, a date on each line; NaN is missing. */
export const numbers = (text: string): number[] => text.trim().split(/\s+/).map(Number);
