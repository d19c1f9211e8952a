import type { Examine } from "./check.ts";

/** The Node that runs this, and the SQLite that came with it. */
export const examineRuntime: Examine = async ({ io }) => {
  const isRoot = process.getuid?.() === 0;
  return [
    {
      name: "node",
      status: "ok",
      summary: `riptide ${io.version} on Node ${io.nodeVersion}, ${process.platform} ${process.arch}`,
    },
    { name: "sqlite", status: "ok", summary: `SQLite ${process.versions.sqlite}` },
    isRoot
      ? {
          name: "user",
          status: "warn",
          summary: "this runs as root, and so would a daemon that it starts",
          remediation: "run riptide as a user of its own",
        }
      : { name: "user", status: "ok", summary: `runs as uid ${process.getuid?.() ?? "?"}, not as root` },
    ...(io.environment.tlsUnchecked
      ? [
          {
            name: "tls",
            status: "warn" as const,
            summary: "NODE_TLS_REJECT_UNAUTHORIZED=0: no certificate would be checked",
            remediation: "unset it, and name the authority of a private server with ca_file",
          },
        ]
      : []),
  ];
};
