/** Who is let in, and where a gateway may listen. */
import { type IncomingHttpHeaders, request } from "node:http";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import type { TickforgeError } from "../../src/core/contract/errors.js";
import { Gateway, type GatewayOptions } from "../../src/gateway/gateway.js";
import { client, started, toxicity } from "./kit.js";

const token = "a long random text";
/** The status for a request with these headers. */
const ask = (port: number, headers: Record<string, string>, path = "/topics") =>
  new Promise<[status: number, text: string, headers: IncomingHttpHeaders]>((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers }, (response) => {
      let text = "";
      response.on("data", (part) => (text += part)).on("end", () => resolve([response.statusCode!, text, response.headers]));
    });
    asked.on("error", reject).end();
  });
const make = (options: Partial<GatewayOptions>) =>
  new Gateway({ topics: [toxicity], subscribe: (of) => new MemoryBus().subscribe(of), ...options });
const codeOf = async (does: () => unknown) => {
  try {
    await does();
  } catch (error) {
    return [(error as TickforgeError).code, `${(error as Error).message}: ${(error as TickforgeError).hint}`];
  }
  return "nothing";
};

describe("on this machine alone", () => {
  it("pages of this machine may read, those of others not, whatever name led them here", async () => {
    const { port, url } = await started({ origins: ["https://desk.example"] });
    const status = async (headers: Record<string, string>) => (await ask(port, headers))[0];
    expect(await status({})).toBe(200);
    for (const origin of [`http://127.0.0.1:${port}`, "http://localhost:5173", "https://desk.example"]) {
      const [code, , headers] = await ask(port, { origin });
      expect([code, headers["access-control-allow-origin"]]).toEqual([200, origin]);
    }
    for (const origin of ["https://evil.example", "null", "https://desk.example.evil.example", "http://127.0.0.1.evil.example"]) {
      expect([origin, await status({ origin })]).toEqual([origin, 403]);
      await expect(client(url, { headers: { origin } })).rejects.toThrow(`403 pages of ${origin} may not read here`);
    }
    // The name of a page that was made to point to this address.
    for (const host of ["evil.example", `evil.example:${port}`, "192.168.1.7"]) expect([host, await status({ host })]).toEqual([host, 403]);
    await expect(client(url, { headers: { host: "evil.example" } })).rejects.toThrow("403 this server is not known as");
    for (const host of ["localhost", `127.0.0.1:${port}`, "desk.example", "[::1]:80"])
      expect([host, await status({ host })]).toEqual([host, 200]);
  });

  it("a token that is given is asked for", async () => {
    const { port, url, gateway } = await started({ token });
    const query = `?token=${encodeURIComponent(token)}`;
    expect((await ask(port, {}))[0]).toBe(401);
    for (const wrong of [`Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Basic ${token}`]) {
      const [status, text] = await ask(port, { authorization: wrong });
      expect([status, text]).toEqual([401, expect.not.stringContaining(token)]);
    }
    expect((await ask(port, { authorization: `Bearer ${token}` }))[0]).toBe(200);
    expect((await ask(port, {}, `/topics${query}`))[0]).toBe(200);
    await expect(client(url)).rejects.toThrow("401 a token is needed");
    await expect(client(url, { path: "/ws?token=no" })).rejects.toThrow("401 the token is not the right one");
    await client(url, { path: `/ws${query}` });
    await client(url, { headers: { authorization: `Bearer ${token}` } });
    expect(gateway.stats()).toMatchObject({ came: 2, turnedAway: 6 });
    await expect(client(url, { path: `/elsewhere${query}` })).rejects.toThrow("404 WebSockets are at /ws");
  });
});

describe("for others", () => {
  it("a gateway does not listen without a token", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.7", "desk.example"])
      expect(await codeOf(() => make({ host }))).toEqual([
        "E_GATEWAY_TOKEN",
        expect.stringContaining(`listening on ${host} without a token`),
      ]);
    expect(await codeOf(() => make({ token: "" }))).toEqual(["E_GATEWAY_TOKEN", expect.stringContaining("the token is empty")]);
  });

  it("it is known by its addresses, and pages that it serves may read", async () => {
    const { port } = await started({ host: "0.0.0.0", token });
    const headers = { authorization: `Bearer ${token}`, host: `192.168.1.7:${port}` };
    expect((await ask(port, headers))[0]).toBe(200);
    expect((await ask(port, { ...headers, origin: `http://192.168.1.7:${port}` }))[0]).toBe(200);
    expect((await ask(port, { ...headers, origin: "http://192.168.1.8" }))[0]).toBe(403);
    expect((await ask(port, { ...headers, host: "evil.example" }))[0]).toBe(403);
  });
});

describe("what cannot be", () => {
  it("a port that is taken is named, with what to do", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const said = expect.stringMatching(new RegExp(`port ${port} of 127\\.0\\.0\\.1 is taken: .*lsof -i :${port}`));
    expect(await codeOf(() => make({ port }).listen())).toEqual(["E_PORT", said]);
    expect(await codeOf(() => make({ port: 70_000 }).listen())).toEqual(["E_PORT", expect.stringContaining("port 70000")]);
    await new Promise((resolve) => other.close(resolve));
  });

  it("options are refused by name", async () => {
    const cases: [Partial<GatewayOptions>, string, string][] = [
      [{ limits: { client: 3 } as never }, "E_GATEWAY_OPTION", "did you mean clients?"],
      [{ limits: { clients: 0 } }, "E_GATEWAY_OPTION", "limits.clients is 0"],
      [{ limits: { bufferedBytes: 1000 } }, "E_GATEWAY_OPTION", "limits.messageBytes is 262144"],
      [{ origins: ["desk.example/"] }, "E_GATEWAY_OPTION", "origins has 'desk.example/'"],
      [{ never: ["toxcity"] }, "E_GATEWAY_TOPIC", "did you mean toxicity?"],
      [{ subscribe: 7 as never }, "E_ARGUMENT", "Gateway: subscribe"],
    ];
    for (const [options, code, said] of cases) expect(await codeOf(() => make(options))).toEqual([code, expect.stringContaining(said)]);
    const gateway = make({});
    await gateway.listen();
    expect(await codeOf(() => gateway.listen())).toEqual(["E_GATEWAY_OPTION", expect.stringContaining("listens already")]);
    await gateway.close();
  });
});
