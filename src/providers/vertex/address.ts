import { pathSegment } from "../path-segment.ts";

/** Where one project's models are reached in one location. */
export interface VertexPlace {
  readonly baseUrl: string;
  readonly project: string;
  readonly location: string;
}

/** The origin of the API in a location (Vertex AI documentation, endpoints). */
export function originIn(location: string): string {
  if (location === "global") return "https://aiplatform.googleapis.com";
  if (location === "us" || location === "eu") return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}

/** Claude's names start with its own or its maker's, as in `claude-opus-4-5@20251101` or `anthropic/claude-…`. */
export const isClaude = (model: string): boolean => /^(?:anthropic\/|claude)/.test(model);

/** A model's own name, without the publisher that may stand before it. */
export const plainName = (model: string): string => model.replace(/^(?:anthropic|google)\//, "");

/** The address of one of a model's methods, such as `generateContent`. */
export function methodUrl(
  { baseUrl, project, location }: VertexPlace,
  model: string,
  method: string,
): string {
  const publisher = isClaude(model) ? "anthropic" : "google";
  const path = [
    "projects",
    project,
    "locations",
    location,
    "publishers",
    publisher,
    "models",
    plainName(model),
  ];
  return `${baseUrl}/v1/${path.map(segment).join("/")}:${method}`;
}

/** Dates follow an `@` in Claude's names, and stay readable. */
const segment = (text: string) => pathSegment(text).replaceAll("%40", "@");
