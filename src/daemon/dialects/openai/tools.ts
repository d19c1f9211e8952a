import { z } from "zod";
import type { CompletionRequest, Tool, ToolChoice } from "../../../core/completion.ts";
import type { JsonObject } from "../../../core/json.ts";
import { type Losses, noteExtras, noteUntranslatable } from "../losses.ts";
import { anyObject, readMember } from "../read-member.ts";

type Tools = Pick<CompletionRequest, "tools" | "toolChoice" | "parallelToolCalls">;

/**
 * The tools of a body and how they are to be chosen from.
 * @throws RiptideError `invalid_request`
 */
export function toolsOf(body: JsonObject, losses: Losses): Tools {
  if (Object.keys(members.shape).every((name) => body[name] === undefined)) return {};
  const said = readMember(members, body, "");
  const listed = (said.tools ?? []).flatMap((tool, index) => toolOf(tool, `tools[${index}]`, losses));
  const { toolChoice, only } = choiceOf(said.tool_choice, losses);
  const tools = only ? listed.filter(({ name }) => only.has(name)) : listed;
  if (tools.length === 0) return {};
  const parallelToolCalls = said.parallel_tool_calls ?? undefined;
  return {
    tools,
    ...(toolChoice && { toolChoice }),
    ...(parallelToolCalls !== undefined && { parallelToolCalls }),
  };
}

const anyTool = z.looseObject({ type: z.string() });
const members = z.object({
  tools: z.array(anyTool).nullish(),
  tool_choice: z
    .union([z.string(), anyTool], "expected auto, none, required, or an object that names a tool")
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
});

const functionTool = z.object({
  function: z.looseObject({
    name: z.string().min(1),
    description: z.string().nullish(),
    parameters: anyObject.nullish(),
    strict: z.boolean().nullish(),
  }),
});
const NO_ARGUMENTS: JsonObject = { type: "object", properties: {} };

function toolOf(tool: z.infer<typeof anyTool>, path: string, losses: Losses): readonly Tool[] {
  if (tool.type !== "function") {
    noteUntranslatable(losses, "custom tools");
    return [];
  }
  const { function: said } = readMember(functionTool, tool, path);
  noteExtras(losses, tool, ["type", "function"]);
  noteExtras(losses, said, ["name", "description", "parameters", "strict"]);
  const { name, description, parameters, strict } = said;
  return [
    {
      name,
      parameters: parameters ?? NO_ARGUMENTS,
      ...(typeof description === "string" && { description }),
      ...(typeof strict === "boolean" && { strict }),
    },
  ];
}

interface Choice {
  readonly toolChoice?: ToolChoice;
  /** The tools that may be called, where not all of them may. */
  readonly only?: ReadonlySet<string>;
}

const word = z.enum(["auto", "none", "required"]);
const named = z.object({ function: z.object({ name: z.string().min(1) }) });
const allowed = z.object({
  allowed_tools: z.object({
    mode: z.enum(["auto", "required"]),
    tools: z.array(z.object({ function: z.object({ name: z.string() }).optional() })),
  }),
});

function choiceOf(choice: z.infer<typeof members>["tool_choice"], losses: Losses): Choice {
  if (choice === undefined || choice === null) return {};
  if (typeof choice === "string") return { toolChoice: readMember(word, choice, "tool_choice") };
  if (choice.type === "function") {
    return { toolChoice: { name: readMember(named, choice, "tool_choice").function.name } };
  }
  if (choice.type === "allowed_tools") {
    losses.isLossy = true;
    const { mode, tools } = readMember(allowed, choice, "tool_choice").allowed_tools;
    return { toolChoice: mode, only: new Set(tools.flatMap((tool) => tool.function?.name ?? [])) };
  }
  noteUntranslatable(losses, "custom tools");
  return {};
}
