import { describe, expect, it } from "vitest";
import { RiptideError } from "../../src/core/errors.ts";
import { Secret } from "../../src/core/secret.ts";
import type { Door } from "../../src/daemon/http/exchange.ts";
import { replyJson } from "../../src/daemon/http/exchange.ts";
import { identify } from "../../src/daemon/identity.ts";
import type { Route } from "../../src/daemon/routes.ts";
import { tenantKeys } from "../../src/daemon/tenant-keys.ts";
import { callRaw, fakeDaemon, openDoor } from "../helpers/fake-daemon.ts";
import { fakeStage, type Stage } from "../helpers/fake-provider.ts";

const TREE = {
  tenants: { list: { acme: { key: "sk-acme" }, beta: { key: "sk-beta" }, open: {} } },
} as const;
const KEYS = new Map([
  ["acme", new Secret("sk-acme")],
  ["beta", new Secret("sk-beta")],
]);
const MAIN: Door = { kind: "main" };
const TCP: Door = { kind: "tcp" };

const stage: Stage = await fakeStage({ a: [] }, TREE);

function who(
  door: Door,
  named: string | undefined,
  headers: Readonly<Record<string, string>>,
  keys = KEYS,
): string {
  const caller = { door, request: { headers } } as unknown as Parameters<typeof identify>[0]; // Nothing else is looked at.
  try {
    return identify(caller, named, { generation: stage.generation, keys });
  } catch (error) {
    return error instanceof RiptideError ? error.code : String(error);
  }
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const REFUSED = "tenant_key_invalid";

describe("identity", () => {
  it.each([
    ["nobody is the default tenant", MAIN, undefined, {}, "default"],
    ["a name is taken from a name", MAIN, "open", {}, "open"],
    ["a key of no tenant is ignored", MAIN, "open", bearer("sk-sdk"), "open"],
    ["a key of no tenant is ignored for nobody", MAIN, undefined, { "x-api-key": "sk-sdk" }, "default"],
    ["a tenant with a key is not taken from a name", MAIN, "acme", {}, REFUSED],
    ["nor with a wrong key", MAIN, "acme", bearer("sk-acmf"), REFUSED],
    ["nor with another tenant's", MAIN, "acme", bearer("sk-beta"), REFUSED],
    ["its key makes it so", MAIN, "acme", bearer("sk-acme"), "acme"],
    ["its key alone names it", MAIN, undefined, bearer("sk-acme"), "acme"],
    ["x-api-key is as good", MAIN, undefined, { "x-api-key": "sk-beta" }, "beta"],
    ["either of two keys will do", MAIN, undefined, { ...bearer("sk-sdk"), "x-api-key": "sk-beta" }, "beta"],
    ["a key does not act for others", MAIN, "open", bearer("sk-acme"), REFUSED],
    ["by TCP a key is wanted", TCP, "open", {}, REFUSED],
    ["by TCP an unknown key is refused", TCP, undefined, bearer("sk-sdk"), REFUSED],
    ["by TCP a key names the tenant", TCP, undefined, bearer("sk-acme"), "acme"],
    [
      "a tenant's socket is that tenant",
      { kind: "tenant", tenant: "acme" },
      "beta",
      bearer("sk-beta"),
      "acme",
    ],
  ] as const)("%s", (_name, door, named, headers, tenant) => {
    expect(who(door, named, headers)).toBe(tenant);
  });

  it("fails closed where keys are not known", () => {
    expect(who(MAIN, "acme", bearer("sk-acme"), new Map())).toBe(REFUSED);
    expect(who(TCP, undefined, bearer("sk-acme"), new Map())).toBe(REFUSED);
  });

  it("resolves the keys of tenants that have one", async () => {
    const asked: string[] = [];
    const keys = await tenantKeys(stage.config, async (_source, owner, path) => {
      asked.push(`${owner} ${path.join(".")}`);
      return new Secret("k");
    });
    expect([...keys.keys()]).toEqual(["acme", "beta"]);
    expect(asked).toEqual(["tenant acme tenants.list.acme.key", "tenant beta tenants.list.beta.key"]);
  });
});

describe("by TCP (H-3)", () => {
  const answer: Route = async (exchange) => replyJson(exchange, { ok: true });
  const routes = {
    "GET /healthz": answer,
    "POST /riptide/v1/shutdown": answer,
    "POST /v1/chat/completions": answer,
  };

  async function statusOf(head: string, lines: readonly string[], door: Door = TCP): Promise<number> {
    const place = await openDoor(routes, fakeDaemon(stage.generation, { keys: KEYS }), door);
    const host = lines.some((line) => line.startsWith("host")) ? [] : [`host: 127.0.0.1:${place.port}`];
    const caller = callRaw(place, [`${head} HTTP/1.1`, ...host, ...lines, "", ""].join("\r\n"));
    return Number(/^HTTP\/1\.1 (\d+)/.exec(await caller.until("}"))?.[1]);
  }

  const KEY = "authorization: Bearer sk-acme";
  it.each([
    ["a key lets in", "GET /healthz", [KEY], 200],
    ["localhost is a name of ours", "GET /healthz", [KEY, "host: localhost"], 200],
    ["no key is refused whatever is asked for", "GET /healthz", [], 401],
    ["another host's name is refused", "GET /healthz", [KEY, "host: evil.example"], 403],
    ["another port is refused", "GET /healthz", [KEY, "host: 127.0.0.1:1"], 403],
    ["a web page is refused", "GET /healthz", [KEY, "origin: http://localhost"], 403],
    ["a body says that it is JSON", "POST /v1/chat/completions", [KEY, "content-length: 0"], 200],
    ["the daemon is not controlled", "POST /riptide/v1/shutdown", [KEY], 403],
  ])("%s", async (_name, head, lines, status) => {
    expect(await statusOf(head, lines)).toBe(status);
  });

  it("a body without a type is refused", async () => {
    expect(await statusOf("POST /v1/chat/completions", [KEY, "content-length: 2"])).toBe(415);
  });

  it("a tenant's own socket controls nothing but its work", async () => {
    const door = { kind: "tenant", tenant: "acme" } as const;
    expect(await statusOf("POST /riptide/v1/shutdown", [], door)).toBe(403);
    expect(await statusOf("POST /v1/chat/completions", [], door)).toBe(200);
  });
});
