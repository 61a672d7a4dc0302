// What the readers of text files use of Node's Buffer, for a page.
class Bytes extends Uint8Array {
  toString(encoding = "utf8") {
    return new TextDecoder(encoding === "latin1" ? "latin1" : "utf-8").decode(this);
  }
}
const encoder = new TextEncoder();
/** TextDecoder's latin1 is windows-1252; for what stands in files of trades they are the same. */
const latin = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
function from(what, start, length) {
  if (typeof what === "string") return new Bytes((start === "latin1" ? latin(what) : encoder.encode(what)).buffer);
  if (what instanceof ArrayBuffer) return new Bytes(what, start, length);
  return new Bytes(what);
}
/** To be called before the readers are loaded. */
export const putBuffer = () => {
  globalThis.Buffer ??= { from, byteLength: (text) => encoder.encode(text).length };
};
