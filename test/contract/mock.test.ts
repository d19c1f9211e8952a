import { mockAdapter } from "../../src/providers/mock/adapter.ts";
import { mockDialect } from "../helpers/dialects/mock.ts";
import { describeAdapter } from "./adapter-contract.ts";

describeAdapter("mock", {
  dialect: mockDialect,
  model: "mock-small",
  create: async (baseUrl) => ({ adapter: mockAdapter(baseUrl), baseUrl }),
  skips: {
    reasoning: "the mock does not reason",
    "parallel tools": "the mock makes one call at a time",
    "cached usage": "the mock has no cache",
    filter: "the mock filters nothing",
    "filter failure": "the mock filters nothing",
  },
});
