import { describe, expect, it } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { vertex } from "../../src/providers/vertex/plugin.ts";
import { vertexDialect } from "../helpers/dialects/vertex.ts";
import { contextFor } from "../helpers/drive.ts";
import { describeAdapter } from "./adapter-contract.ts";

const create = async (endpoint: string | undefined, options: object = {}) => {
  const type = vertex.types.vertex;
  if (!type) throw new Error("no such type");
  const accessToken = new Secret("ya29.test");
  return type.create({ project: "test-project", accessToken, endpoint, ...options }, contextFor());
};

const skips = { models: "the vendor's list is not offered" } as const;

describeAdapter("vertex (Gemini 2.5)", {
  dialect: vertexDialect,
  model: "gemini-2.5-flash",
  embeddingModel: "text-embedding-005",
  create: (url) => create(`${url}/v1/`),
  skips,
});

describeAdapter("vertex (Gemini 3)", {
  dialect: vertexDialect,
  model: "google/gemini-3-pro-preview",
  wireModel: "gemini-3-pro-preview",
  embeddingModel: "gemini-embedding-001",
  create: (url) => create(url, { location: "us-central1" }),
  skips,
});

describeAdapter("vertex (newest embeddings)", {
  dialect: vertexDialect,
  model: "gemini-3.5-flash",
  embeddingModel: "gemini-embedding-2",
  create: (url) => create(url),
  skips,
});

describe("vertex provider type", () => {
  it.each([
    ["global", "https://aiplatform.googleapis.com"],
    ["eu", "https://aiplatform.eu.rep.googleapis.com"],
    ["us", "https://aiplatform.us.rep.googleapis.com"],
    ["europe-west4", "https://europe-west4-aiplatform.googleapis.com"],
  ])("reaches location %s at its own host", async (location, host) => {
    expect((await create(undefined, { location })).baseUrl).toBe(host);
  });

  it("needs a project, and a location that can stand in a host name", async () => {
    const schema = await vertex.types.vertex?.options();
    expect(schema?.safeParse({ project: "p" }).success).toBe(true);
    expect(schema?.safeParse({ project: "p", location: "evil.example/" }).success).toBe(false);
    expect(schema?.safeParse({ location: "eu" }).success).toBe(false);
  });

  it("reads the publisher's list when no model is named for the probe", async () => {
    const { adapter } = await create("http://127.0.0.1:9");
    expect(adapter.probe.toWire()).toMatchObject({
      method: "GET",
      url: "http://127.0.0.1:9/v1beta1/publishers/google/models?pageSize=1",
    });
  });
});
