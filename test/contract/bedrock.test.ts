import { Secret } from "../../src/core/secret.ts";
import { bedrock } from "../../src/providers/bedrock/plugin.ts";
import type { ContractSetup } from "../../src/testing/stage.ts";
import { BEARER, bedrockDialect, KEYS } from "../helpers/dialects/bedrock.ts";
import { contextFor } from "../helpers/drive.ts";
import { describeAdapter } from "./adapter-contract.ts";

const create = (credentials: object) => async (url: string) => {
  const type = bedrock.types.bedrock;
  if (!type) throw new Error("no such type");
  return type.create(
    { region: KEYS.region, endpoint: `${url}/`, controlEndpoint: url, ...credentials },
    contextFor(),
  );
};

const setup: Omit<ContractSetup, "create"> = {
  dialect: bedrockDialect,
  model: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
  embeddingModel: "cohere.embed-multilingual-v3",
  skips: {
    "image url": "the vendor fetches no images",
    "filter failure": "a filter is told by the reason to stop",
  },
  noRetryAfter: true,
};

describeAdapter("bedrock with signed requests", {
  ...setup,
  create: create({
    accessKeyId: new Secret(KEYS.accessKeyId),
    secretAccessKey: new Secret(KEYS.secretAccessKey),
  }),
});

describeAdapter("bedrock with a bearer token", {
  ...setup,
  create: create({ bearerToken: new Secret(BEARER) }),
});
