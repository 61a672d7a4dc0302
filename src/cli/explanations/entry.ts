/** What the command line ends with: by its own fault, that of the data, for want of the add-on, or of the world around it. */
export type Ending = "failed" | "usage" | "badData" | "noAddon";
/** Codes, with blanks between those that mean the same; what they mean; what to do; how it ends, where not as the others of its family do. */
export type Entry = readonly [codes: string, what: string, fix: string, exit?: Ending];
