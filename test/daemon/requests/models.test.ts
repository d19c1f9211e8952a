import { expect, it } from "vitest";
import { modelRoute, modelsRoute } from "../../../src/daemon/requests/models.ts";
import { callRaw, fakeDaemon, get, openDoor } from "../../helpers/fake-daemon.ts";
import { answers, fakeStage } from "../../helpers/fake-provider.ts";

const TREE = {
  models: {
    default: { targets: ["one/m", "two/m"] },
    dear: { targets: ["two/m"] },
  },
  tenants: { list: { acme: { providers: { allow: ["one"] } }, gone: { suspended: true } } },
};

async function ask(path: string, tenant?: string) {
  const { generation } = await fakeStage({ one: [answers("a")], two: [answers("b")] }, TREE);
  const routes = { "GET /v1/models": modelsRoute, "GET /v1/models/**": modelRoute };
  const place = await openDoor(routes, fakeDaemon(generation));
  const header = tenant === undefined ? "" : `x-riptide-tenant: ${tenant}\r\n`;
  const text = await callRaw(place, get(path).replace("\r\n\r\n", `\r\n${header}\r\n`)).until(/\}$/);
  return { head: text, json: JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4)) };
}
const idsOf = ({ json }: Awaited<ReturnType<typeof ask>>) => json.data.map(({ id }: { id: string }) => id);

it("lists what a tenant may use", async () => {
  expect(idsOf(await ask("/v1/models"))).toEqual(["default", "dear", "one/m", "two/m"]);
  expect(idsOf(await ask("/v1/models", "acme"))).toEqual(["default", "one/m"]);
});

it("does not know a model that the tenant may not use, and says nothing to a suspended one", async () => {
  expect((await ask("/v1/models/dear")).json.id).toBe("dear");
  expect((await ask("/v1/models/dear", "acme")).json.error.code).toBe("not_found");
  expect((await ask("/v1/models", "gone")).head).toMatch(/^HTTP\/1\.1 403/);
});

it("gives each answer an id to ask about", async () => {
  expect((await ask("/v1/models")).head).toContain("x-request-id: req_1");
  expect((await ask("/v1/models/none")).head).toContain("x-riptide-request-id: req_1");
});
