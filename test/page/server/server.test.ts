/** Who is let in, what a browser is told, and ports. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { crc32c } from "../../../src/bus/frame.js";
import { LiveSource } from "../../../src/page/server/live_source.js";
import type { PageOptions } from "../../../src/page/server/page_server.js";
import { PageServer } from "../../../src/page/server/page_server.js";
import { requireBuilt } from "../../support/cli.js";
import { market } from "../kit.js";

beforeAll(requireBuilt);

async function served(more: Partial<PageOptions> = {}): Promise<string> {
  const server = new PageServer(
    new LiveSource(market().job),
    { host: "127.0.0.1", port: 0, token: undefined, reserved: [], ...more },
    crc32c,
  );
  onTestFinished(() => server.close());
  return server.listen();
}
function get(
  url: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, method }, (response) => {
      let text = "";
      response
        .on("data", (data) => (text += data))
        .on("end", () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    asked.on("error", reject).end();
  });
}
const socket = async (url: string, headers: Record<string, string> = {}): Promise<number> => {
  const client = new WebSocket(url.replace("http", "ws"), { headers });
  const status = await Promise.race([
    once(client, "open").then(() => 101),
    once(client, "unexpected-response").then(([, response]) => response.statusCode as number),
  ]);
  client.on("error", () => {}).terminate();
  return status;
};

describe("the page's server", () => {
  it("gives its own files alone, with a policy that lets nothing in from elsewhere", async () => {
    const url = await served();
    const page = await get(url);
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
    expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(page.text).not.toMatch(/https?:|<script(?! type="module" src="\/page.js")|style=/);
    for (const file of ["page.js", "page.css", "icon.svg"]) expect((await get(url + file)).status, file).toBe(200);
    for (const file of ["page.html", "../package.json", "%2e%2e/package.json", "ws"])
      expect((await get(url + file)).status, file).toBe(404);
    for (const method of ["POST", "PUT", "DELETE"]) expect((await get(url, {}, method)).status, method).toBe(405);
  });

  it("refuses pages of others, and names that lead here", async () => {
    const url = await served();
    const at = new URL(url).host;
    const ask = async (headers: Record<string, string>) => [(await get(url, headers)).status, await socket(`${url}ws`, headers)];
    expect(await ask({ origin: `http://${at}` })).toEqual([200, 101]);
    expect(await ask({ origin: "https://evil.example" })).toEqual([403, 403]);
    expect(await ask({ origin: "null" })).toEqual([403, 403]);
    expect(await ask({ host: "evil.example" })).toEqual([403, 403]);
  });

  it("asks for its token where it has one, but for the files that everybody has", async () => {
    const url = await served({ token: "a b&c" });
    expect(url).toMatch(/\/\?token=a%20b%26c$/);
    const bare = url.split("?")[0]!;
    expect([(await get(url)).status, (await get(bare)).status, (await get(`${bare}page.js`)).status]).toEqual([200, 401, 200]);
    expect([await socket(`${bare}ws`), await socket(`${bare}ws?token=a%20b%26c`), await socket(`${bare}ws?token=ab`)]).toEqual([
      401, 101, 401,
    ]);
    expect((await get(`${bare}page.js`, { host: "evil.example" })).status).toBe(403);
  });

  it("takes the next port where the usual one is taken, and says so where one was asked for", async () => {
    const first = Number(new URL(await served({ port: undefined })).port);
    const second = Number(new URL(await served({ port: undefined, reserved: [first + 1] })).port);
    expect(second).toBeGreaterThan(first + 1);
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    await expect(served({ port })).rejects.toMatchObject({ code: "E_PORT", message: `page: port ${port} of 127.0.0.1 is taken` });
    await expect(served({ host: "0.0.0.0" })).rejects.toMatchObject({ code: "E_PAGE_TOKEN" });
  });
});
