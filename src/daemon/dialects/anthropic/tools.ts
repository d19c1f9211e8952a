import { z } from "zod";
import type { CompletionRequest, Tool } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import { type Losses, noteExtras, noteUntranslatable } from "../losses.ts";
import { anyObject } from "../read-member.ts";
import { plainWord } from "./blocks.ts";
import { read } from "./read.ts";

type Tools = Pick<CompletionRequest, "tools" | "toolChoice" | "parallelToolCalls">;

/**
 * The tools of a body and how they are to be chosen from.
 * @throws RiptideError `invalid_request`
 */
export function toolsOf(body: JsonObject, losses: Losses): Tools {
  const listed = read(z.array(anyTool).nullish(), body.tools, "tools") ?? [];
  const tools = listed.flatMap((tool, index) => toolOf(tool, `tools.${index}`, losses));
  const asked = read(choice.nullish(), body.tool_choice, "tool_choice");
  return {
    ...(tools.length > 0 && { tools }),
    ...(asked && tools.length > 0 && choiceOf(asked, losses)),
  };
}

const anyTool = z.looseObject({ type: z.string().nullish() });
const customTool = z.looseObject({
  name: z.string().min(1),
  description: z.string().nullish(),
  input_schema: anyObject,
  strict: z.boolean().nullish(),
});

function toolOf(tool: z.infer<typeof anyTool>, path: string, losses: Losses): readonly Tool[] {
  if (tool.type && tool.type !== "custom") {
    noteUntranslatable(losses, `the tool ${plainWord(tool.type)}`);
    return [];
  }
  const { name, description, input_schema: parameters, strict } = read(customTool, tool, path);
  noteExtras(losses, tool, ["type", "name", "description", "input_schema", "strict"]);
  return [
    {
      name,
      parameters,
      ...(typeof description === "string" && { description }),
      ...(typeof strict === "boolean" && { strict }),
    },
  ];
}

const parallel = { disable_parallel_tool_use: z.boolean().nullish() };
const choice = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("auto"), ...parallel }),
  z.looseObject({ type: z.literal("any"), ...parallel }),
  z.looseObject({ type: z.literal("tool"), name: z.string().min(1), ...parallel }),
  z.looseObject({ type: z.literal("none") }),
]);

const CHOICES = { auto: "auto", any: "required", none: "none" } as const;

function choiceOf(asked: z.infer<typeof choice>, losses: Losses): Tools {
  noteExtras(losses, asked, ["type", "name", "disable_parallel_tool_use"]);
  const toolChoice = asked.type === "tool" ? { name: asked.name } : CHOICES[asked.type];
  return { toolChoice, ...(asked.disable_parallel_tool_use === true && { parallelToolCalls: false }) };
}
