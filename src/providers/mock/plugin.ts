import { definePlugin, type ProviderType } from "../plugin.ts";
import type { MockOptions } from "./options.ts";

const mockType: ProviderType<MockOptions> = {
  operations: ["complete", "stream", "embed", "list models", "count tokens"],
  free: true,
  authentication: "none",
  options: async () => (await import("./options.ts")).mockOptions,
  async create(options, context) {
    const [{ mockAdapter }, { mockTransport }] = await Promise.all([
      import("./adapter.ts"),
      import("./transport.ts"),
    ]);
    const baseUrl = "http://mock.invalid"; // A reserved name (RFC 2606): nothing is ever sent there.
    return { adapter: mockAdapter(baseUrl), baseUrl, transport: mockTransport(options, context.clock) };
  },
};

/** Scripted answers, delays and faults without network or keys. */
export const mock = definePlugin({ apiVersion: 1, types: { mock: mockType } });
