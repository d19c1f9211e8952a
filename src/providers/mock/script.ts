/** How one call of the mock goes. */
export type ScriptStep =
  | { readonly kind: "ok" | "timeout" | "malformed" }
  | { readonly kind: "status"; readonly status: number; readonly retryAfterMs?: number }
  /** The connection is lost, goes silent, or the stream says an error after so many tokens. */
  | { readonly kind: "cut" | "stall" | "error"; readonly afterTokens: number };

/** The part of the mock's options that says how calls go. */
export interface ScriptOptions {
  readonly script?: readonly ScriptStep[] | undefined;
  readonly failAfter?: number | undefined;
  readonly alwaysFail?: boolean | undefined;
}

const OK: ScriptStep = { kind: "ok" };
const FAILURE: ScriptStep = { kind: "status", status: 500 };

/** Gives the steps of a provider's script, one a call; the last one repeats. */
export function createScript(options: ScriptOptions): () => ScriptStep {
  const steps = stepsOf(options);
  let position = 0;
  return () => {
    const step = steps[Math.min(position, steps.length - 1)] ?? OK;
    position += 1;
    return step;
  };
}

function stepsOf({ script, failAfter, alwaysFail }: ScriptOptions): readonly ScriptStep[] {
  if (script) return script;
  if (alwaysFail) return [FAILURE];
  return failAfter === undefined ? [OK] : [...new Array<ScriptStep>(failAfter).fill(OK), FAILURE];
}
