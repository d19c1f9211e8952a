import { originOf } from "../origin.ts";
import { definePlugin, type ProviderType } from "../plugin.ts";
import type { VertexOptions } from "./options.ts";

const vertexType: ProviderType<VertexOptions> = {
  aliases: ["google_vertex"],
  operations: ["complete", "stream", "embed", "count tokens"],
  authentication: "OAuth token from service account, ADC, metadata server",
  options: async () => (await import("./options.ts")).vertexOptions,
  async create({ project, location = "global", endpoint, credentialsFile, accessToken }, context) {
    const [{ vertexAdapter }, { originIn }, { googleTokenSource }] = await Promise.all([
      import("./adapter.ts"),
      import("./address.ts"),
      import("../../wire/google-token.ts"),
    ]);
    const baseUrl = originOf(endpoint ?? originIn(location));
    const authoriser = googleTokenSource({
      ...(credentialsFile !== undefined && { credentialsFile }),
      ...(accessToken !== undefined && { accessToken }),
      environment: context.environment,
      readFile: context.readFile,
      transport: context.credentialTransport,
      clock: context.clock,
    });
    return { adapter: vertexAdapter({ baseUrl, project, location }), baseUrl, authoriser };
  },
};

/** Gemini, and Claude, on Google Cloud's Vertex AI. */
export const vertex = definePlugin({ apiVersion: 1, types: { vertex: vertexType } });
