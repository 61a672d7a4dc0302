/** A text of shaders in which every literal and operator can be made wrong by its number: see mutants.h. */

export interface Mutant {
  number: number;
  /** `shaders/pair.h: const float sum = a + b;` */
  place: string;
  /** What is wrong there: the token, which of its kind on the line, and what became of it. */
  change: string;
}

const token =
  /"[^"]*"|\[\[.*?\]\]|as_type<\w+>|static_cast<\w+>|0[xX][0-9a-fA-F.]+(?:p[+-]?\d+)?[fuUlL]*|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[fuUlL]*|[A-Za-z_]\w*|<<=|>>=|->|\+\+|--|[-+*/%^&|<>=!]=|<<|>>|&&|\|\||::|[^\s]/g;
const types = /^(?:void|bool|u?(?:char|short|int|long)[24]?|float[24]?|pair|\w+_t|auto|device|constant|threadgroup|thread|const)$/;
const binary: Record<string, [string, string]> = {
  ...{ "+": ["-", "-"], "-": ["+", "+"], "*": ["/", "+"], "/": ["*", "+"], "%": ["/", "+"] },
  ...{ "<<": [">>", "+"], ">>": ["<<", "+"], "&": ["|", "^"], "|": ["&", "^"], "^": ["|", "&"] },
  ...{ "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!=", "<="], "!=": ["==", "<"] },
};
const assignments = /^(?:[-+*/^|&]|<<|>>)=$/;
const signs: Record<string, string> = { "-": "Minus", "!": "Not", "~": "Bits" };
const functions: Record<string, [call: string, change: string]> = {
  ...{ add: ["Add", "times"], times: ["Times", "add"], over: ["Over", "times"] },
  ...{ exact_sum: ["ExactSum", "without its error"], exact_product: ["ExactProduct", "without its error"] },
  ...{ ordered_sum: ["OrderedSum", "without its error"], min: ["Min", "max"], max: ["Max", "min"], fma: ["Fma", "- c"] },
};

/** Rewrites a text of shaderSource. */
export function withMutants(text: string): { text: string; mutants: Mutant[] } {
  const mutants: Mutant[] = [];
  let file = "";
  let next = 0;
  let parameters = false; // of a kernel: nothing but types and bindings
  let fields = false; // of a struct
  const bare = text.replace(/\/\/.*$/gm, "");
  const structs = new Set([...bare.matchAll(/^struct (\w+)/gm)].map((m) => m[1]!));
  const isType = (name: string) => types.test(name) || structs.has(name);
  const lines = bare.split("\n").map((line) => {
    const named = /^#line \d+ "(.*)"/.exec(line)?.[1];
    if (named) file = named;
    const defined = /^#define \w+ (?=.)/.exec(line)?.[0] ?? "";
    if ((line.startsWith("#") && !defined) || line.startsWith("using ") || !file.startsWith("shaders/")) return line;
    fields ||= line.startsWith("struct ");
    if (fields) {
      fields = !line.startsWith("};");
      return line;
    }
    const counts = new Map<string, number>();
    const site = (what: string, ...changes: string[]): number => {
      const count = (counts.get(what) ?? 0) + 1;
      counts.set(what, count);
      const number = next;
      next += 2;
      for (const [kind, change] of changes.entries())
        if (change !== changes[kind - 1])
          mutants.push({
            number: number + kind,
            place: `${file}: ${line.trim()}`,
            change: `${what}${count > 1 ? ` (${count})` : ""} -> ${change}`,
          });
      return number;
    };
    const tokens = line.slice(defined.length).match(token) ?? [];
    const made: string[] = [];
    const conditions: number[] = []; // brackets open since `if`
    for (let i = 0; i < tokens.length; i++) {
      const [before, one, after] = [tokens[i - 1] ?? "", tokens[i]!, tokens[i + 1] ?? ""];
      if (one === "kernel") parameters = true;
      if (parameters) {
        if (one === "{") parameters = false;
        made.push(one);
        continue;
      }
      const operand = /^[\w.]+$|^[)\]]$/.test(before) && before !== "return";
      if (/^[\d.]/.test(one) && one !== "." && !(before === "[" && isType(tokens[i - 3] ?? ""))) {
        const real = /^0[xX]/.test(one) ? one.includes("p") : /[.ef]/.test(one);
        const off = real ? ["1% off", "1e-6 off"] : [`${one} + 1`, `${one} - 1`];
        made.push(`literal(Site{${site(one, ...off)}}, ${one})`);
      } else if (one === "if" && after === "(") {
        made.push(one, `(holds(Site{${site("if", "if not")}}, bool(`);
        conditions.push(1);
        i++;
        continue;
      } else if (/^(\+\+|--)$/.test(one) && /^[A-Za-z_]\w*$/.test(before)) {
        const name = made.splice(made.at(-2) === "." ? -3 : -1).join("");
        made.push(`step_${one === "++" ? "up" : "down"}(Site{${site(one, "by 2")}}, ${name})`);
      } else if (functions[one] && after === "(" && !isType(before)) {
        const [call, change] = functions[one];
        made.push(`${call}{${site(one, change)}}`);
      } else if (assignments.test(one)) made.push(one, `Site{${site(one, "the inverse")}}`, one);
      else if (one === "&&") made.push(`&& !Site{${site(one, "and never")}}.wrong() &&`);
      else if (one === "||") {
        const number = site(one, "or always", "without what follows"); // what follows is still not looked at where it must not be
        made.push(`|| Site{${number}}.wrong() || !Site{${number}}.wrong(1) &&`);
      } else if (one === "?") made.push(`|| Site{${site("?", "always")}}.wrong() ?`);
      else if (operand && !isType(before) && binary[one]) made.push(one, `Site{${site(one, ...binary[one])}}`, one);
      else if (!operand && signs[one]) made.push(`${signs[one]}{${site(`sign ${one}`, "none")}}->*`);
      else made.push(one);
      if (conditions.length > 0) {
        if (one === "(") conditions[0]!++;
        if (one === ")" && --conditions[0]! === 0) {
          made.push("))");
          conditions.pop();
        }
      }
    }
    return (defined + made.join(" ")).replace(/^(kernel void \w+) /, "$1").replace(/THREADGROUP \( (\d+) \)/g, "THREADGROUP($1)");
  });
  const head = '#include <metal_stdlib>\nusing namespace metal;\n#include "mutants.h"\n';
  return { text: head + lines.join("\n"), mutants };
}
