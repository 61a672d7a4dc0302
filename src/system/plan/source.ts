/** The text of a system file, and where in it each value stands. */
import { readFileSync } from "node:fs";
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type ErrorDetails, TickforgeError } from "../../core/contract/errors.js";

export type Path = readonly (string | number)[];

/** `engines.toxicity.options.window`, `instruments[2]`. */
export const pathText = (path: Path): string =>
  path
    .map((part, i) =>
      typeof part === "number"
        ? `[${part}]`
        : /^[\w$-]+$/.test(part)
          ? `${i > 0 ? "." : ""}${part}`
          : `[${JSON.stringify(part.slice(0, 60))}]`,
    )
    .join("");

const syntax: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is no value",
  InvalidNumberFormat: "this is no number",
  PropertyNameExpected: "expected a key in double quotes",
  ValueExpected: "expected a value",
  ColonExpected: "expected a colon",
  CommaExpected: "expected a comma",
  CloseBraceExpected: "expected a closing brace",
  CloseBracketExpected: "expected a closing bracket",
  EndOfFileExpected: "there is more behind the end of the object",
  UnexpectedEndOfComment: "a comment does not end",
  UnexpectedEndOfString: "a text does not end",
  InvalidCharacter: "a text has a character that must be escaped",
};

/** What is read, a file or an object of the same form, and errors that say where in it something is wrong. */
export class Source {
  readonly value: unknown;
  private readonly text: string = "";
  private readonly root: Node | undefined;

  constructor(
    /** As the user named it; undefined for an object. */
    readonly file: string | undefined,
    object?: unknown,
    change: (value: unknown) => unknown = (value) => value,
  ) {
    if (file === undefined) {
      this.value = change(object);
      return;
    }
    this.text = this.read(file);
    const errors: ParseError[] = [];
    try {
      this.root = parseTree(this.text, errors, { allowTrailingComma: true });
    } catch (cause) {
      const hint = "A system file nests to five levels or so.";
      throw new TickforgeError("E_SYSTEM_JSON", `${file} cannot be parsed: ${(cause as Error).message}`, { file, hint, cause });
    }
    const [first] = errors;
    if (first)
      throw this.at(
        "E_SYSTEM_JSON",
        first.offset,
        `this is no JSON: ${syntax[printParseErrorCode(first.error)] ?? "it ends here"}`,
        {},
        syntaxHint,
      );
    this.value = change(this.valueOf(this.root!, []));
  }

  /** The error of a value, or with `of: "key"` of its key; what is not in the file is where the nearest key around it is. */
  error(code: string, path: Path, what: string, details: ErrorDetails & { of?: "key" } = {}): TickforgeError {
    const { of, ...fields } = details;
    const where = path.length > 0 ? `${pathText(path)}: ` : "";
    return this.at(code, this.offsetOf(path, of === "key"), where + what, path.length > 0 ? { option: pathText(path), ...fields } : fields);
  }

  private read(file: string): string {
    try {
      const text = readFileSync(file, "utf8");
      return text.startsWith("\ufeff") ? text.slice(1) : text;
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
      throw new TickforgeError("E_SYSTEM_FILE", `${file}: ${missing ? "there is no such file" : (cause as Error).message}`, {
        ...{ file, cause },
        hint: missing ? "check the path; without a file the default system is meant" : "name a file that this user may read",
      });
    }
  }

  private at(code: string, offset: number | undefined, what: string, details: ErrorDetails, hint?: string): TickforgeError {
    const { file } = this;
    const fields = hint === undefined ? details : { hint, ...details };
    if (file === undefined || offset === undefined) return new TickforgeError(code, what, fields);
    const before = this.text.slice(0, offset).split(/\r\n|\r|\n/);
    const [line, column] = [before.length, before.at(-1)!.length + 1];
    return new TickforgeError(code, `${file}:${line}:${column}: ${what}`, { file, line, column, ...fields });
  }

  private offsetOf(path: Path, key: boolean): number | undefined {
    if (!this.root) return undefined;
    const node = findNodeAtLocation(this.root, [...path]);
    if (!node) return this.offsetOf(path.slice(0, -1), true);
    const property = key && node.parent?.type === "property" ? node.parent : node;
    return property.offset;
  }

  /** By hand: a key `__proto__` is a key like others, and one that is there twice is an error. */
  private valueOf(node: Node, path: Path): unknown {
    if (node.type === "array") return node.children!.map((child, i) => this.valueOf(child, [...path, i]));
    if (node.type !== "object") return node.value;
    const seen = new Set<string>();
    const entries = node.children!.map(({ children, offset }): [string, unknown] => {
      const [key, value] = [children![0]!.value as string, children![1]!];
      const inside = [...path, key];
      if (seen.has(key))
        throw this.at("E_SYSTEM_KEY", offset, `${pathText(inside)}: this key is here twice`, {
          option: pathText(inside),
          hint: "remove one",
        });
      seen.add(key);
      return [key, this.valueOf(value, inside)];
    });
    return Object.fromEntries(entries);
  }
}
const syntaxHint = "comments and a comma behind the last item are allowed, all else is as in JSON";
