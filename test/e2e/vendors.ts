import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anthropicDialect } from "../helpers/dialects/anthropic.ts";
import { azureDialect } from "../helpers/dialects/azure.ts";
import { bedrockDialect, KEYS } from "../helpers/dialects/bedrock.ts";
import { ollamaDialect } from "../helpers/dialects/ollama.ts";
import { OPENAI, openAiDialect } from "../helpers/dialects/openai.ts";
import { vertexDialect } from "../helpers/dialects/vertex.ts";
import { type RunOptions, type RunResult, runCli } from "../helpers/run-cli.ts";
import type { Dialect } from "../helpers/simulator.ts";

/** One vendor as the user of a command line meets it. */
export interface Vendor {
  readonly name: string;
  readonly dialect: Dialect;
  /** The entry's lines of providers.yaml, for a simulator at this address. */
  readonly entry: (url: string) => readonly string[];
  readonly model: string;
  /** Absent where the vendor has no embeddings. */
  readonly embeddingModel?: string;
  /** The vendor says how long to wait. */
  readonly saysWhen: boolean;
  readonly reportsCache: boolean;
  /** The vendor can be made to call one tool. */
  readonly forcesTools: boolean;
}

export const VENDORS: readonly Vendor[] = [
  {
    name: "openai",
    dialect: openAiDialect(OPENAI),
    entry: (url) => ["type: openai", "api_key: $" + "{OPENAI_API_KEY}", `base_url: ${url}/v1`],
    model: "gpt-4.1-mini",
    embeddingModel: "text-embedding-3-small",
    saysWhen: true,
    reportsCache: true,
    forcesTools: true,
  },
  {
    name: "anthropic",
    dialect: anthropicDialect,
    entry: (url) => ["type: anthropic", "api_key: { env: ANTHROPIC_API_KEY }", `base_url: ${url}`],
    model: "claude-sonnet-4-5",
    saysWhen: true,
    reportsCache: true,
    forcesTools: true,
  },
  {
    name: "azure",
    dialect: azureDialect({
      deployments: ["our-gpt", "our-vectors"],
      credential: ["api-key", "azure-simulated"],
    }),
    entry: (url) => [
      "type: azure-openai",
      "api_key: { env: AZURE_OPENAI_API_KEY }",
      `endpoint: ${url}`,
      "deployments: { gpt-4.1: our-gpt, text-embedding-3-small: our-vectors }",
    ],
    model: "gpt-4.1",
    embeddingModel: "text-embedding-3-small",
    saysWhen: true,
    reportsCache: true,
    forcesTools: true,
  },
  {
    name: "bedrock",
    dialect: bedrockDialect,
    entry: (url) => [
      "type: bedrock",
      `region: ${KEYS.region}`,
      `endpoint: ${url}`,
      `control_endpoint: ${url}`,
    ],
    model: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    embeddingModel: "cohere.embed-multilingual-v3",
    saysWhen: false,
    reportsCache: true,
    forcesTools: true,
  },
  {
    name: "vertex",
    dialect: vertexDialect,
    entry: (url) => [
      "type: vertex",
      "project: test-project",
      "access_token: { env: VERTEX_TOKEN }",
      `endpoint: ${url}`,
    ],
    model: "gemini-2.5-flash",
    embeddingModel: "text-embedding-005",
    saysWhen: true,
    reportsCache: true,
    forcesTools: true,
  },
  {
    name: "ollama",
    dialect: ollamaDialect,
    entry: (url) => ["type: ollama", `base_url: ${url}`],
    model: "llama3.2",
    embeddingModel: "nomic-embed-text",
    saysWhen: false,
    reportsCache: false,
    forcesTools: false,
  },
];

/** Credentials that the simulators accept. */
export const CREDENTIALS: Readonly<Record<string, string>> = {
  OPENAI_API_KEY: "sk-simulated",
  ANTHROPIC_API_KEY: "sk-ant-test",
  AZURE_OPENAI_API_KEY: "azure-simulated",
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: "true",
  VERTEX_TOKEN: "ya29.test",
};

export interface Workplace {
  readonly folder: string;
  write(name: string, content: string | Uint8Array): Promise<string>;
  /** Runs the command line with this folder's providers.yaml and every credential. */
  run(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Removes the ledger, so that the next run knows nothing of the ones before it. */
  forget(): Promise<void>;
  remove(): Promise<void>;
}

/** A folder with a providers.yaml, in which commands are run. */
export async function openWorkplace(yaml: string): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), "riptide-e2e-"));
  const config = join(folder, "providers.yaml");
  await writeFile(config, yaml);
  return {
    folder,
    async write(name, content) {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
    run: (args, options = {}) =>
      runCli(args, {
        cwd: folder,
        home: folder,
        ...options,
        env: { RIPTIDE_CONFIG: config, ...CREDENTIALS, ...options.env },
      }),
    forget: () => rm(join(folder, ".local"), { recursive: true, force: true, maxRetries: 3 }),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** A providers.yaml of vendors at these addresses, in one alias. */
export function yamlOf(
  entries: readonly (readonly [vendor: Vendor, url: string, id?: string])[],
  extra = "",
): string {
  const providers = entries.map(([vendor, url, id = vendor.name]) =>
    [`  ${id}:`, ...vendor.entry(url).map((line) => `    ${line}`)].join("\n"),
  );
  const targets = entries.map(([vendor, , id = vendor.name]) => JSON.stringify(`${id}/${vendor.model}`));
  return `version: 1\nproviders:\n${providers.join("\n")}\nmodels:\n  default:\n    targets: [${targets.join(", ")}]\n${extra}`;
}
