// In the place of node:stream and node:zlib, which the readers of files name for packed ones: a page unpacks by DecompressionStream.
const none = () => {
  throw new Error("not in a page");
};

export { none as createGunzip, none as createInflateRaw, none as pipeline, none as Readable };
