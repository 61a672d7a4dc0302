/** The page's policy: WebAssembly needs a word of its own; without it everything computes as well, on the reference. */
const policy = "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'";

export default {
  reactStrictMode: true,
  turbopack: { root: import.meta.dirname },
  headers: async () => [{ source: "/:path*", headers: [{ key: "content-security-policy", value: policy }] }],
};
