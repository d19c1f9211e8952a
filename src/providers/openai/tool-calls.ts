import type { StreamEvent } from "../../core/events.ts";
import { wrongShape } from "../failure.ts";
import { isObject, numberAt, textAt, valueAt } from "../read.ts";
import { argumentsText, madeCallId } from "./reply.ts";

/** Reads the pieces of a stream's tool calls. */
export interface ToolCallReader {
  read(pieces: readonly unknown[], completionId: string): readonly StreamEvent[];
  /** Whether there was a tool call. */
  any(): boolean;
}

/** A call that is being written: its place in RipTide's numbering and the server's id. */
interface OpenCall {
  readonly index: number;
  readonly id: string | undefined;
}

/**
 * Pieces belong together by the server's index. A new id at a known index is a new call: some servers send
 * index 0 for all parallel calls. Calls are numbered anew, so that a server's index is never trusted as a size.
 */
export function toolCallReader(): ToolCallReader {
  const open = new Map<number, OpenCall>();
  let opened = 0;

  const start = (piece: unknown, place: number, id: string | undefined, made: string): StreamEvent => {
    const name = textAt(piece, "function", "name");
    if (!name) throw wrongShape("a tool call of the stream has no name");
    const index = opened;
    opened += 1;
    open.set(place, { index, id });
    return { type: "tool_call", index, id: id ?? made, name, argumentsDelta: argumentsText(piece) };
  };

  const readPiece = (piece: unknown, completionId: string): readonly StreamEvent[] => {
    const id = textAt(piece, "id") || undefined;
    const place = numberAt(piece, "index") ?? (id ? opened : opened - 1);
    const call = open.get(place);
    if (call && belongs(call, id)) return continued(call, piece);
    // Pieces of a kind that is not asked for, such as `custom`, have no function.
    if (!isObject(valueAt(piece, "function"))) return [];
    return [start(piece, place, id, madeCallId(completionId, opened))];
  };

  return {
    read: (pieces, completionId) => pieces.flatMap((piece) => readPiece(piece, completionId)),
    any: () => opened > 0,
  };
}

const belongs = (call: OpenCall, id: string | undefined) => id === undefined || id === call.id;

function continued({ index }: OpenCall, piece: unknown): readonly StreamEvent[] {
  const argumentsDelta = argumentsText(piece);
  return argumentsDelta === "" ? [] : [{ type: "tool_call", index, argumentsDelta }];
}
