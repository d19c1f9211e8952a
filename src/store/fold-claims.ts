import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
} from "node:fs";
import { dirname, join } from "node:path";
import { RiptideError } from "../core/errors.ts";
import { pendingPath } from "./emergency.ts";
import { makeFolder } from "./folder.ts";
import { lifeOf, type Owner } from "./owner.ts";

/** An emergency file that this process alone books: nobody appends to it any more. */
export interface Claim {
  readonly path: string;
}

/** A claim of a process nothing can be told of is taken over when it is this old. */
const MAX_CLAIM_MS = 600_000;

/** Where claimed files lie until they are booked. */
const claimsFolder = (ledgerPath: string): string => `${ledgerPath}.pending`;

const statOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

/** Whether anything may have to be booked. */
export const hasPending = (ledgerPath: string): boolean =>
  statOf(pendingPath(ledgerPath)) !== undefined || statOf(claimsFolder(ledgerPath)) !== undefined;

/**
 * What is for this process to book: what dead processes had claimed, and the emergency file itself, which it claims.
 * @throws RiptideError `unsafe_permissions` for what is not a file of this user.
 */
export function claimsOf(
  ledgerPath: string,
  { owner, nowMs }: { readonly owner: Owner; readonly nowMs: number },
): readonly Claim[] {
  const folder = claimsFolder(ledgerPath);
  const own = claimPending(ledgerPath, owner);
  const claims = (namesIn(folder) ?? []).map((name) => join(folder, name));
  // An empty folder is what a process left that ended between its last two steps.
  if (claims.length === 0) removeFolder(folder);
  return claims.filter((path) => path === own || isAbandoned(path, owner, nowMs)).map((path) => ({ path }));
}

function claimPending(ledgerPath: string, owner: Owner): string | undefined {
  const pending = pendingPath(ledgerPath);
  const stat = statOf(pending);
  if (stat === undefined) return undefined;
  if (!isOwnFile(stat)) throw strange(pending);
  const folder = claimsFolder(ledgerPath);
  const path = join(folder, claimName(owner));
  makeFolder(folder);
  requireOwnFolder(folder);
  try {
    renameSync(pending, path);
    return path;
  } catch (error) {
    // Another process was quicker; if it was the folder that went, the next process will find the file.
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** @throws RiptideError `unsafe_permissions` for a link or a file of somebody else. */
export function readClaim({ path }: Claim): readonly string[] {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
  try {
    if (!isOwnFile(fstatSync(file))) throw strange(path);
    return readFileSync(file, "utf8").split("\n").filter(Boolean);
  } finally {
    closeSync(file);
  }
}

/** Ends a claim whose lines are all booked or set aside. */
export function removeClaim({ path }: Claim): void {
  rmSync(path, { force: true });
  removeFolder(dirname(path));
}

/** Removes the folder when nothing is left in it. */
function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!isGone(error) && codeOf(error) !== "ENOTEMPTY") throw error;
  }
}

function namesIn(folder: string): readonly string[] | undefined {
  try {
    if (statOf(folder) === undefined) return undefined;
    requireOwnFolder(folder);
    return readdirSync(folder);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Process number, its start, a token of its own, and where these numbers mean something. */
const claimName = ({ pid, started, boot }: Owner): string =>
  `${pid}-${started}-${randomBytes(4).toString("hex")}-${Buffer.from(boot).toString("base64url")}.jsonl`;

/** True for a claim whose process is gone or is this one, which then had failed before. */
function isAbandoned(path: string, owner: Owner, nowMs: number): boolean {
  const claimant = claimantOf(path);
  const stat = statOf(path);
  if (stat === undefined) return false;
  if (claimant === undefined) return nowMs - stat.ctimeMs > MAX_CLAIM_MS;
  const { pid, started, boot } = claimant;
  if (pid === owner.pid && started === owner.started && boot === owner.boot) return true;
  const life = lifeOf(claimant, owner.boot);
  return life === "dead" || (life === "unknown" && nowMs - stat.ctimeMs > MAX_CLAIM_MS);
}

function claimantOf(path: string): Owner | undefined {
  const [, pid, started, boot] = /(\d+)-(\d+)-[0-9a-f]{8}-([\w-]*)\.jsonl$/.exec(path) ?? [];
  if (pid === undefined || started === undefined || boot === undefined) return undefined;
  return { pid: Number(pid), started: Number(started), boot: Buffer.from(boot, "base64url").toString() };
}

const isOwnFile = (stat: Stats): boolean => stat.isFile() && stat.uid === process.getuid?.();

function requireOwnFolder(folder: string): void {
  const stat = lstatSync(folder);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) throw strange(folder);
}

const strange = (path: string) =>
  new RiptideError("unsafe_permissions", `${path} is not a file of this user`, { hint: `rm ${path}` });

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

const isGone = (error: unknown): boolean => codeOf(error) === "ENOENT";
