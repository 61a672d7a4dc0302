/** Drawings made of elements and attributes, as h makes those of text. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** To a tenth of a pixel: what moves by less than can be seen is the same drawing. */
export const px = (value: number): string => String(Math.round(10 * value) / 10);
