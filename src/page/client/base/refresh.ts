/** What is told anew again and again, without losing where somebody has scrolled to or stands. */

/** Puts tables and drawings in place of those that are there: a table of the same columns keeps its box, place and focus. */
export function refresh(into: Element, ...made: readonly HTMLElement[]): void {
  const there = [...into.children];
  const same = there.length === made.length && made.every((one, i) => headOf(one) === headOf(there[i]!));
  if (!same) {
    into.replaceChildren(...made);
    return;
  }
  for (const [i, one] of made.entries()) {
    const old = there[i]!;
    const [from, to] = [one.querySelector("tbody"), old.querySelector("tbody")];
    if (from && to) {
      if (from.innerHTML !== to.innerHTML) to.replaceChildren(...from.childNodes);
    } else if (old.outerHTML !== one.outerHTML) old.replaceWith(one);
  }
}
const headOf = (of: Element): string => `${of.tagName} ${of.getAttribute("aria-label")} ${of.querySelector("thead")?.innerHTML}`;
