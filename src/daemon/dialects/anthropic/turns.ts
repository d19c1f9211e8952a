import { z } from "zod";
import type { ContentPart, ImagePart, Message } from "../../../core/completion.ts";
import type { Losses } from "../losses.ts";
import { type AnyBlock, contentOf, foreignBlock, imageOf, textOf, toolCallOf } from "./blocks.ts";
import { read } from "./read.ts";
import { type CalledTools, resultOf } from "./tool-result.ts";

const turn = z.looseObject({ role: z.enum(["user", "assistant", "system"]), content: contentOf });
const turns = z.array(turn).min(1, "at least one message is required");

/**
 * The vendor's turns as messages of ours.
 * @throws RiptideError `invalid_request`
 */
export function messagesOf(value: unknown, losses: Losses): readonly Message[] {
  const called: Map<string, string> = new Map();
  return read(turns, value, "messages").flatMap(({ role, content }, index): readonly Message[] => {
    const path = `messages.${index}.content`;
    if (role === "assistant") return assistantTurn(content, { path, losses, called });
    if (role === "user") return userTurn(content, { path, losses, called });
    // In the middle of a conversation only the vendor's own words keep its place.
    losses.isLossy = true;
    return [{ role: "system", content: systemText(content, path, losses) }];
  });
}

/** The text of a system prompt, whose blocks are paragraphs to other vendors. */
export function systemText(blocks: readonly AnyBlock[], path: string, losses: Losses): string {
  if (blocks.length > 1) losses.isLossy = true;
  return blocks
    .flatMap((block, index) => {
      if (block.type === "text") return [textOf(block, `${path}.${index}`, losses)];
      foreignBlock(block, losses);
      return [];
    })
    .join("\n\n");
}

interface Around {
  readonly path: string;
  readonly losses: Losses;
  readonly called: CalledTools;
}

function assistantTurn(
  blocks: readonly AnyBlock[],
  { path, losses, called }: Omit<Around, "called"> & { readonly called: Map<string, string> },
): readonly Message[] {
  const texts: string[] = [];
  const toolCalls = blocks.flatMap((block, index) => {
    const at = `${path}.${index}`;
    if (block.type === "tool_use") return [toolCallOf(block, at, losses)];
    if (block.type === "text") {
      // Our own rendering puts all text in one block before the calls.
      if (index > 0) losses.isLossy = true;
      texts.push(textOf(block, at, losses));
    } else if (isThinking(block)) losses.isLossy = true;
    else foreignBlock(block, losses);
    return [];
  });
  for (const { id, name } of toolCalls) called.set(id, name);
  const content = texts.join("");
  if (content === "" && toolCalls.length === 0) return [];
  return [{ role: "assistant", content, ...(toolCalls.length > 0 && { toolCalls }) }];
}

/** A model's thoughts are bound to it by a signature; to others they are no part of the conversation. */
const isThinking = ({ type }: AnyBlock) => type === "thinking" || type === "redacted_thinking";

/** The results of tools are messages of their own and come first; their images follow with the rest. */
function userTurn(blocks: readonly AnyBlock[], { path, losses, called }: Around): readonly Message[] {
  const results: Message[] = [];
  const shown: ImagePart[] = [];
  const parts: ContentPart[] = [];
  for (const [index, block] of blocks.entries()) {
    const at = `${path}.${index}`;
    if (block.type === "tool_result") {
      const { message, images } = resultOf(block, at, { losses, called });
      results.push(message);
      shown.push(...images);
    } else parts.push(...partsOf(block, at, losses));
  }
  const content = [...shown, ...parts];
  if (content.length === 0) return results;
  const [only, ...others] = content;
  const isText = only?.type === "text" && others.length === 0;
  return [...results, { role: "user", content: isText ? only.text : content }];
}

function partsOf(block: AnyBlock, path: string, losses: Losses): readonly ContentPart[] {
  if (block.type === "text") return [{ type: "text", text: textOf(block, path, losses) }];
  if (block.type === "image") return [imageOf(block, path, losses)].filter((part) => part !== undefined);
  foreignBlock(block, losses);
  return [];
}
