import { z } from "zod";
import type { ImagePart, Message } from "../../../core/completion.ts";
import { type Losses, noteExtras } from "../losses.ts";
import { wrongMember } from "../read-member.ts";
import { type AnyBlock, contentOf, foreignBlock, imageOf, textOf } from "./blocks.ts";
import { read } from "./read.ts";

/** Names of the tools called so far, by the id of the call. */
export type CalledTools = ReadonlyMap<string, string>;

const toolResult = z.looseObject({
  tool_use_id: z.string().min(1),
  content: contentOf.nullish(),
  is_error: z.boolean().nullish(),
});

/**
 * What a tool gave back, as the message and the images that other vendors take beside it.
 * @throws RiptideError `invalid_request`, also for a result of a call that is nowhere before it.
 */
export function resultOf(
  block: AnyBlock,
  path: string,
  { losses, called }: { readonly losses: Losses; readonly called: CalledTools },
): { readonly message: Message; readonly images: readonly ImagePart[] } {
  const { tool_use_id: toolCallId, content, is_error: isError } = read(toolResult, block, path);
  noteExtras(losses, block, ["type", "tool_use_id", "content", "is_error"]);
  const name = called.get(toolCallId);
  if (name === undefined) throw wrongMember(`${path}.tool_use_id`, "no tool_use block before it has this id");
  const texts: string[] = [];
  const images: ImagePart[] = [];
  for (const [index, part] of (content ?? []).entries()) {
    const at = `${path}.content.${index}`;
    // Ours is one text, so neighbours and images lose their place.
    if (index > 0 || part.type !== "text") losses.isLossy = true;
    if (part.type === "text") texts.push(textOf(part, at, losses));
    else if (part.type === "image")
      images.push(...[imageOf(part, at, losses)].filter((image) => image !== undefined));
    else foreignBlock(part, losses);
  }
  const message: Message = {
    ...{ role: "tool", toolCallId, name, content: texts.join("\n") },
    ...(isError && { isError }),
  };
  return { message, images };
}
