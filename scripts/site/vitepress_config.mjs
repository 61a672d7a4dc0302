// Of the site: its bars, its search, and where the playground finds what it runs. Loaded by VitePress. Needs dist.
import { fileURLToPath } from "node:url";
import { api, families, headings } from "./pages.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const list = (text, items) => ({ text, items: items.map(([title, link]) => ({ text: title, link })) });

const guides = [
  list("Guides", [
    ["Start", "/start"],
    ["Toxicity of a file", "/files"],
    ["A live system", "/system"],
    ["Risk of a fund", "/kernels/risk"],
    ["A factor model", "/factors"],
    ["Portfolios", "/portfolio"],
    ["Back-tests", "/backtest"],
    ["Weights in a system", "/weights"],
    ["Selection", "/selection"],
    ["Coming from Python", "/coming-from-python"],
  ]),
  list("Data", [
    ["Columns", "/columns"],
    ["Quotes", "/quotes"],
    ["Order books", "/books"],
    ["Live feeds", "/feeds"],
    ["Messages", "/messages"],
    ["From Python", "/python"],
  ]),
  list("Systems", [
    ["The engines", "/engines"],
    ["Methods of the engines", "/engine-methods"],
    ["The bus", "/bus"],
    ["The page", "/page"],
    ["Gateway", "/gateway"],
    ["Several hosts", "/hosts"],
    ["Drill", "/drill"],
  ]),
  list("Your own", [
    ["A kernel", "/add-a-kernel"],
    ["An engine", "/writing_engines"],
    ["A feed", "/contributing#add-a-feed"],
    ["How it is built", "/architecture"],
    ["Contributing", "/contributing"],
    ["Decisions", "/decisions/"],
  ]),
  list("Running it", [
    ["Backends and WebAssembly", "/backends"],
    ["Bundlers", "/bundlers"],
    ["When it does not load", "/when-it-does-not-load"],
    ["Benchmarks", "/benchmarks"],
    ["Dependencies", "/dependencies"],
    ["Stability", "/stability"],
    ["Changes", "/changelog"],
  ]),
];
const linked = new Set(guides.flatMap(({ items }) => items.map(({ link }) => link)));
/** Documents that no list names, by their headings. */
const more = headings
  .map(([place, title]) => [title, `/${place.replace(/(index)?\.md$/, "")}`])
  .filter(([, link]) => !link.slice(1).includes("/") && !linked.has(link));
if (more.length > 0) guides.push(list("More", more));

/** In the bar of a family its kernels, and below them the other families. */
const kernels = Object.fromEntries(
  families.map(({ family, title, names }) => {
    const others = families.filter((other) => other.family !== family).map((other) => [other.title, `/kernels/${other.family}`]);
    const own = [["All of them", `/kernels/${family}`], ...names.map((name) => [name, `/kernels/${family}/${name}`])];
    return [`/kernels/${family}`, [list(title, own), list("Other kernels", others)]];
  }),
);
const reference = [
  list(
    "Public names",
    api.map(({ title, path }) => [title, `/${path.replace(".md", "")}`]),
  ),
];

/** As GitHub makes the anchors of headings, for the pages are read there too. */
const slugify = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

/** The head of a column without one is no header: who hears the page would be told of a name that is none. */
function emptyHeads(md) {
  md.core.ruler.push("empty_heads", ({ tokens }) => {
    tokens.forEach(({ type }, i) => {
      if (type === "th_open" && tokens[i + 1].content === "") tokens[i].tag = tokens[i + 2].tag = "td";
    });
  });
}

/** The modules lie beside the bundle that is shipped, of which the playground takes the parts. */
const beside = {
  name: "modules-beside",
  transform: (code, id) =>
    id.endsWith("/backends/wasm.js") ? code.replaceAll('new URL("./tickforge-', 'new URL("../../lib/tickforge-') : undefined,
};

export const config = {
  title: "tickforge",
  description: "Order-flow toxicity, risk, factor and portfolio kernels in C++ and WebAssembly behind TypeScript",
  lang: "en",
  head: [["link", { rel: "icon", href: "/icon.svg" }]],
  outDir: at("../../out/site/built"),
  cacheDir: at("../../out/site/cache"),
  cleanUrls: true,
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    math: true,
    html: false,
    anchor: { slugify },
    config: emptyHeads,
  },
  themeConfig: {
    nav: [
      { text: "Guides", link: "/start" },
      { text: "Kernels", link: "/kernels/flow" },
      { text: "Reference", link: "/api/tickforge" },
      { text: "Playground", link: "/playground" },
    ],
    sidebar: { ...kernels, "/api/": reference, "/": guides },
    outline: [2, 3],
    search: { provider: "local", options: { translations: { button: { buttonAriaLabel: "Search" } } } },
  },
  vite: {
    plugins: [beside],
    resolve: {
      alias: [
        { find: /^node:(stream|zlib)$/, replacement: at("theme/no_node.mjs") },
        { find: /^#built\//, replacement: `${at("../../dist/src")}/` },
        { find: /^tickforge\/browser$/, replacement: at("../../dist/src/browser.js") },
      ],
    },
    server: { fs: { allow: [at("../..")] } },
    build: { chunkSizeWarningLimit: 5000, assetsInlineLimit: 0 },
  },
};
