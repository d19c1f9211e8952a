import { z } from "zod";
import { durationField, fields } from "../../providers/fields.ts";
import { LOG_LEVELS } from "../config.ts";
import { countField, limitField, sizeField, textField } from "./values.ts";

export const limits = () =>
  fields({ max_stdin: sizeField().prefault("4MiB") })
    .prefault({})
    .transform(({ maxStdin }) => ({ maxStdinBytes: maxStdin }));

export const ledger = () =>
  fields({
    path: textField().optional(),
    durability: z.enum(["normal", "full"]).default("normal"),
    retention: limitField().prefault("400d"),
    prompt_hashes: z.boolean().default(false),
  })
    .prefault({})
    .transform(({ retention, ...rest }) => ({ ...rest, retentionMs: retention }));

const queue = () =>
  fields({
    per_tenant: z.int().min(0).default(32),
    total: z.int().min(0).default(512),
    max_wait: durationField().prefault("1s"),
  })
    .prefault({})
    .transform(({ maxWait, ...rest }) => ({ ...rest, maxWaitMs: maxWait }));

const listen = () =>
  z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, {
      message: "expected HOST:PORT, such as 127.0.0.1:4100",
    })
    .nullable()
    .default(null);

export const daemon = () =>
  fields({
    socket: textField().optional(),
    listen: listen(),
    max_concurrent: countField().default(2_000),
    queue: queue(),
    drain: durationField().prefault("10s"),
    log: fields({ level: z.enum(LOG_LEVELS).default("info"), content: z.boolean().default(false) }).prefault(
      {},
    ),
  })
    .prefault({})
    .transform(({ drain, ...rest }) => ({ ...rest, drainMs: drain }));

/** The base address of a collector; the paths of the signals are appended, and its log line holds no secret. */
const collector = () =>
  textField().refine(isPlainAddress, {
    message: "expected the address of an OTLP/HTTP collector, such as http://127.0.0.1:4318",
  });

function isPlainAddress(text: string): boolean {
  const { protocol, username, password } = URL.parse(text) ?? {};
  const isHttp = protocol === "http:" || protocol === "https:";
  return isHttp && !username && !password && !/[?#]/.test(text);
}

export const telemetry = () =>
  fields({
    prometheus: z.boolean().default(true),
    otlp_endpoint: collector().nullable().default(null),
  }).prefault({});

const PACKAGE = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** A path relative to anything would let a folder choose what is run. */
export const isModule = (name: unknown): name is string =>
  typeof name === "string" && (name.startsWith("/") || PACKAGE.test(name));

/** Whole modules, trusted like the program itself. */
export const plugins = () =>
  z
    .array(
      fields({
        module: textField().refine(isModule, {
          message: "expected an absolute path or the name of a package",
        }),
      }),
    )
    .default([]);
