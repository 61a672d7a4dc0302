/** What stands for nothing in a cell of text, as pandas and R write it. Letters as they are: NAN is a fund's ticker, nan is not. */
const words = new Set(["", "NA", "<NA>", "#NA", "N/A", "n/a", "#N/A", "#N/A N/A", "NaN", "nan", "-nan", "NULL", "null", "None", ".", "-"]);

export const isMissing = (word: string): boolean => words.has(word.trim());
