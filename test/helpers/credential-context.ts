import { systemClock } from "../../src/core/clock.ts";
import type { CredentialContext } from "../../src/wire/credential-fetch.ts";
import { createNodeTransport } from "../../src/wire/transport-node.ts";
import { type VirtualClock, virtualClock } from "./virtual-clock.ts";

/** A process with these variables and files, time that stands still, and a transport to this machine. */
export function credentialContext(
  variables: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): CredentialContext & { readonly clock: VirtualClock } {
  return {
    environment: (name) => variables[name],
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: "ENOENT" });
      return text;
    },
    transport: createNodeTransport({ allowPrivate: false, allowMetadata: true }, systemClock),
    clock: virtualClock(),
  };
}
