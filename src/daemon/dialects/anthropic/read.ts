import type { z } from "zod";
import { wrongMember } from "../read-member.ts";

/**
 * Reads a part of a body by its schema.
 * @param path Where the part stands, such as `messages.1.content`; empty for the whole body.
 * @throws RiptideError `invalid_request`, which names the first wrong member as the vendor does.
 */
export function read<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const parsed = schema.safeParse(value, {
    error: ({ input }) => (input === undefined ? MISSING : undefined),
  });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw wrongMember(
    [path, ...(issue?.path ?? [])].filter((step) => step !== "").join("."),
    issue?.message ?? "",
  );
}

const MISSING = "field required";
